"""Sums of gradients by code: what a tree is grown from.

Gradients are rounded to four bits, stochastically, so that a sum is right on average ("Quantized Training of Gradient
Boosting Decision Trees", Shi et al., NeurIPS 2022). Bit by bit they are four integers, `planes`; a sum over the rows
of a mask is then four intersections, each counted and weighted.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shared.model.boosted_trees.masks import CodedRows

ZERO = 7  # what gradient 0 is rounded to: the numbers are 0 to 14
_COUNT = 1 << 40  # a cell is its rows times this, plus their rounded gradients


class Planes(NamedTuple):
    """Bits 0 to 3 of the rounded gradient of each row, by row."""

    ones: int
    twos: int
    fours: int
    eights: int


def rounded(gradients: Sequence[float], noise: Sequence[float]) -> bytes:
    """Gradients as 0 to 14. noise: as many numbers or more, uniform on [0, 1)."""
    scale = ZERO / max(max(gradients), -min(gradients), 1e-9)
    return bytes([int(gradient * scale + ZERO + u) for gradient, u in zip(gradients, noise, strict=False)])


def planes_of(rounded_gradients: bytes) -> Planes:
    """The bits of numbers below 16, one integer a place."""
    return Planes(*(int(rounded_gradients.translate(table), 2) for table in _PLACES))


_PLACES = [bytes(48 + (value >> place & 1) for value in range(256)) for place in range(4)]


class Histogram(NamedTuple):
    """Of the rows of a node. whole: the cell of all of them. cells: for each column, a cell for each of its codes, in
    the order of `CodedRows.masks`."""

    whole: int
    cells: list[list[int]]

    def without(self, part: "Histogram") -> "Histogram":
        """Of the rows that are not in the part."""
        return Histogram(
            self.whole - part.whole,
            [
                [cell - of_part for cell, of_part in zip(column, part_column, strict=True)]
                for column, part_column in zip(self.cells, part.cells, strict=True)
            ],
        )


def rows_and_gradient(cell: int) -> tuple[int, int]:
    """How many rows a cell (or a sum of cells) is of, and the sum of their rounded gradients, 0 being 0."""
    rows, raw = divmod(cell, _COUNT)
    return rows, raw - ZERO * rows


def histogram(coded: CodedRows, node: int, planes: Planes) -> Histogram:
    """The histogram of a node's rows, at least one."""
    ones, twos, fours, eights = (node & plane for plane in planes)
    whole = (
        node.bit_count() * _COUNT
        + ones.bit_count()
        + 2 * twos.bit_count()
        + 4 * fours.bit_count()
        + 8 * eights.bit_count()
    )
    columns = []
    for masks in coded.masks:
        column = []
        rest = whole
        for mask in list(masks.values())[:-1]:
            rows = (node & mask).bit_count()
            if rows:
                cell = (
                    rows * _COUNT
                    + (ones & mask).bit_count()
                    + 2 * (twos & mask).bit_count()
                    + 4 * (fours & mask).bit_count()
                    + 8 * (eights & mask).bit_count()
                )
                rest -= cell
                column.append(cell)
            else:
                column.append(0)
        if masks:
            column.append(rest)
        columns.append(column)
    return Histogram(whole, columns)
