"""The train rows that models are chosen on, in memory, and the folds they are cut into. Nothing here fits a model."""

from array import array
from collections.abc import Sequence

from shared.event_fields import Json
from shared.folds import Fold
from shared.model.encoding import Encoding
from shared.model.rows import Rows, gathered
from summarize.choosing.candidates import Candidate
from summarize.choosing.fitting_time import affordable_rows, check_time
from summarize.choosing.folds import forward_folds, rows_of_fold, stratified_folds
from summarize.rows.draws import REFIT, Draws, seed_of_fold
from summarize.rows.fit_rows import drawn_places
from summarize.rows.sample import Sample
from summarize.rows.split import CHRONOLOGICAL
from summarize.rows.training_data import TrainingData

# What one invocation may spend on fitting, of the 900 s that a Lambda has: the rest is for reading and scoring.
FIT_SECONDS = 780.0


class FittingRows:
    """The drawn rows as models take them, with labels that are indices into `classes`.

    compared: the candidates that are fitted on them; rows: how many a fold's draw has; forward: folds go forward in
    time, as the split does. own: whether each fold has drawn its own rows, of more train rows.
    """

    def __init__(
        self,
        data: TrainingData,
        draws: Draws,
        sample: Sample,
        encoding: Encoding,
        request: Json,
        compared: Sequence[Candidate],
    ) -> None:
        """The train rows that were drawn, or where the time allows for fewer of them, a draw of these.

        Raises InvalidRequestError where fitting the candidates would outlive the function.
        """
        self.features = encoding.features
        self.classes = data.classes
        self.compared = compared
        self.forward = data.split.method == CHRONOLOGICAL
        self.seed = request["seed"]
        self._data, self._draws, self._sample, self._encoding = data, draws, sample, encoding
        self._kept: tuple[int, Rows] | None = None  # the draw that was asked for last
        about = (self.features, len(self.classes), compared, FIT_SECONDS)
        self.rows = min(data.split.train_rows, draws.most)
        if request["fit_rows"] is None:
            self.rows = affordable_rows(*about, self.rows)
        else:
            check_time(self.rows, *about)
        self.own = draws.own and self.rows < data.split.train_rows

    def of_fold(self, index: int) -> Rows:
        """All rows that are drawn for the fold."""
        own = index if self.own else 0
        if self._kept is None or self._kept[0] != own:
            self._kept = own, self._drawn(self._draws.bit(own), self.rows, seed_of_fold(self.seed, own))
        return self._kept[1]

    def of_all(self, most: int) -> Rows:
        """Train and test rows, at most so many: for a model that is fitted once more."""
        return self._drawn(REFIT, most, self.seed)

    def fold(self, fold: Fold) -> tuple[Rows, Rows]:
        """The rows that the fold's models are fitted on, and those that it holds out."""
        rows = self.of_fold(fold.index)
        train, held_out = rows_of_fold(self._fold_of_row(rows, fold.count), fold.index, self.forward)
        return _taken(rows, train), _taken(rows, held_out)

    def _fold_of_row(self, rows: Rows, count: int) -> bytes:
        """The fold of each row; a place in no fold for the first rows of folds forward in time."""
        if self.forward:
            return forward_folds(len(rows.labels), count)
        return stratified_folds(rows.labels, self.classes, count, self.seed)

    def _drawn(self, bit: int, most: int, seed: int) -> Rows:
        """The rows of the sample with this bit in their mark, or a draw of them."""
        parts = [rows.part for rows in self._sample.drawn(bit)]
        blocks = (Rows(self._encoding.encoded(part.columns), self._data.labels(part)) for part in parts)
        rows = gathered(blocks, self.features)
        return rows if len(rows.labels) <= most else _taken(rows, drawn_places(rows.labels, most, seed))


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
