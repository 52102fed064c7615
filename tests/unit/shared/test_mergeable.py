"""The one law of everything that merges: however the rows are cut, and whatever is merged first, the same result.

A new kind of value joins by a case in CASES.
"""

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate.report import ValidationReport
from shared.csv_file.column_statistics import ColumnStatistics
from shared.csv_file.problems import Problem
from shared.mergeable import Mergeable

FINITE = st.floats(-1e6, 1e6)


@dataclass(frozen=True)
class Case:
    """row: what one row is; of: the value of a list of rows; shown: the value as what is compared.

    Floats in `shown` may differ by rounding, everything else may not. any_order: the order of rows is not part
    of the value.
    """

    row: st.SearchStrategy
    of: Callable[[list], Mergeable]
    shown: Callable[[Any], Any] = lambda value: value.to_state()
    any_order: bool = True


def report_of(rows: list[tuple[float, str, bool]]) -> ValidationReport:
    """A line a row; an invalid one has no number and no class."""
    report = ValidationReport(("open",))
    for i, (number, label, valid) in enumerate(rows, 1):
        values, classes = ([number], Counter([label])) if valid else ([], Counter())
        problems = [] if valid else [Problem("not a number", i, "open", label)]
        report.add([ColumnStatistics.of(values)], classes, problems)
    report.lines = len(rows)
    return report


CASES = {
    "column statistics": Case(FINITE, ColumnStatistics.of, shown=ColumnStatistics.to_json),
    "validation report": Case(
        st.tuples(FINITE, st.sampled_from(["up", "down"]), st.booleans()),
        report_of,
        shown=lambda report: (report.lines, report.to_json()),
        any_order=False,
    ),
}


def merged(values: list[Mergeable], draw: Callable) -> Mergeable:
    """Neighbours are merged in an order that is drawn, each by way of its state or not."""
    while len(values) > 1:
        i = draw(st.integers(0, len(values) - 2))
        both = values[i].merge(values[i + 1])
        if draw(st.booleans()):
            both = type(both).from_state(json.loads(json.dumps(both.to_state())))
        values[i : i + 2] = [both]
    return values[0]


def same(a: Any, b: Any, scale: float = 1e6) -> bool:
    """Whether two JSON values are equal, floats up to the rounding of numbers of that scale."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9 * scale)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_however_the_rows_are_cut_and_merged_the_result_is_that_of_all_rows(name, data):
    case = CASES[name]
    rows = data.draw(st.lists(case.row, max_size=30))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    pieces = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    if case.any_order:
        pieces = data.draw(st.permutations(pieces))
    values = [case.of(piece) for piece in pieces]
    before = [case.shown(value) for value in values]

    result = merged(list(values), data.draw)

    assert same(case.shown(result), case.shown(case.of(rows)))
    assert [case.shown(value) for value in values] == before  # merging changes neither of the two


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_a_state_that_travels_as_json_is_the_value_to_the_last_digit(name, data):
    case = CASES[name]
    value = case.of(data.draw(st.lists(case.row, max_size=30)))
    again = type(value).from_state(json.loads(json.dumps(value.to_state())))
    assert case.shown(again) == case.shown(value)
