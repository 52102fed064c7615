"""Which rows are drawn of a dataset, before anything is learned of them: for each fold, for a model that is fitted once
more, for the profiles and for the explanation. A row's draws follow from its place, its class and its rank within it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from shared.event_fields import Json
from shared.folds import FEWEST_ROWS, MOST_FIT_ROWS, fold_count, folds_of, rows_to_fit
from shared.model.decision import F1, rule_of
from shared.model.registry import GAUSSIAN
from summarize.rows.fit_rows import RowDraw, drawn_ranks, hashed, places_by_class
from summarize.rows.profiles import rows_to_profile
from summarize.rows.split import Split
from summarize.rows.training_data import Sides, TrainingData

# Bits of a row's mark; those below are the folds', one a fold.
REFIT, PROFILED, EXPLAINED = 1 << 5, 1 << 6, 1 << 7
EXPLAINED_ROWS = 2_000
_MOST_CELLS = 20_000_000  # of a fold's rows, where the request does not say how many: 160 MB
_MOST_CELLS_OF_ALL = 40_000_000  # of all folds' rows, where each draws its own


@dataclass(frozen=True)
class Draws:
    """Draws of train rows, of all rows, and of test rows.

    folds: of train rows, one a fold; or one for all folds, where it takes every train row, or where the rows of all
    would not fit in memory; none where no rows are fitted on. most: how many rows each of them has at most; own:
    whether a fold has its own rows where it has not all. refit: of all rows, for a model that is fitted once more.
    profiled, explained: how many are drawn by place, of all rows and of the test rows.
    """

    split: Split
    most: int
    own: bool
    folds: tuple[RowDraw, ...]
    refit: RowDraw | None
    profiled: int
    explained: int
    seed: int

    @classmethod
    def of(cls, data: TrainingData, request: Json) -> "Draws":
        seed, split = request["seed"], data.split
        count = _draws(request, data.rows)
        columns = max(1, len(data.inputs))
        most = request["fit_rows"] or min(MOST_FIT_ROWS, _MOST_CELLS // columns)
        own = split.train_rows <= most or count * most * columns <= _MOST_CELLS_OF_ALL
        apart = count if own and split.train_rows > most else min(count, 1)
        return cls(
            split,
            most,
            own,
            tuple(
                RowDraw(split.train_rows_per_class, most, seed_of_fold(seed, fold)) for fold in range(apart)
            ),
            RowDraw(data.rows_per_class, most, seed) if _refits(request) else None,
            rows_to_profile(len(data.inputs), len(data.classes)),
            EXPLAINED_ROWS,
            seed,
        )

    def bit(self, fold: int) -> int:
        """Of the mark of a row that is drawn for the fold."""
        return 1 << min(fold, len(self.folds) - 1)

    def marks(self, sides: Sides) -> bytes:
        """The mark of each row: the bits of all that it is drawn for."""
        part, first, before = sides.stretch.part, sides.stretch.first, sides.stretch.before
        is_test = sides.is_test
        marks = bytearray(part.rows)
        test_before = {name: self.split.test_before(name, rows) for name, rows in before.items()}
        if self.folds:
            train = places_by_class(part.codes, [place for place, test in enumerate(is_test) if not test])
            train_before = {name: rows - test_before[name] for name, rows in before.items()}
            for fold, draw in enumerate(self.folds):
                _mark(marks, 1 << fold, draw, part.classes, train, train_before)
        if self.refit:
            _mark(
                marks, REFIT, self.refit, part.classes, places_by_class(part.codes, range(part.rows)), before
            )
        for rank in drawn_ranks(self.split.rows, self.profiled, self.seed, first, first + part.rows):
            marks[rank - first] |= PROFILED
        test = list(compress(range(part.rows), is_test))
        start = sum(test_before.values())
        for rank in drawn_ranks(self.split.test_rows, self.explained, self.seed, start, start + len(test)):
            marks[test[rank - start]] |= EXPLAINED
        return bytes(marks)


def seed_of_fold(seed: int, fold: int) -> int:
    """Of a fold's draw: the first one's is the request's."""
    return hashed(seed, fold) if fold else seed


def _draws(request: Json, rows: int) -> int:
    """How many folds draw rows; of too few rows to choose a model by, all are taken at once."""
    if request["model"] == GAUSSIAN.kind and rule_of(request["threshold"]) != F1:
        return 0
    fit = rows_to_fit(request, rows)
    return len(folds_of(request, rows)) or (fold_count(fit) if fit >= FEWEST_ROWS else 1)


def _refits(request: Json) -> bool:
    """Whether a model is fitted once more to drawn rows; the Gaussian needs none."""
    return request["refit_all"] and request["model"] != GAUSSIAN.kind


def _mark(
    marks: bytearray,
    bit: int,
    draw: RowDraw,
    names: Sequence[str],
    places: Mapping[int, Sequence[int]],
    before: Mapping[str, int],
) -> None:
    """Sets the bit of the drawn ones of these places, which are given by class; before: ranks that came before."""
    for code, of_class in places.items():
        start = before.get(names[code], 0)
        for rank in draw.ranks(names[code], start, start + len(of_class)):
            marks[of_class[rank - start]] |= bit
