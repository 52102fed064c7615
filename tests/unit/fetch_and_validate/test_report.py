"""The validation report: counts, examples, statistics, and the verdict."""

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate.report import EXAMPLES, ValidationReport
from shared.csv_file.columns import Column
from shared.csv_file.exact_statistics import NO_NUMBERS, ExactStatistics
from shared.csv_file.kinds import PLAIN_NUMBER, Kind
from shared.csv_file.problems import Problem
from shared.csv_file.texts import TextCounts
from shared.errors import InvalidDatasetError

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@given(VALUES)
def test_statistics_are_numpy_s(values):
    scale = max(map(abs, values), default=1.0) or 1.0
    assert ExactStatistics.of(values).to_json() == {
        "count": len(values),
        "min": min(values),
        "max": max(values),
        "mean": pytest.approx(float(np.mean(values)), rel=1e-12, abs=1e-12 * scale),
        "deviation": pytest.approx(float(np.std(values)), rel=1e-12, abs=1e-7 * scale),
    }


@given(VALUES, st.lists(st.integers(0, 50), max_size=5))
def test_statistics_are_the_same_to_the_last_bit_however_the_values_are_cut(values, cuts):
    bounds = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    merged = NO_NUMBERS
    for first, end in pairwise(bounds):
        merged = merged.merge(ExactStatistics.from_state(ExactStatistics.of(values[first:end]).to_state()))
    assert merged.to_json() == ExactStatistics.of(values).to_json()


@given(st.lists(st.floats(-1e140, 1e140), min_size=1, max_size=20))
def test_mean_and_deviation_are_rounded_once(values):
    found = ExactStatistics.of(values).to_json()
    exact = list(map(Fraction, values))
    mean = sum(exact) / len(values)
    variance = sum((value - mean) ** 2 for value in exact) / len(values)
    assert found["mean"] == float(mean)
    # What squares below float64's range take away is as small beside the largest one.
    smallest = 1e-40 * max(map(abs, values)) + 1e-150
    assert found["deviation"] == pytest.approx(math.sqrt(variance), rel=1e-15, abs=smallest)


@given(VALUES)
def test_empty_statistics_change_nothing(values):
    statistics = ExactStatistics.of(values)
    assert statistics.merge(NO_NUMBERS) == NO_NUMBERS.merge(statistics) == statistics
    assert ExactStatistics.of([]) == NO_NUMBERS


@pytest.mark.parametrize("blocks", [1, 7, 100])
def test_a_deviation_of_1_at_a_mean_of_1e9_keeps_its_digits(blocks):
    values = np.random.default_rng(7).normal(1e9, 1.0, 10_000)
    total = NO_NUMBERS
    for block in np.array_split(values, blocks):
        total = total.merge(ExactStatistics.of(block.tolist()))
    centred = values - 1e9  # exact: the values are within a factor of two
    assert total.to_json()["mean"] == pytest.approx(1e9 + centred.mean(), rel=1e-15)
    assert total.to_json()["deviation"] == pytest.approx(float(np.std(centred)), rel=1e-11)


@pytest.mark.parametrize(
    "values", [[math.nan], [1.0, math.inf], [math.inf, -math.inf], [1e308] * 10, [1.0, 1e200]]
)
def test_what_has_no_finite_statistics_has_none(values):
    assert ExactStatistics.of(values) is None


def test_statistics_in_json():
    assert ExactStatistics.of([1.0, 2.0, 3.0, 4.0]).to_json() == {
        "count": 4,
        "min": 1.0,
        "max": 4.0,
        "mean": 2.5,
        "deviation": math.sqrt(1.25),
    }
    assert NO_NUMBERS.to_json() == {
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
        report.add([ExactStatistics.of([1.0] * rows)], Counter(classes), problems)
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
    report.add([ExactStatistics.of([1.0, 2.0]), TextCounts({"red": 2, "": 3})], Counter(x=5), [])
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
