"""The ROC curve of any number of test rows and the area under it, exactly and in bounded memory.

The area is a count of pairs: how often a positive row is ranked above a negative one, ties counting half
(Mann and Whitney's U). Counting them needs both sets of scores in order, and nothing else; so do the corners
of the curve, of which so many are kept that a picture shows no difference.
"""

import heapq
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

_MEMORY_SCORES = 1 << 16  # 2 MiB of Python floats a ranking
_CHUNK_SCORES = 1 << 12
# A kept point is at most this far from the next, across and up together, unless the curve is straight between
# them. The curve is 2 long, so it has at most 2 * 2 / 0.04 + 2 points.
_REACH = 0.04
MAX_POINTS = 102


class SortedScores:
    """Scores that come out in order, however many went in: sorted runs go to a temporary file."""

    def __init__(self, memory_scores: int = _MEMORY_SCORES) -> None:
        self.count = 0
        self._memory_scores = memory_scores
        self._scores: list[float] = []
        self._file: IO[bytes] | None = None
        self._runs: list[tuple[int, int]] = []  # first byte, number of scores

    def extend(self, scores: Iterable[float]) -> None:
        """Takes more scores in; they are never NaN."""
        before = len(self._scores)
        self._scores.extend(scores)
        self.count += len(self._scores) - before
        if len(self._scores) > self._memory_scores:
            self._spill()

    def __iter__(self) -> Iterator[float]:
        """All scores, smallest first."""
        self._scores.sort()
        file = self._file
        if file is None:
            return iter(self._scores)
        return heapq.merge(self._scores, *(_read(file, first, count) for first, count in self._runs))

    def _spill(self) -> None:
        file = self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the object
        self._scores.sort()
        file.seek(0, 2)
        self._runs.append((file.tell(), len(self._scores)))
        array("d", self._scores).tofile(file)
        self._scores = []


class Ranking(NamedTuple):
    """Of the class with index k: its rows' scores, the other rows' scores, and the ROC area, None without contrast."""

    k: int
    own: SortedScores
    rest: SortedScores
    area: float | None


@dataclass(frozen=True)
class RocCurve:
    """Points of a ROC curve from (0, 0) to (negatives, positives), as counts of rows, at most MAX_POINTS.

    area: share of (positive, negative) pairs in which the positive row scores higher, ties counting half. It is
    that of all rows; the area under the kept points differs from it by at most 0.01.
    """

    area: float
    false_positives: tuple[int, ...]
    true_positives: tuple[int, ...]

    @property
    def negatives(self) -> int:
        return self.false_positives[-1]

    @property
    def positives(self) -> int:
        return self.true_positives[-1]


def roc_curve(positive: SortedScores, negative: SortedScores) -> RocCurve | None:
    """The curve of these rows' scores; None where there is no positive or no negative row."""
    if not positive.count or not negative.count:
        return None
    corners = _Corners(positive.count, negative.count)
    doubled = 0  # of the pairs: an integer, however many there are
    below = 0  # negatives under the current score
    waiting = iter(negative)
    next_negative = next(waiting, None)
    score = None
    for passed, current in enumerate(positive):
        if current != score:
            score = current
            after_ties = below
            while next_negative is not None and next_negative < score:
                below += 1
                next_negative = next(waiting, None)
            if below * positive.count + passed * negative.count > corners.limit:
                corners.add(after_ties, passed)
                corners.add(below, passed)
            else:
                corners.newest = below, passed
            tied = 0
            while next_negative is not None and next_negative == score:
                tied += 1
                next_negative = next(waiting, None)
            doubled_per_row = 2 * below + tied
            below += tied
        doubled += doubled_per_row
    corners.add(below, positive.count)
    corners.add(negative.count, positive.count)
    points = [(negative.count - under, positive.count - passed) for under, passed in reversed(corners.all())]
    across, up = zip(*points, strict=True)
    return RocCurve(doubled / (2 * positive.count * negative.count), across, up)


class _Corners:
    """The corners of the curve, from the lowest score up, thinned as _REACH says.

    `limit` is how far the next corner may be for the newest one to be dropped.
    """

    def __init__(self, positives: int, negatives: int) -> None:
        self._positives, self._negatives = positives, negatives
        self._kept: list[tuple[int, int]] = []
        self.newest = 0, 0
        self._keep()

    def add(self, below: int, passed: int) -> None:
        if (below, passed) == self.newest:
            return
        if self._distance(below, passed) > self.limit and self.newest != self._kept[-1]:
            self._keep()
        self.newest = below, passed

    def all(self) -> list[tuple[int, int]]:
        return [*self._kept, self.newest]

    def _keep(self) -> None:
        self._kept.append(self.newest)
        self.limit = self._distance(*self.newest) + _REACH * self._positives * self._negatives

    def _distance(self, below: int, passed: int) -> int:
        return below * self._positives + passed * self._negatives


def _read(file: IO[bytes], first: int, count: int) -> Iterator[float]:
    while count:
        scores = array("d")
        file.seek(first)
        scores.fromfile(file, min(count, _CHUNK_SCORES))
        first += 8 * len(scores)
        count -= len(scores)
        yield from scores
