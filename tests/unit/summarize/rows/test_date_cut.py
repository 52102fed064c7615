"""Where a chronological split is cut, which is not within a date."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import pytest

from shared.parts import Part
from summarize.rows.date_cut import cut_between_dates
from summarize.rows.placed_parts import PartSource, PlacedPart


@dataclass(frozen=True)
class Listed:
    """The rows of a list of parts."""

    listed: list[PlacedPart]

    @property
    def rows(self) -> int:
        return self.listed[-1].end

    def parts(self, first: int, end: int) -> Iterator[PlacedPart]:
        return (part for part in self.listed if part.first < end and part.end > first)


def dated(dates: list[float], cuts: list[int]) -> Listed:
    """Parts whose column 1 holds the dates."""
    found = []
    for start, end in pairwise([0, *cuts, len(dates)]):
        here = array("d", dates[start:end])
        part = Part([here, here], array("B", bytes(len(here))), ("a",))
        found.append(
            PlacedPart(start, PartSource(len(here), partial(Part, part.columns, part.codes, part.classes)))
        )
    return Listed(found)


NAN = math.nan


@pytest.mark.parametrize(
    ("dates", "cut", "expected"),
    [
        ([1, 2, 3, 4, 5], 3, 3),
        ([1, 2, 2, 2, 2, 3], 2, 1),
        ([1, 2, 2, 2, 2, 3], 4, 5),
        ([1, 2, 2, 2, 3, 3], 3, 4),
        ([1, 2, 2, 3], 2, 1),  # as near as the other one
        ([1, 1, 1, 2], 1, 3),
        ([1, 2, 2, 2], 3, 1),
        ([1, 1, 1], 2, 2),  # nowhere
        ([3, 3, 2, 2, 1], 3, 2),
        ([1, NAN, 2, NAN, NAN, 3], 4, 5),
        ([1, 1, NAN, 2, 2, 2], 4, 3),
        ([NAN, NAN, 1], 1, 2),
        ([NAN, NAN, NAN], 1, 1),
    ],
)
def test_the_cut_is_where_the_date_changes(dates, cut, expected):
    for cuts in ([], [1], [1, 2], [2]):
        assert cut_between_dates(dated([float(date) for date in dates], cuts), 1, cut) == expected
