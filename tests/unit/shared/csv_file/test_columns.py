"""Which columns become features, and why the others do not."""

import pytest

from shared.csv_file.columns import Column, choose_columns
from shared.csv_file.dialect import Dialect
from shared.errors import InvalidDatasetError


def dialect(header: str, *rows: str) -> Dialect:
    return Dialect(",", tuple(header.split(",")), 0, 2, tuple(tuple(row.split(",")) for row in rows))


def test_every_numeric_column_but_the_label_is_a_feature():
    schema = choose_columns(dialect("time,open,label,close", "2019-01-01,1,0,2", "2019-01-02,3,1,4"), "label")
    assert schema.columns == (
        Column("time", "left_out", "text, such as '2019-01-01'"),
        Column("open", "feature"),
        Column("label", "label"),
        Column("close", "feature"),
    )
    assert (schema.features, schema.label, schema.feature_names) == ((1, 3), 2, ("open", "close"))


def test_columns_are_written_with_their_reason():
    schema = choose_columns(dialect("time,open,label", "x,1,0"), "label")
    assert [column.to_json() for column in schema.columns] == [
        {"name": "time", "role": "left_out", "reason": "text, such as 'x'"},
        {"name": "open", "role": "feature"},
        {"name": "label", "role": "label"},
    ]


def test_asked_for_features_come_in_the_order_asked_for():
    schema = choose_columns(dialect("a,b,c,label", "1,2,3,x"), "label", ("c", "a"))
    assert schema.feature_names == ("c", "a")
    assert schema.columns[1] == Column("b", "left_out", "not among feature_columns")


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        (",b,label", "1,2,x", "no name in the header"),
        ("b,a,label", "NA,2,x", "no value in the first 1 rows"),
    ],
)
def test_a_column_that_cannot_be_a_feature_says_why(header, row, reason):
    assert choose_columns(dialect(header, row), "label").columns[0].reason == reason


def test_columns_of_the_same_name_are_left_out():
    schema = choose_columns(dialect("a,a,b,label", "1,2,3,x"), "label")
    assert schema.feature_names == ("b",)
    assert schema.columns[0].reason == schema.columns[1].reason == "the header has this name more than once"


def test_a_few_bad_cells_do_not_make_a_numeric_column_text():
    schema = choose_columns(dialect("a,b,label", "1,1,x", "oops,2,x", "3,3,y"), "label")
    assert schema.feature_names == ("a", "b")


def test_rows_that_are_too_short_do_not_matter_here():
    assert choose_columns(dialect("a,b,label", "1", "1,2,x"), "label").feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "label_column 'label' is not a column; the header has 'a', 'b', 'b', 'y'"),
        ({"label_column": "b"}, "the header names column 'b' 2 times; label_column needs it once"),
        (
            {"label_column": "y", "feature_columns": ("a", "b")},
            "names column 'b' 2 times; feature_columns needs it",
        ),
        ({"label_column": "y", "feature_columns": ("open",)}, "feature_columns 'open' is not a column"),
        (
            {"label_column": "a"},
            "no column but the label 'a' is numeric; at least one numeric feature is needed",
        ),
    ],
)
def test_a_header_that_cannot_serve_the_request_is_refused(fields, message):
    with pytest.raises(InvalidDatasetError) as caught:
        choose_columns(dialect("a,b,b,y", "1,2,3,x"), **{"label_column": "label"} | fields)
    assert message in str(caught.value)


def test_a_long_header_is_cut_in_the_message():
    with pytest.raises(InvalidDatasetError) as caught:
        choose_columns(dialect(",".join(f"column_{i}" for i in range(5000)), "1"), "label")
    assert len(str(caught.value)) < 500


def test_more_features_than_a_matrix_should_have_are_refused():
    header = ",".join(f"x{i}" for i in range(1001)) + ",label"
    with pytest.raises(InvalidDatasetError, match="1001 features; allowed are 1000"):
        choose_columns(dialect(header, "1," * 1001 + "y"), "label")
