"""A model asked about many altered copies of the same rows: in batches, as a call costs more than a row."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched, chain

from shared.model.protocol import Model

_BATCH_ROWS = 16_384
_BATCH_CELLS = 1_000_000  # of a batch, columns or probabilities: 8 MB of references, or 32 MB of floats

type Columns = Sequence[Sequence[float]]
type Altered = Mapping[int, Sequence[float]]  # index of a feature -> its column instead


def scored_copies(
    model: Model, columns: Columns, rows: int, copies: Iterable[Altered]
) -> Iterator[list[list[float]]]:
    """The class probabilities (K lists of n) of each copy of the n rows in which some columns are others.

    Where the model cannot tell a row's classes apart, all of them are as probable.
    """
    most = min(_BATCH_ROWS, _BATCH_CELLS // max(len(columns), len(model.classes)))
    for batch in batched(copies, max(1, most // max(1, rows))):
        together = [
            list(chain.from_iterable(altered.get(j, column) for altered in batch))
            for j, column in enumerate(columns)
        ]
        equal = 1.0 / len(model.classes)
        found = [
            [p if p == p else equal for p in column] if math.isnan(sum(column)) else column
            for column in model.probabilities(together)
        ]
        for first in range(0, rows * len(batch), rows):
            yield [column[first : first + rows] for column in found]
