"""Draws rows where there are more than the time allows: by class and rank, or by place. Each range finds its own."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

_MASK = 2**64 - 1


class RowDraw:
    """Draws rows by class and by the row's rank within it.

    counts: the number of rows of each class; most: at most so many are drawn, but of each class at least one.
    A class's rows are cut into runs of equal length, as many as rows are drawn of it, and of each run one row is
    taken, by the seed and the run's place: so the draw covers all of the time that the rows cover.
    """

    def __init__(self, counts: Mapping[str, int], most: int, seed: int) -> None:
        total = sum(counts.values())
        self.is_whole = total <= most
        self._counts = counts
        self._drawn = {
            name: rows if self.is_whole else max(min(1, rows), rows * most // total)
            for name, rows in counts.items()
        }
        self._seed = seed

    @property
    def rows(self) -> int:
        """How many rows are drawn in all."""
        return sum(self._drawn.values())

    def ranks(self, name: str, first: int, end: int) -> Iterator[int]:
        """The drawn ones of a class's ranks from `first` on, without `end` and what is behind it; rising."""
        return drawn_ranks(self._counts[name], self._drawn[name], self._seed, first, end)


def drawn_ranks(rows: int, most: int, seed: int, first: int = 0, end: int | None = None) -> Iterator[int]:
    """At most `most` of so many ranks, rising; of these the ones from `first` on, without `end` and those behind it."""
    end = rows if end is None else min(rows, end)
    if rows <= most:
        yield from range(first, end)
        return
    if not most:
        return
    for run in range(first * most // rows, most):
        start, after = -(-run * rows // most), -(-(run + 1) * rows // most)
        if start >= end:
            return
        rank = start + hashed(seed, run) % (after - start)
        if first <= rank < end:
            yield rank


def places_by_class(codes: Sequence[int], places: Sequence[int]) -> dict[int, list[int]]:
    """Those places, of rows with these codes, by code; rising."""
    code_of = codes.__getitem__
    return {code: list(found) for code, found in groupby(sorted(places, key=code_of), code_of)}


def drawn_places(labels: Sequence[int], most: int, seed: int) -> list[int]:
    """Places of at most `most` of the rows with these labels, drawn by class and rank; rising."""
    by_class = {
        str(label): of_class for label, of_class in places_by_class(labels, range(len(labels))).items()
    }
    draw = RowDraw({name: len(of_class) for name, of_class in by_class.items()}, most, seed)
    return sorted(
        of_class[rank] for name, of_class in by_class.items() for rank in draw.ranks(name, 0, len(of_class))
    )


def hashed(seed: int, place: int) -> int:
    """A number of 64 bits that looks random (splitmix64: Steele, Lea and Flood, 2014)."""
    z = (seed * 0xD1342543DE82EF95 + (place + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
    return z ^ z >> 31
