"""Draws the train rows that models are fitted on, where there are more than the time allows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

_MASK = 2**64 - 1


class RowDraw:
    """Draws the rows to fit on from the train rows, which come in blocks, in the order of the data.

    counts: the number of train rows of each class; fit_rows: at most so many are drawn, but of each class at least one.
    A class's rows are cut into runs of equal length, as many as rows are drawn of it, and of each run one row is
    taken, by the seed and the run's place: so the draw depends on class and rank alone, and covers all of the time
    that the rows cover.
    """

    def __init__(self, counts: Mapping[str, int], fit_rows: int, seed: int) -> None:
        total = sum(counts.values())
        self._counts = counts
        self._drawn = {
            name: rows if total <= fit_rows else max(min(1, rows), rows * fit_rows // total)
            for name, rows in counts.items()
        }
        self._seed = seed
        self._ranks: defaultdict[str, int] = defaultdict(int)

    @property
    def rows(self) -> int:
        """How many rows are drawn in all."""
        return sum(self._drawn.values())

    def mask(self, labels: Sequence[str]) -> bytes:
        """For the next rows, by their classes' names: 1 for a row to fit on, else 0."""
        found = bytearray(len(labels))
        for place, name in enumerate(labels):
            rank, rows, drawn = self._ranks[name], self._counts[name], self._drawn[name]
            self._ranks[name] += 1
            if drawn == rows:
                found[place] = 1
                continue
            run = rank * drawn // rows
            first, after = -(-run * rows // drawn), -(-(run + 1) * rows // drawn)
            found[place] = rank - first == _hashed(self._seed, run) % (after - first)
        return bytes(found)


def drawn_ranks(rows: int, drawn: int, seed: int) -> list[int]:
    """The ranks, rising, of at most `drawn` rows of so many: as `RowDraw` draws them of a class."""
    drawn = min(rows, drawn)
    bounds = [-(-run * rows // drawn) for run in range(drawn + 1)] if drawn else []
    return [
        first + _hashed(seed, run) % (after - first) for run, (first, after) in enumerate(pairwise(bounds))
    ]


def _hashed(seed: int, place: int) -> int:
    """A number of 64 bits that looks random (splitmix64: Steele, Lea and Flood, 2014)."""
    z = (seed * 0xD1342543DE82EF95 + (place + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
    return z ^ z >> 31
