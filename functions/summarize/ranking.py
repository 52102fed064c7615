"""The area under the ROC curve of any number of test rows, exactly and in bounded memory.

The area is a count of pairs: how often a positive row is ranked above a negative one, ties counting half
(Mann and Whitney's U). Counting them needs both sets of scores in order, and nothing else.
"""

import heapq
import tempfile
from array import array
from collections.abc import Iterable, Iterator

_MEMORY_SCORES = 1 << 16  # 2 MiB of Python floats a ranking
_CHUNK_SCORES = 1 << 12


class SortedScores:
    """Scores that come out in order, however many went in: sorted runs go to a temporary file."""

    def __init__(self, memory_scores: int = _MEMORY_SCORES) -> None:
        self.count = 0
        self._memory_scores = memory_scores
        self._scores: list[float] = []
        self._file = None
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
        if not self._runs:
            return iter(self._scores)
        return heapq.merge(self._scores, *(self._read(first, count) for first, count in self._runs))

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the object
        self._scores.sort()
        self._file.seek(0, 2)
        self._runs.append((self._file.tell(), len(self._scores)))
        array("d", self._scores).tofile(self._file)
        self._scores = []

    def _read(self, first: int, count: int) -> Iterator[float]:
        while count:
            scores = array("d")
            self._file.seek(first)
            scores.fromfile(self._file, min(count, _CHUNK_SCORES))
            first += 8 * len(scores)
            count -= len(scores)
            yield from scores


def area_under_roc(positive: SortedScores, negative: SortedScores) -> float | None:
    """Share of (positive, negative) pairs in which the positive row scores higher, ties counting half.

    None where there is no positive or no negative row.
    """
    if not positive.count or not negative.count:
        return None
    doubled = 0  # of the pairs: an integer, however many there are
    below = 0  # negatives under the current score
    waiting = iter(negative)
    next_negative = next(waiting, None)
    score = None
    for current in positive:
        if current != score:
            score = current
            while next_negative is not None and next_negative < score:
                below += 1
                next_negative = next(waiting, None)
            tied = 0
            while next_negative is not None and next_negative == score:
                tied += 1
                next_negative = next(waiting, None)
            doubled_per_row = 2 * below + tied
            below += tied
        doubled += doubled_per_row
    return doubled / (2 * positive.count * negative.count)
