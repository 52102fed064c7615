"""Whether probabilities are what they say: equal-width bins of predicted probabilities, added up block by block.

The bins are those of sklearn.calibration.calibration_curve(strategy="uniform"): a probability on an edge is in the
bin below it. Memory does not grow with the rows.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from operator import add
from typing import Any, Self

from shared.event_fields import Json

BINS = 10
_NONE = (0,) * BINS
_EDGES = [*(i / BINS for i in range(1, BINS)), 1.0]


class Reliability:
    """Rows, hits (rows of the class) and the sum of probabilities of each bin, of one class's probability."""

    def __init__(
        self, rows: Sequence[int] = _NONE, hits: Sequence[int] = _NONE, sums: Sequence[float] = _NONE
    ) -> None:
        self._rows = list(rows)
        self._hits = list(hits)
        self._sums = list(map(float, sums))

    def add(self, own: Sequence[float], rest: Sequence[float]) -> None:
        """Counts the probabilities of rows of the class and of the other rows, both sorted."""
        for scores, hit in ((own, 1), (rest, 0)):
            start = 0
            for i, edge in enumerate(_EDGES):
                end = bisect_right(scores, edge, start)
                self._rows[i] += end - start
                self._hits[i] += hit * (end - start)
                self._sums[i] += math.fsum(scores[start:end])
                start = end

    def merge(self, later: Self) -> Self:
        return type(self)(
            list(map(add, self._rows, later._rows)),
            list(map(add, self._hits, later._hits)),
            list(map(add, self._sums, later._sums)),
        )

    def to_state(self) -> object:
        return [self._rows, self._hits, self._sums]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        return cls(*state)

    def to_json(self) -> Json:
        """rows, hits and mean_probability (None in an empty bin) by bin, from 0 to 1."""
        means = [total / rows if rows else None for total, rows in zip(self._sums, self._rows, strict=True)]
        return {"rows": self._rows, "hits": self._hits, "mean_probability": means}
