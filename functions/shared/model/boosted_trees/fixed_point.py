"""Sums of leaf values over trees, many rows at once: leaf values are whole numbers of a small unit, so that a sum is
exact in any order, and is added up bit by bit, a long integer for each place."""

import sys
from array import array
from collections.abc import Sequence

from shared.model.boosted_trees.masks import integers

UNIT = 2.0**-20  # of a leaf value, in log odds


def whole_units(value: float) -> int:
    """The number of units nearest to a value."""
    return round(value / UNIT)


class Sums:
    """A sum a row, 0 at first. The whole of it is below 2^63."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._base = 0
        self._planes: list[int] = []

    def add(self, leaves: Sequence[int], values: Sequence[int]) -> None:
        """Adds a leaf's value to each of its rows. leaves: disjoint masks that hold every row."""
        lowest = min(values)
        self._base += lowest
        above = [value - lowest for value in values]
        carry = 0
        place = 0
        for place in range(max(above).bit_length()):
            plane = 0
            for mask, value in zip(leaves, above, strict=True):
                if value >> place & 1:
                    plane |= mask
            carry = self._add_at(place, plane, carry)
        while carry:
            place += 1
            carry = self._add_at(place, carry, 0)

    def _add_at(self, place: int, plane: int, carry: int) -> int:
        if place == len(self._planes):
            self._planes.append(0)
        present = self._planes[place]
        either = present ^ plane
        self._planes[place] = either ^ carry
        return (present & plane) | (either & carry)

    def values(self) -> list[int]:
        """The sum of each row, in units."""
        joined = bytearray(8 * self._rows)
        for first in range(0, len(self._planes), 8):
            joined[first // 8 :: 8] = integers(self._planes[first : first + 8], self._rows)
        sums = array("q", bytes(joined))
        if sys.byteorder == "big":
            sums.byteswap()
        return [self._base + total for total in sums]
