"""How many rows have each score: of few rows every score is counted, of many every bin of scores. Memory is bounded."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any, Self

from summarize.rows.packed import packed, unpacked

EXACT_SCORES = 1 << 18  # test rows times ranked classes: more are counted in bins
MOST_BINS = 1 << 16  # of a class
_FEWEST_BINS = 1 << 6
_BINS_OF_ALL = 1 << 20  # 200 MB at most, where all have rows
_MOST_LOG_ODDS = 32.0  # as probabilities, 1e-14 from 0 and 1


def score_bins(rows: int, ranked: int) -> int | None:
    """In how many bins the scores of so many rows are counted for each ranked class; None where each score is."""
    if rows * ranked <= EXACT_SCORES:
        return None
    return max(_FEWEST_BINS, min(MOST_BINS, 1 << (_BINS_OF_ALL // ranked).bit_length() - 1))


class ScoreCounts:
    """How many rows of a class, and how many others, have each score, or a score in each bin.

    Scores are probabilities; bins are of equal width in their log-odds.
    """

    def __init__(
        self, bins: int | None, own: Counter[float] | None = None, rest: Counter[float] | None = None
    ) -> None:
        self.bins = bins
        self._own: Counter[float] = own or Counter()
        self._rest: Counter[float] = rest or Counter()
        self._in_order: list[float] | None = None  # the scores or bins

    def add(self, own: Iterable[float], rest: Iterable[float]) -> None:
        """Counts the scores of rows of the class, and of others."""
        self._in_order = None
        for counts, scores in ((self._own, own), (self._rest, rest)):
            counts.update(scores if self.bins is None else map(_bin, scores, repeat(self.bins)))

    def merge(self, later: Self) -> Self:
        return type(self)(self.bins, self._own + later._own, self._rest + later._rest)

    def to_state(self) -> object:
        keys = self._keys()
        counts = ([side[key] for key in keys] for side in (self._own, self._rest))
        return [self.bins, packed("d", keys), *(packed("q", side) for side in counts)]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        bins, keys, *sides = state
        scores = unpacked("d", keys)
        own, rest = (
            Counter({score: rows for score, rows in zip(scores, unpacked("q", side), strict=True) if rows})
            for side in sides
        )
        return cls(bins, own, rest)

    @property
    def positives(self) -> int:
        """Rows of the class."""
        return self._own.total()

    @property
    def negatives(self) -> int:
        """Other rows."""
        return self._rest.total()

    def groups(self) -> Iterator[tuple[int, int]]:
        """Rows of the class and other rows of each score or bin, the lowest first."""
        keys = self._keys()
        return zip(map(self._own.get, keys, repeat(0)), map(self._rest.get, keys, repeat(0)), strict=True)

    def area_error(self) -> float:
        """How far the area may be from that of the scores themselves, as within a bin all rows count as equal."""
        pairs = self.positives * self.negatives
        if self.bins is None or not pairs:
            return 0.0
        return sum(own * rest for own, rest in self.groups()) / (2 * pairs)

    def _keys(self) -> list[float]:
        if self._in_order is None:
            self._in_order = sorted(self._own.keys() | self._rest.keys())
        return self._in_order


def _bin(probability: float, bins: int) -> int:
    if not 0.0 < probability < 1.0:
        return bins - 1 if probability >= 1.0 else 0
    odds = math.log(probability) - math.log1p(-probability)
    place = (odds + _MOST_LOG_ODDS) / (2 * _MOST_LOG_ODDS) * bins
    return min(max(int(place), 0), bins - 1)
