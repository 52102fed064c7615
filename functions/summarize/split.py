"""Which rows are held out: exact counts, and the same rows however the dataset is cut into parts.

A chronological split holds out the last rows, given in the order of time. A shuffled one is stratified: a row's side is
decided by the seed, its class and its rank within the class, so that whoever knows how many rows of each class come
before can decide it alone.
"""

import math
import random
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import cast

from shared.errors import InvalidDatasetError
from shared.parts import Part

CHRONOLOGICAL, SHUFFLED = "chronological", "shuffled"
_TRAIN = bytes([1, 0]) + bytes(254)  # test masks to train masks


@dataclass(frozen=True)
class PartSource:
    """A part that is read when it is needed."""

    rows: int
    read: Callable[[], Part]


@dataclass(frozen=True)
class Selection:
    """The rows of a part whose byte in the mask is 1. first: how many rows the parts before it have."""

    whole: Part
    mask: bytes
    first: int

    @property
    def part(self) -> Part:
        """The selected rows alone."""
        return self.whole.select(self.mask)

    @property
    def places(self) -> array:
        """Where the selected rows stand among the rows of all parts."""
        return array("q", compress(range(self.first, self.first + len(self.mask)), self.mask))


@dataclass(frozen=True)
class ChronologicalSplit:
    """The first `train_rows` rows are train rows, the others test rows."""

    method = CHRONOLOGICAL

    rows: int
    train_rows: int

    @property
    def test_rows(self) -> int:
        return self.rows - self.train_rows

    def select(self, parts: Iterable[PartSource], test: bool) -> Iterator[Selection]:
        """The test rows of the parts, or the train rows, part by part; a part without any is not read."""
        first = 0
        for source, mask in self._masks(parts):
            mask = mask if test else mask.translate(_TRAIN)
            if 1 in mask:
                yield Selection(source.read(), mask, first)
            first += source.rows

    def sides(self, parts: Iterable[PartSource]) -> Iterator[tuple[Part, bytes]]:
        """Every part, with 1 for each of its test rows and 0 for each train row."""
        return ((source.read(), mask) for source, mask in self._masks(parts))

    def _masks(self, parts: Iterable[PartSource]) -> Iterator[tuple[PartSource, bytes]]:
        left = self.train_rows
        for source in parts:
            train = min(source.rows, left)
            left -= train
            yield source, bytes(train) + b"\1" * (source.rows - train)


@dataclass(frozen=True)
class ShuffledSplit:
    """Of each class `held_out` rows are test rows, drawn by `seed`; every subset of that size is equally likely."""

    method = SHUFFLED

    rows_per_class: dict[str, int]
    held_out: dict[str, int]
    seed: int

    @property
    def test_rows(self) -> int:
        return sum(self.held_out.values())

    @property
    def train_rows(self) -> int:
        return sum(self.rows_per_class.values()) - self.test_rows

    def select(self, parts: Iterable[PartSource], test: bool) -> Iterator[Selection]:
        """The test rows of the parts, or the train rows, part by part."""
        first = 0
        for part, mask in self.sides(parts):
            mask = mask if test else mask.translate(_TRAIN)
            if 1 in mask:
                yield Selection(part, mask, first)
            first += part.rows

    def sides(self, parts: Iterable[PartSource]) -> Iterator[tuple[Part, bytes]]:
        """Every part, with 1 for each of its test rows and 0 for each train row."""
        draws = {name: self._draws(name) for name in self.rows_per_class}
        for source in parts:
            part = source.read()
            yield part, self.mask(part, draws)

    def mask(self, part: Part, draws: dict[str, Iterator[int]] | None = None) -> bytes:
        """1 for a test row, 0 for a train row; draws: where each class stands, its first row where it is None."""
        draws = draws if draws is not None else {name: self._draws(name) for name in self.rows_per_class}
        of_code = [draws[name] for name in part.classes]
        return bytes(map(next, map(of_code.__getitem__, part.codes)))

    def _draws(self, name: str) -> Iterator[int]:
        """1 or 0 for the rows of a class by rank, without end.

        Selection sampling: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
        """
        draw = random.Random(f"{self.seed} {name}").random
        wanted = self.held_out[name]
        for left in range(self.rows_per_class[name], 0, -1):
            if draw() * left < wanted:
                wanted -= 1
                yield 1
            else:
                yield 0


def held_out_count(rows: int, test_size: float) -> int:
    """Number of test rows, as scikit-learn's train_test_split counts them: ceil(rows * test_size).

    Raises InvalidDatasetError when no row is left to train on.
    """
    count = math.ceil(rows * test_size)
    if count >= rows:
        raise InvalidDatasetError(f"{rows} rows with test_size {test_size:g} leave no row to train on")
    return count


def held_out_per_class(rows_per_class: dict[str, int], test_size: float) -> dict[str, int]:
    """Test rows of each class: `held_out_count` in all, by largest remainder, ties by name; a train row each stays.

    Raises InvalidDatasetError where so many classes have a single row that the others cannot make up for them.
    """
    rows = sum(rows_per_class.values())
    count = held_out_count(rows, test_size)
    if count > rows - len(rows_per_class):
        raise InvalidDatasetError(
            f"{rows} rows of {len(rows_per_class)} classes with test_size {test_size:g} leave no train row of every "
            "class; a smaller test_size does, or fewer classes"
        )
    held_out = {name: min(n * count // rows, n - 1) for name, n in rows_per_class.items()}
    by_remainder = sorted(rows_per_class, key=lambda name: (-(rows_per_class[name] * count % rows), name))
    left = count - sum(held_out.values())
    while left:
        for name in by_remainder:
            if left and held_out[name] < rows_per_class[name] - 1:
                held_out[name] += 1
                left -= 1
    return held_out


def cut_between_dates(parts: Sequence[PartSource], column: int, cut: int) -> int:
    """The number of train rows nearest to `cut` at which the date changes; of two as near, the smaller.

    column: index of the dates that order the rows, NaN where one is missing: such a row belongs to the one before.
    `cut` itself where all rows are of one date.
    """
    rows = sum(source.rows for source in parts)
    dates = _Dates(parts, column)
    here = next((dates[row] for row in range(cut, -1, -1) if dates[row] == dates[row]), math.nan)
    before = next((row + 1 for row in range(cut - 1, -1, -1) if _differs(dates[row], here)), 0)
    # What follows the last row of another date are rows of this one and those without a date before its first.
    before = next((row for row in range(before, cut + 1) if dates[row] == dates[row]), 0)
    after = next((row for row in range(cut, rows) if _differs(dates[row], here)), rows)
    found = [place for place in (before, after) if 0 < place < rows]
    return min(found, key=lambda place: (abs(place - cut), place), default=cut)


def _differs(date: float, other: float) -> bool:
    return date == date and date != other


class _Dates:
    """The dates by row; one part at a time is in memory."""

    def __init__(self, parts: Sequence[PartSource], column: int) -> None:
        self._parts = parts
        self._column = column
        self._first = self._end = 0
        self._values: Sequence[float] = ()

    def __getitem__(self, row: int) -> float:
        if not self._first <= row < self._end:
            first = 0
            for source in self._parts:
                if row < first + source.rows:
                    break
                first += source.rows
            self._values = cast("Sequence[float]", source.read().columns[self._column])  # it orders the rows
            self._first, self._end = first, first + source.rows
        return self._values[row - self._first]
