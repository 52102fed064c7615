"""Cells become numbers, dates and codes; a row with a flaw is left out and named."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.cells import LabelCodes
from shared.csv_file.columns import Column, Schema
from shared.csv_file.date_statistics import DateStatistics, RowOrder
from shared.csv_file.exact_statistics import ExactStatistics
from shared.csv_file.kinds import PLAIN_NUMBER, Kind
from shared.csv_file.problems import Problem
from shared.csv_file.records import read_blocks
from shared.csv_file.texts import TextCounts
from shared.csv_file.typed_rows import RowTyper, TypedRows
from shared.typed_columns import CodedColumn

SCHEMA = Schema(
    (
        Column("time", "left_out", "text"),
        Column("open", "feature", kind=PLAIN_NUMBER),
        Column("label", "label"),
        Column("close", "feature", kind=PLAIN_NUMBER),
    ),
    features=(1, 3),
    label=2,
)
MIXED = Schema(
    (
        Column("day", "feature", kind=Kind.from_text("date", "YYYY-MM-DD")),
        Column("colour", "feature", kind=Kind("category")),
        Column("member", "feature", kind=Kind.from_text("flag", "no/yes")),
        Column("price", "feature", kind=Kind.from_text("number", "1,234.5")),
        Column("label", "label"),
        Column("comment", "left_out", "no value in 2 sampled rows", empty=True),
    ),
    features=(0, 1, 2, 3),
    label=4,
)


def typed(text: str, labels: LabelCodes | None = None) -> TypedRows:
    (block,) = read_blocks([text.encode()], ",", 4, first_line=2)
    return RowTyper(SCHEMA, labels if labels is not None else LabelCodes("label")).rows_of(block)


def test_flawless_rows():
    rows = typed("a,1,x,-2.5\nb,3,y,4e1\n")
    assert rows == TypedRows(
        features=[[1.0, 3.0], [-2.5, 40.0]],
        statistics=[ExactStatistics.of([1.0, 3.0]), ExactStatistics.of([-2.5, 40.0])],
        codes=[0, 1],
        rows=2,
        problems=[],
    )


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
    ],
)
@pytest.mark.parametrize("quote", ["", '"'], ids=["unquoted", "quoted"])
def test_a_cell_that_is_no_usable_number_leaves_its_row_out(cell, kind, quote):
    rows = typed(f"a,1,x,2\nb,{quote}{cell}{quote},y,4\nc,5,x,6\n")
    assert rows.problems == [Problem(kind, 3, "open", cell, "a number")]
    assert (rows.features, rows.codes) == ([[1.0, 5.0], [2.0, 6.0]], [0, 0])
    assert [statistics.present for statistics in rows.statistics] == [2, 2]


@pytest.mark.parametrize("cell", ["", "NA", "null"])
def test_a_missing_label_leaves_its_row_out(cell):
    rows = typed(f"a,1,x,2\nb,3,{cell},4\n")
    assert rows.problems == [Problem("missing label", 3, "label", cell, "a class")]
    assert (rows.features, rows.codes) == ([[1.0], [2.0]], [0])


def test_a_row_of_delimiters_alone_is_a_blank_line():
    rows = typed("a,1,x,2\n, , ,\nb,3,y,4\n")
    assert (rows.features, rows.codes, rows.problems) == ([[1.0, 3.0], [2.0, 4.0]], [0, 1], [])


def test_a_block_without_missing_labels_is_flawless_after_one_with():
    labels = LabelCodes("label")
    typed("a,1,,2\n", labels)
    assert typed("a,1,x,2\nb,3,y,4\n", labels).codes == [0, 1]


def test_every_problem_of_a_row_is_named_in_line_order():
    rows = typed('a,1\nb,oops,x,"1,5"\nc,1,,2\nd,1,x,2\n')
    assert rows.problems == [
        Problem("ragged row", 2, None, "", "4 cells as in the header, not 2"),
        Problem("not a number", 3, "open", "oops", "a number"),
        Problem("not a number", 3, "close", "1,5", "a number"),
        Problem("missing label", 4, "label", "", "a class"),
    ]
    assert (rows.features, rows.codes) == ([[1.0], [2.0]], [0])


def two_columns(schema: Schema, text: bytes, labels: LabelCodes) -> TypedRows:
    (block,) = read_blocks([text], ",", 2, first_line=2)
    return RowTyper(schema, labels).rows_of(block)


def test_the_first_column_s_flaw_shows_its_cell_alone():
    columns = (Column("open", "feature", kind=PLAIN_NUMBER), Column("label", "label"))
    schema = Schema(columns, features=(0,), label=1)
    assert two_columns(schema, b"1,x\noops,y\n", LabelCodes("label")).problems == [
        Problem("not a number", 3, "open", "oops", "a number")
    ]


def test_the_first_column_may_be_the_label():
    columns = (Column("label", "label"), Column("open", "feature", kind=PLAIN_NUMBER))
    labels = LabelCodes("label")
    rows = two_columns(Schema(columns, features=(1,), label=0), b"x,1\ny,2\nx,3\n", labels)
    assert (rows.codes, labels.classes) == ([0, 1, 0], ["x", "y"])


def test_a_block_in_which_every_row_is_invalid_has_no_rows():
    rows = typed("a,.,x,2\nb,3,y,oops\n")
    assert (rows.rows, rows.features) == (0, [[], []])
    assert [statistics.to_json()["mean"] for statistics in rows.statistics] == [None, None]


@pytest.mark.parametrize("cell", ["", "NA", "nan", "  ?  ", r"\N", "-"])
@pytest.mark.parametrize("quote", ["", '"'], ids=["unquoted", "quoted"])
def test_a_missing_number_is_nan_and_no_problem(cell, quote):
    rows = typed(f"a,1,x,2\nb,{quote}{cell}{quote},y,4\nc,5,x,6\n")
    assert rows.problems == []
    assert [value == value for value in rows.features[0]] == [True, False, True]
    assert [statistics.present for statistics in rows.statistics] == [2, 3]
    assert rows.statistics[0] == ExactStatistics.of([1.0, 5.0])


ROWS = """\
2024-01-01,red,yes,"1,000.5",up,
2024-01-02,,No,7,down,NA
,red,?,-,up,here
"""


@pytest.mark.parametrize("quoted", [True, False])
def test_every_kind_of_column(quoted):
    text = ROWS if quoted else ROWS.replace('"1,000.5"', "1000.5")
    typer = RowTyper(MIXED, LabelCodes("label"))
    (block,) = read_blocks([text.encode()], ",", 6, first_line=2)
    rows = typer.rows_of(block)
    day, colour, member, price = rows.features
    assert day[:2] == [1704067200.0, 1704153600.0]
    assert math.isnan(day[2])
    assert colour == CodedColumn(array("H", [0, 1, 0]), ("red", ""))
    assert member == CodedColumn(array("H", [0, 1, 2]), ("yes", "no", ""))
    assert price[:2] == [1000.5, 7.0]
    assert math.isnan(price[2])
    assert rows.statistics[0] == DateStatistics(
        ExactStatistics.of(day[:2]), RowOrder(day[0], day[1], rises=True, falls=False)
    )
    assert typer.counts() == [
        None,
        TextCounts({"red": 2, "": 1}),
        TextCounts({"yes": 1, "no": 1, "": 1}),
        None,
    ]
    assert typer.filled == {"comment": 4}
    assert rows.problems == []


def test_cells_of_invalid_rows_never_become_values():
    typer = RowTyper(MIXED, LabelCodes("label"))
    text = b"2024-01-01,red,yes,1,up,\nsoon,green,perhaps,1,up,\n2024-01-02,blue,NO,2,down,\n"
    (block,) = read_blocks([text], ",", 6, first_line=2)
    rows = typer.rows_of(block)
    assert rows.features[1] == CodedColumn(array("H", [0, 1]), ("red", "blue"))
    assert typer.counts()[2] == TextCounts({"yes": 1, "no": 1})
    assert [str(problem) for problem in rows.problems] == [
        "line 3, column 'day': not a date; expected a date written like YYYY-MM-DD",
        "line 3, column 'member': not a flag; expected no or yes",
    ]


def test_without_a_label_there_are_no_codes():
    schema = Schema(SCHEMA.columns, SCHEMA.features, None)
    (block,) = read_blocks([b"a,1,,2\nb,oops,,2\n"], ",", 4, first_line=2)
    rows = RowTyper(schema).rows_of(block)
    assert (rows.features, rows.codes, rows.rows, len(rows.problems)) == ([[1.0], [2.0]], [], 1, 1)


CELLS = st.sampled_from(
    ["2024-01-01", "31", "red", "yes", "NO", "", "NA", "1,000", "-5", "x" * 300, "é", "a_b"]
)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, st.sampled_from(["up", "down", ""]), CELLS), min_size=1)
)
def test_a_block_at_once_is_its_rows_one_by_one(rows):
    def read(texts: list[str]) -> tuple[list, list, list]:
        labels = LabelCodes("label")
        typer = RowTyper(MIXED, labels)
        found, problems = [], []
        for text in texts:
            (block,) = read_blocks([text.encode()], ",", 6, first_line=1)
            typed_rows = typer.rows_of(block)
            columns = [
                [column.values[code] if len(column.values) > code else "" for code in column.codes]
                if isinstance(column, CodedColumn)
                else list(map(repr, column))
                for column in typed_rows.features
            ]
            found += zip(*columns, (labels.classes[code] for code in typed_rows.codes), strict=True)
            problems += [(problem.kind, problem.column, problem.cell) for problem in typed_rows.problems]
        return found, problems, typer.counts()

    lines = [",".join(f'"{cell}"' for cell in row) + "\n" for row in rows]
    together, apart = read(["".join(lines)]), read(lines)
    if any("x" * 300 in row[1] for row in rows):  # free text from there on
        assert (together[1], len(together[0])) == (apart[1], len(apart[0]))
    else:
        assert together == apart


def test_the_largest_allowed_number_is_taken():
    assert typed("a,1e140,x,-1e140\n").features == [[1e140], [-1e140]]
    assert math.isfinite(typed("a,1e140,x,2\nb,-1e140,x,2\n").statistics[0].to_json()["deviation"])
