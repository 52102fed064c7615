"""Whether probabilities are what they say: equal-width bins of predicted probabilities, added up block by block.

The bins are those of sklearn.calibration.calibration_curve(strategy="uniform"): a probability on an edge is in the
bin below it. Memory does not grow with the rows.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from shared.event_fields import Json

BINS = 10
_EDGES = [*(i / BINS for i in range(1, BINS)), 1.0]


class Reliability:
    """Rows, hits (rows of the class) and the sum of probabilities of each bin, of one class's probability."""

    def __init__(self) -> None:
        self._rows = [0] * BINS
        self._hits = [0] * BINS
        self._sums = [0.0] * BINS

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

    def to_json(self) -> Json:
        """rows, hits and mean_probability (None in an empty bin) by bin, from 0 to 1."""
        means = [total / rows if rows else None for total, rows in zip(self._sums, self._rows, strict=True)]
        return {"rows": self._rows, "hits": self._hits, "mean_probability": means}
