"""The validation report: counts, examples, statistics, and the verdict."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate.report import EXAMPLES, ValidationReport
from shared.csv_file.column_statistics import EMPTY_STATISTICS, ColumnStatistics
from shared.csv_file.columns import Column
from shared.csv_file.kinds import PLAIN_NUMBER, Kind
from shared.csv_file.problems import Problem
from shared.csv_file.texts import TextCounts
from shared.errors import InvalidDatasetError

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def approximately(statistics: ColumnStatistics) -> ColumnStatistics:
    scale = max(1.0, statistics.magnitude)
    return ColumnStatistics(
        statistics.present,
        pytest.approx(statistics.mean, rel=1e-12, abs=1e-12 * scale),
        pytest.approx(statistics.squares, rel=1e-12, abs=1e-12 * scale * scale * statistics.present),
        statistics.smallest,
        statistics.largest,
        mean_low=pytest.approx(0.0, abs=2.0**-52 * scale),
    )


@given(VALUES)
def test_statistics_are_numpy_s(values):
    expected = ColumnStatistics(
        len(values), float(np.mean(values)), float(np.var(values) * len(values)), min(values), max(values)
    )
    assert ColumnStatistics.of(values) == approximately(expected)


@given(VALUES, VALUES)
def test_merged_statistics_are_those_of_both_lists(a, b):
    assert ColumnStatistics.of(a).merge(ColumnStatistics.of(b)) == approximately(ColumnStatistics.of(a + b))


@given(VALUES)
def test_empty_statistics_change_nothing(values):
    statistics = ColumnStatistics.of(values)
    assert statistics.merge(EMPTY_STATISTICS) == EMPTY_STATISTICS.merge(statistics) == statistics
    assert ColumnStatistics.of([]) == EMPTY_STATISTICS


@pytest.mark.parametrize("blocks", [1, 7, 100])
def test_a_deviation_of_1_at_a_mean_of_1e9_keeps_its_digits(blocks):
    values = np.random.default_rng(7).normal(1e9, 1.0, 10_000)
    total = EMPTY_STATISTICS
    for block in np.array_split(values, blocks):
        total = total.merge(ColumnStatistics.of(block.tolist()))
    centred = values - 1e9  # exact: the values are within a factor of two
    assert total.mean == pytest.approx(1e9 + centred.mean(), rel=1e-15)
    assert total.to_json()["deviation"] == pytest.approx(float(np.std(centred)), rel=1e-11)


@pytest.mark.parametrize(
    "values", [[math.nan], [1.0, math.inf], [math.inf, -math.inf], [1e308] * 10, [1.0, 1e200]]
)
def test_what_has_no_finite_statistics_has_none(values):
    assert ColumnStatistics.of(values) is None


def test_statistics_in_json():
    assert ColumnStatistics.of([1.0, 2.0, 3.0, 4.0]).to_json() == {
        "count": 4,
        "min": 1.0,
        "max": 4.0,
        "mean": 2.5,
        "deviation": math.sqrt(1.25),
    }
    assert EMPTY_STATISTICS.to_json() == {
        "count": 0,
        "min": None,
        "max": None,
        "mean": None,
        "deviation": None,
    }


def test_a_problem_reads_as_line_column_and_what_was_expected_and_never_as_the_cell():
    assert str(Problem("not a number", 17, "open", "abc", "a number")) == (
        "line 17, column 'open': not a number; expected a number"
    )
    assert str(Problem("ragged row", 3, None, "", "4 cells as in the header, not 2")) == (
        "line 3: ragged row; expected 4 cells as in the header, not 2"
    )


def test_a_long_cell_is_cut_where_it_is_shown():
    assert Problem("not a number", 1, "open", "x" * 1000, "a number").to_json() == {
        "problem": "not a number",
        "line": 1,
        "column": "open",
        "cell": "x" * 57 + "...",
        "expected": "a number",
    }


OPEN = Column("open", "feature", kind=PLAIN_NUMBER)


def report_of(*blocks: tuple[dict[str, int], list[Problem]]) -> ValidationReport:
    report = ValidationReport((OPEN,))
    for classes, problems in blocks:
        rows = sum(classes.values())
        report.add([ColumnStatistics.of([1.0] * rows)], Counter(classes), problems)
    return report


def test_the_whole_report():
    flaws = [
        Problem("not a number", 3, "open", "abc", "a number"),
        Problem("missing label", 3, "label", "", "a class"),
    ]
    report = report_of(
        ({"x": 2, "y": 1}, flaws), ({"y": 4}, [Problem("not a number", 9, "open", "-", "a number")])
    )
    assert report.to_json() == {
        "rows": 7,
        "invalid_rows": 2,
        "problems": {"missing label": 1, "not a number": 2},
        "examples": [
            {"problem": "not a number", "line": 3, "column": "open", "cell": "abc", "expected": "a number"},
            {"problem": "missing label", "line": 3, "column": "label", "cell": "", "expected": "a class"},
            {"problem": "not a number", "line": 9, "column": "open", "cell": "-", "expected": "a number"},
        ],
        "columns": {
            "open": {"count": 7, "min": 1.0, "max": 1.0, "mean": 1.0, "deviation": 0.0, "missing": 0}
        },
        "classes": {"x": 2, "y": 5},
        "filled": {},
    }


def test_only_the_first_examples_are_kept_but_all_are_counted():
    problems = [Problem("not a number", line, "open", "abc", "a number") for line in range(2, 40)]
    report = report_of(({"x": 1}, problems[:7]), ({"x": 1}, problems[7:]))
    assert report.examples == problems[:EXAMPLES]
    assert (report.invalid_rows, report.problems["not a number"]) == (38, 38)


@pytest.mark.parametrize(
    ("classes", "invalid", "share", "message"),
    [
        ({}, 0, 0.0, "the file has a header but no data rows; at least two are needed"),
        (
            {"x": 5, "y": 4},
            1,
            0.0,
            "line 2, column 'open': not a number; expected a number; 1 of 10 rows are invalid, "
            "allowed is a share of 0 (max_invalid_rows)",
        ),
        (
            {"x": 4, "y": 3},
            3,
            0.25,
            "line 2, column 'open': not a number; expected a number; 3 of 10 rows are invalid, "
            "allowed is a share of 0.25 (max_invalid_rows)",
        ),
        (
            {"x": 9},
            0,
            0.0,
            "label column 'label' has only the value 'x' in 9 valid rows; at least two classes are needed",
        ),
        ({}, 4, 1.0, "label column 'label' has no value in 0 valid rows; at least two classes are needed"),
        (
            dict.fromkeys("abcde", 1),
            0,
            0.0,
            "label column 'label' has 5 distinct values in 5 rows, so it is no class label "
            "(a regression target or an id?); choose another label_column",
        ),
    ],
)
def test_a_dataset_that_cannot_be_trained_on_is_refused(classes, invalid, share, message):
    problems = [Problem("not a number", line, "open", "abc", "a number") for line in range(2, 2 + invalid)]
    with pytest.raises(InvalidDatasetError) as caught:
        report_of((classes, problems)).check("label", share)
    assert str(caught.value) == message


@pytest.mark.parametrize(("invalid", "share"), [(0, 0.0), (1, 0.1), (5, 1.0)])
def test_as_many_invalid_rows_as_allowed_are_no_reason_to_refuse(invalid, share):
    problems = [Problem("not a number", line, "open", "abc", "a number") for line in range(2, 2 + invalid)]
    report = report_of(({"x": 5, "y": 4}, problems))
    report.check("label", share)
    assert report.invalid_rows == invalid


def test_missing_cells_are_counted_for_every_kind_of_column():
    colour = Column("colour", "feature", kind=Kind("category"))
    report = ValidationReport((OPEN, colour))
    report.add([ColumnStatistics.of([1.0, 2.0]), TextCounts({"red": 2, "": 3})], Counter(x=5), [])
    assert (report.missing(0), report.missing(1)) == (3, 3)
    free_text = ValidationReport((colour,), statistics=[TextCounts(None)])
    assert free_text.missing(0) is None


def test_more_texts_in_all_than_memory_is_meant_to_hold_are_refused():
    columns = tuple(Column(f"c{i}", "feature", kind=Kind("category")) for i in range(60))
    few = TextCounts({str(i): 1 for i in range(8000)})
    report = ValidationReport(columns, statistics=[few] * 60)
    report.check_texts()
    with pytest.raises(
        InvalidDatasetError,
        match=r"500,000 distinct values in all; leave some out with exclude_columns, "
        r"such as 'c9', 'c8', 'c7', 'c6', 'c5'$",
    ):
        report.merge(ValidationReport(columns, statistics=[TextCounts(None)] * 20 + [few] * 40))
