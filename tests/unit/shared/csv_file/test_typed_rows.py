"""Cells become numbers and class codes; a row with a flaw is left out and named."""

import math

import pytest

from shared.csv_file.cells import LabelCodes
from shared.csv_file.column_statistics import ColumnStatistics
from shared.csv_file.columns import Column, Schema
from shared.csv_file.problems import Problem
from shared.csv_file.records import read_blocks
from shared.csv_file.typed_rows import TypedRows, type_rows

SCHEMA = Schema(
    (
        Column("time", "left_out", "text"),
        Column("open", "feature"),
        Column("label", "label"),
        Column("close", "feature"),
    ),
    features=(1, 3),
    label=2,
)


def typed(text: str, labels: LabelCodes | None = None) -> TypedRows:
    (block,) = read_blocks([text.encode()], ",", 4, first_line=2)
    return type_rows(block, SCHEMA, labels if labels is not None else LabelCodes("label"))


def test_flawless_rows():
    rows = typed("a,1,x,-2.5\nb,3,y,4e1\n")
    assert rows == TypedRows(
        features=[[1.0, 3.0], [-2.5, 40.0]],
        statistics=[ColumnStatistics(2, 2.0, 2.0, 1.0, 3.0), ColumnStatistics(2, 18.75, 903.125, -2.5, 40.0)],
        codes=[0, 1],
        problems=[],
    )
    assert rows.rows == 2


def test_columns_left_out_may_hold_anything():
    assert typed("NA,1,x,2\n,1,x,2\n\uff11_é,1,x,2\n").problems == []


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("abc", "not a number"),
        ("1_000", "not a number"),
        ("\uff11\uff12", "not a number"),
        ("\u00a01", "not a number"),
        ("12%", "not a number"),
        ("inf", "number out of range"),
        ("-Infinity", "number out of range"),
        ("1e999", "number out of range"),
        ("-1e141", "number out of range"),
        ("", "missing value"),
        ("NA", "missing value"),
        ("nan", "missing value"),
        (" ? ", "missing value"),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'], ids=["unquoted", "quoted"])
def test_a_cell_that_is_no_usable_number_leaves_its_row_out(cell, kind, quote):
    rows = typed(f"a,1,x,2\nb,{quote}{cell}{quote},y,4\nc,5,x,6\n")
    assert rows.problems == [Problem(kind, 3, "open", cell)]
    assert (rows.features, rows.codes) == ([[1.0, 5.0], [2.0, 6.0]], [0, 0])
    assert [statistics.count for statistics in rows.statistics] == [2, 2]


@pytest.mark.parametrize("cell", ["", "NA", "null"])
def test_a_missing_label_leaves_its_row_out(cell):
    rows = typed(f"a,1,x,2\nb,3,{cell},4\n")
    assert rows.problems == [Problem("missing label", 3, "label", cell)]
    assert (rows.features, rows.codes) == ([[1.0], [2.0]], [0])


def test_a_block_without_missing_labels_is_flawless_after_one_with():
    labels = LabelCodes("label")
    typed("a,1,,2\n", labels)
    assert typed("a,1,x,2\nb,3,y,4\n", labels).codes == [0, 1]


def test_every_problem_of_a_row_is_named_in_line_order():
    rows = typed("a,1\nb,oops,x,NA\nc,1,,2\nd,1,x,2\n")
    assert rows.problems == [
        Problem("ragged row", 2, None, "2 cells where the header has 4"),
        Problem("not a number", 3, "open", "oops"),
        Problem("missing value", 3, "close", "NA"),
        Problem("missing label", 4, "label", ""),
    ]
    assert (rows.features, rows.codes) == ([[1.0], [2.0]], [0])


def test_the_first_column_s_flaw_shows_its_cell_alone():
    schema = Schema((Column("open", "feature"), Column("label", "label")), features=(0,), label=1)
    (block,) = read_blocks([b"1,x\noops,y\n"], ",", 2, first_line=2)
    assert type_rows(block, schema, LabelCodes("label")).problems == [
        Problem("not a number", 3, "open", "oops")
    ]


def test_the_first_column_may_be_the_label():
    schema = Schema((Column("label", "label"), Column("open", "feature")), features=(1,), label=0)
    (block,) = read_blocks([b"x,1\ny,2\nx,3\n"], ",", 2, first_line=2)
    labels = LabelCodes("label")
    assert (type_rows(block, schema, labels).codes, labels.classes) == ([0, 1, 0], ["x", "y"])


def test_a_block_in_which_every_row_is_invalid_has_no_rows():
    rows = typed("a,NA,x,2\nb,3,y,oops\n")
    assert (rows.rows, rows.features) == (0, [[], []])
    assert [statistics.to_json()["mean"] for statistics in rows.statistics] == [None, None]


def test_the_largest_allowed_number_is_taken():
    assert typed("a,1e140,x,-1e140\n").features == [[1e140], [-1e140]]
    assert math.isfinite(typed("a,1e140,x,2\nb,-1e140,x,2\n").statistics[0].squares)
