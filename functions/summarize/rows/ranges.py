"""Ranges of rows: the one order in which rows are summed up, whatever shards, parts and objects they came in.

Rows are numbered in the order of the data (where the newest come first, from the end). A range's value is that of its
blocks of selected rows, one after the other; the data's is that of its ranges. Floats are summed up alike therefore,
whether one Lambda goes through all ranges or each range has a Lambda of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.event_fields import Json

BLOCK_ROWS = 4096  # columns of a block stay in the processor's cache
MOST_RANGES = 10_000


@dataclass(frozen=True)
class Range:
    """Rows `first` to `first + rows` in the order of the data."""

    index: int
    first: int
    rows: int

    @property
    def end(self) -> int:
        return self.first + self.rows

    def to_json(self) -> Json:
        return {"index": self.index, "first": self.first, "rows": self.rows}


def range_rows(rows: int, features: int, cells: int) -> int:
    """How many rows a range has, a multiple of BLOCK_ROWS: some `cells` of features, or MOST_RANGES of all rows."""
    of_cells = cells // max(1, features) // BLOCK_ROWS
    of_rows = -(-rows // (MOST_RANGES * BLOCK_ROWS))
    return BLOCK_ROWS * max(1, of_cells, of_rows)


def ranges_of(rows: int, size: int) -> Iterator[Range]:
    """The ranges of so many rows, in order; the last one may be shorter."""
    for index in range(-(-rows // size)):
        yield range_at(index, rows, size)


def range_at(index: int, rows: int, size: int) -> Range:
    return Range(index, index * size, min(size, rows - index * size))
