"""Which rows are held out: exact counts, and the same rows however the dataset is cut into parts and ranges.

A chronological split holds out the last rows, given in the order of time. A shuffled one is stratified: a row's side is
decided by the seed, its class and its rank within the class. Whoever knows how many rows of each class come before some
rows can decide their sides alone.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice

from shared.errors import InvalidDatasetError
from summarize.rows.placed_parts import Stretch

CHRONOLOGICAL, SHUFFLED = "chronological", "shuffled"
CHUNK = 65_536  # ranks of a class that are drawn together
_KEPT_CHUNKS = 64


@dataclass(frozen=True)
class ChronologicalSplit:
    """The first `train_rows` rows are train rows, the others test rows. By class, sorted by name, without those that
    have none: train_rows_per_class, test_rows_per_class."""

    method = CHRONOLOGICAL

    rows: int
    train_rows: int
    train_rows_per_class: dict[str, int] = field(default_factory=dict)
    test_rows_per_class: dict[str, int] = field(default_factory=dict)

    @property
    def test_rows(self) -> int:
        return self.rows - self.train_rows

    def bounds(self, test: bool) -> tuple[int, int]:
        """The first row that may be on that side, and the row after the last."""
        return (self.train_rows, self.rows) if test else (0, self.train_rows)

    def test_before(self, name: str, rank: int) -> int:
        """How many of the first `rank` rows of a class are test rows."""
        return max(0, rank - self.train_rows_per_class.get(name, 0))

    def mask(self, stretch: Stretch) -> bytes:
        """1 for each test row of the stretch, 0 for each train row."""
        rows = stretch.part.rows
        train = min(max(self.train_rows - stretch.first, 0), rows)
        return bytes(train) + b"\1" * (rows - train)


@dataclass(frozen=True)
class ShuffledSplit:
    """Of each class `held_out` rows are test rows, drawn by `seed`, the same share of each CHUNK ranks.

    Within a chunk every subset of that size is equally likely. How many test rows come before a rank is arithmetic, and
    the draws of one chunk.
    """

    method = SHUFFLED

    rows_per_class: dict[str, int]
    held_out: dict[str, int]
    seed: int

    @property
    def rows(self) -> int:
        return sum(self.rows_per_class.values())

    @property
    def test_rows(self) -> int:
        return sum(self.held_out.values())

    @property
    def train_rows(self) -> int:
        return self.rows - self.test_rows

    @property
    def train_rows_per_class(self) -> dict[str, int]:
        """Sorted by name; every class has some."""
        return {name: rows - self.held_out[name] for name, rows in sorted(self.rows_per_class.items())}

    @property
    def test_rows_per_class(self) -> dict[str, int]:
        """Sorted by name, without the classes that have none."""
        return {name: rows for name, rows in sorted(self.held_out.items()) if rows}

    def bounds(self, test: bool) -> tuple[int, int]:
        """The first row that may be on that side, and the row after the last."""
        return 0, self.rows

    def test_before(self, name: str, rank: int) -> int:
        """How many of the first `rank` rows of a class are test rows."""
        chunk, place = divmod(rank, CHUNK)
        drawn = self._chunk(name, chunk)[:place].count(1) if place else 0
        return self._held_out_before(name, chunk) + drawn

    def mask(self, stretch: Stretch) -> bytes:
        """1 for each test row of the stretch, 0 for each train row."""
        part = stretch.part
        sides = [self._sides_from(name, stretch.before.get(name, 0)) for name in part.classes]
        return bytes(map(next, map(sides.__getitem__, part.codes)))

    def _sides_from(self, name: str, rank: int) -> Iterator[int]:
        """1 or 0 for the rows of a class from this rank on."""
        chunk, place = divmod(rank, CHUNK)
        chunks = range(chunk, -(-self.rows_per_class[name] // CHUNK))
        return islice(chain.from_iterable(self._chunk(name, index) for index in chunks), place, None)

    def _held_out_before(self, name: str, chunk: int) -> int:
        rows = self.rows_per_class[name]
        return self.held_out[name] * min(chunk * CHUNK, rows) // rows

    def _chunk(self, name: str, chunk: int) -> bytes:
        """1 or 0 for the rows of a class from rank chunk * CHUNK on."""
        wanted = self._held_out_before(name, chunk + 1) - self._held_out_before(name, chunk)
        seed = f"{self.seed} {name} {chunk}" if chunk else f"{self.seed} {name}"
        return _drawn(seed, min(CHUNK, self.rows_per_class[name] - chunk * CHUNK), wanted)


type Split = ChronologicalSplit | ShuffledSplit


@lru_cache(_KEPT_CHUNKS)  # for the walks that follow, of data that is not large
def _drawn(seed: str, rows: int, wanted: int) -> bytes:
    """1 for `wanted` of so many rows, 0 for the others.

    Selection sampling: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
    """
    draw = random.Random(seed).random
    found = bytearray(rows)
    for left in range(rows, 0, -1):
        if draw() * left < wanted:
            wanted -= 1
            found[rows - left] = 1
    return bytes(found)


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
