"""Where a chronological split is cut: not within a date."""

import math
from collections.abc import Sequence
from typing import cast

from summarize.rows.placed_parts import PlacedRows


def cut_between_dates(placed: PlacedRows, column: int, cut: int) -> int:
    """The number of train rows nearest to `cut` at which the date changes; of two as near, the smaller.

    column: index of the dates that order the rows, NaN where one is missing: such a row belongs to the one before.
    `cut` itself where all rows are of one date. Only the parts from the date before to the date after are read.
    """
    rows = placed.rows
    dates = _Dates(placed, column)
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

    def __init__(self, placed: PlacedRows, column: int) -> None:
        self._placed = placed
        self._column = column
        self._first = self._end = 0
        self._values: Sequence[float] = ()

    def __getitem__(self, row: int) -> float:
        if not self._first <= row < self._end:
            found = next(self._placed.parts(row, row + 1))
            self._values = cast(
                "Sequence[float]", found.source.read().columns[self._column]
            )  # it orders the rows
            self._first, self._end = found.first, found.end
        return self._values[row - self._first]
