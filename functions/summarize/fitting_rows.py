"""The train rows that models are chosen on, in memory, and the folds they are cut into. Nothing here fits a model."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from shared.event_fields import Json
from shared.folds import MOST_FIT_ROWS, Fold
from shared.model.rows import Feature, Rows, gathered
from summarize.candidates import Candidate
from summarize.fit_rows import RowDraw
from summarize.fitting_time import affordable_rows, check_time
from summarize.folds import forward_folds, rows_of_fold, stratified_folds
from summarize.split import CHRONOLOGICAL
from summarize.training_data import TrainingData

# What one invocation may spend on fitting, of the 900 s that a Lambda has: the rest is for reading and scoring.
FIT_SECONDS = 780.0


@dataclass(frozen=True)
class FittingRows:
    """Rows with labels that are indices into `classes`.

    compared: the candidates that are fitted on them; forward: folds go forward in time, as the split does.
    """

    rows: Rows
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    compared: Sequence[Candidate]
    forward: bool
    seed: int

    @classmethod
    def of(cls, data: TrainingData, request: Json, compared: Sequence[Candidate]) -> "FittingRows":
        """The train rows, or a draw of them: at most `fit_rows`, or without it what the time allows.

        Raises InvalidRequestError where fitting the candidates would outlive the function.
        """
        features = data.encoding.features
        about = (features, len(data.classes), compared, FIT_SECONDS)
        if request["fit_rows"] is None:
            most = affordable_rows(*about, min(data.split.train_rows, MOST_FIT_ROWS))
        else:
            most = min(data.split.train_rows, request["fit_rows"])
            check_time(most, *about)
        return cls(
            rows=gathered(
                drawn(data.train, data.split.train_rows, data.classes, most, request["seed"]), features
            ),
            features=tuple(features),
            classes=data.classes,
            compared=compared,
            forward=data.split.method == CHRONOLOGICAL,
            seed=request["seed"],
        )

    def fold_of_row(self, count: int) -> bytes:
        """The fold of each row; a place in no fold for the first rows of folds forward in time."""
        if self.forward:
            return forward_folds(len(self.rows.labels), count)
        return stratified_folds(self.rows.labels, self.classes, count, self.seed)

    def fold(self, fold: Fold) -> tuple[Rows, Rows]:
        """The rows that the fold's models are fitted on, and those that it holds out."""
        train, held_out = rows_of_fold(self.fold_of_row(fold.count), fold.index, self.forward)
        return _taken(self.rows, train), _taken(self.rows, held_out)


def drawn(
    blocks: Callable[[], Iterable[Rows]], rows: int, classes: Sequence[str], most: int, seed: int
) -> Iterator[Rows]:
    """The rows of the blocks, which are so many, or a seeded draw of at most `most` of them by class and rank.

    The blocks are walked twice where rows have to be drawn.
    """
    if rows <= most:
        yield from blocks()
        return
    counts: Counter[str] = Counter()
    for block in blocks():
        counts.update({classes[label]: n for label, n in Counter(block.labels).items()})
    draw = RowDraw(counts, most, seed)
    for block in blocks():
        mask = draw.mask([classes[label] for label in block.labels])
        yield Rows(
            [list(compress(column, mask)) for column in block.columns],
            list(compress(block.labels, mask)),
            list(compress(block.places, mask)),
        )


def _taken(rows: Rows, places: Sequence[int]) -> Rows:
    columns = [
        array(
            "d" if isinstance(column, array) and column.typecode == "d" else "H",
            map(column.__getitem__, places),
        )
        for column in rows.columns
    ]
    labels = rows.labels
    kept = map(labels.__getitem__, places)
    return Rows(columns, bytes(kept) if isinstance(labels, bytes) else array("H", kept))
