"""Which columns become features, as what, and why the others do not."""

import pytest

from shared.csv_file.columns import Column, ColumnChoice, Schema, choose_columns, features_of
from shared.csv_file.kinds import PLAIN_NUMBER, Kind
from shared.errors import InvalidDatasetError


def schema_of(header: str, *rows: str, label: str = "label", **choice) -> Schema:
    return choose_columns(
        tuple(header.split(",")), [[row.split(",") for row in rows]], ColumnChoice(label, **choice)
    )


def test_every_column_but_the_label_is_a_feature_of_its_kind():
    schema = schema_of("day,open,label,up", "2019-01-01,1,0,yes", "2019-01-02,3,1,no")
    assert schema.columns == (
        Column("day", "feature", kind=Kind.from_text("date", "YYYY-MM-DD")),
        Column("open", "feature", kind=PLAIN_NUMBER),
        Column("label", "label"),
        Column("up", "feature", kind=Kind.from_text("flag", "no/yes")),
    )
    assert (schema.features, schema.label, schema.feature_names) == ((0, 1, 3), 2, ("day", "open", "up"))


def test_columns_are_written_with_kind_notation_and_reason_and_read_again():
    schema = schema_of("day,colour,x,open,price,label", "2019-01-01,red,,1,$1,0", "2019-01-02,red,,1,$2,0")
    assert [column.to_json() for column in schema.columns] == [
        {"name": "day", "role": "feature", "kind": "date", "notation": "YYYY-MM-DD"},
        {"name": "colour", "role": "feature", "kind": "category", "notation": None},
        {"name": "x", "role": "left_out", "reason": "no value in 2 sampled rows", "empty": True},
        {"name": "open", "role": "feature", "kind": "number", "notation": "1234.5"},
        {"name": "price", "role": "feature", "kind": "number", "notation": "1,234.5 $"},
        {"name": "label", "role": "label"},
    ]
    assert tuple(Column.from_json(column.to_json()) for column in schema.columns) == schema.columns


def test_asked_for_features_come_in_the_order_asked_for():
    schema = schema_of("a,b,c,label", "1,2,3,x", features=("c", "a"))
    assert schema.feature_names == ("c", "a")
    assert schema.columns[1] == Column("b", "left_out", "not among feature_columns")


IDS = [f"{i},name-{i},{i % 3},x" for i in range(10)]


def test_a_feature_that_is_asked_for_is_one_whatever_speaks_against_it():
    assert schema_of("id,name,b,label", *IDS).feature_names == ("b",)
    schema = schema_of("id,name,b,label", *IDS, features=("id", "name"))
    assert [kind.name for kind in schema.kinds] == ["number", "category"]
    schema = schema_of("id,name,b,label", *IDS, columns={"id": "number", "b": "category"})
    assert dict(zip(schema.feature_names, schema.kinds, strict=True)) == {
        "id": PLAIN_NUMBER,
        "b": Kind("category"),
    }


def test_columns_may_be_left_out_by_name():
    schema = schema_of("a,b,label", "1,2,x", excluded=("b",))
    assert schema.columns[1] == Column("b", "left_out", "among exclude_columns")


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        (",b,label", "1,2,x", "no name in the header"),
        ("b,a,label", "NA,2,x", "no value in 1 sampled rows"),
        ("x" * 1025 + ",a,label", "1,2,x", "its name has more than 1024 bytes"),
    ],
)
def test_a_column_that_cannot_be_a_feature_says_why(header, row, reason):
    assert schema_of(header, row).columns[0].reason == reason


def test_columns_of_the_same_name_are_left_out():
    schema = schema_of("a,a,b,label", "1,2,3,x")
    assert schema.feature_names == ("b",)
    assert schema.columns[0].reason == schema.columns[1].reason == "the header has this name more than once"


def test_a_few_bad_cells_do_not_make_a_numeric_column_text():
    schema = schema_of("a,b,label", "1,1,x", "oops,2,x", "3,3,y")
    assert schema.feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("label", "choice", "message"),
    [
        ("label", {}, "label_column 'label' is not a column; the header has 'a', 'b', 'b', 'y'"),
        ("b", {}, "the header names column 'b' 2 times; label_column needs it once"),
        ("y", {"features": ("a", "b")}, "names column 'b' 2 times; feature_columns needs it"),
        ("B ", {}, "label_column 'B ' is not a column (did you mean b?); the header has"),
        ("y", {"features": ("open",)}, "feature_columns 'open' is not a column"),
        ("y", {"columns": {"open": "number"}}, "columns 'open' is not a column"),
        ("y", {"excluded": ("open",)}, "exclude_columns 'open' is not a column"),
        ("y", {"time": "open"}, "time_column 'open' is not a column"),
        ("y", {"time": "a", "columns": {"a": "category"}}, "time_column 'a' is no date and no number"),
        ("y", {"columns": {"a": "date"}}, "column 'a': no form of dates fits most of its sampled cells"),
        (
            "a",
            {"excluded": ("y",)},
            "no column but the label 'a' can be a feature: 'b' is left out: the header has this name more than once",
        ),
    ],
)
def test_a_header_that_cannot_serve_the_request_is_refused(label, choice, message):
    with pytest.raises(InvalidDatasetError) as caught:
        schema_of("a,b,b,y", "1,2,3,x", label=label, **choice)
    assert message in str(caught.value)


def test_what_is_ambiguous_is_left_out_and_columns_decides():
    rows = ["03/04/2024;1,234;x", "05/06/2024;5,678;y"]

    def chosen(**choice) -> Schema:
        return choose_columns(
            ("d", "n", "label"), [[row.split(";") for row in [*rows]]], ColumnChoice("label", **choice)
        )

    with pytest.raises(
        InvalidDatasetError, match="'d' is left out: ambiguous: dates like DD/MM/YYYY or like MM/DD"
    ):
        chosen()
    schema = chosen(columns={"d": "date:month-first", "n": "number:1.234,5"})
    assert [kind.notation_text for kind in schema.kinds] == ["MM/DD/YYYY", "1.234,5"]
    with pytest.raises(
        InvalidDatasetError, match=r'column \'n\': its numbers are ambiguous; columns decides: "number:1,'
    ):
        chosen(columns={"n": "number"})
    with pytest.raises(InvalidDatasetError, match="column 'd': its dates are ambiguous; columns decides"):
        chosen(features=("d",))


def test_added_missing_values_make_a_column_of_numbers():
    rows = ["unknown,1,x", "unknown,2,y", "5,2,x", "-9,3,y"]
    assert schema_of("a,b,label", *rows).kinds[0] == Kind("category")
    schema = schema_of("a,b,label", *rows, missing=("Unknown", "-9"))
    assert schema.kinds[0] == PLAIN_NUMBER
    assert schema.missing == ("Unknown", "-9")


def test_a_long_header_is_cut_in_the_message():
    with pytest.raises(InvalidDatasetError) as caught:
        schema_of(",".join(f"column_{i}" for i in range(5000)), "1," * 4999 + "1")
    assert len(str(caught.value)) < 500


def test_more_features_than_a_matrix_should_have_are_refused():
    header = ",".join(f"x{i}" for i in range(1001)) + ",label"
    with pytest.raises(InvalidDatasetError, match="1001 features; allowed are 1000"):
        schema_of(header, "1," * 1001 + "y")


def test_an_existing_model_s_features_are_found_by_name_in_any_order():
    features = (Column("b", "feature", kind=PLAIN_NUMBER), Column("a", "feature", kind=Kind("category")))
    schema = features_of(("a", "more", "b"), features)
    assert (schema.features, schema.kinds, schema.label) == ((2, 0), (PLAIN_NUMBER, Kind("category")), None)
    with pytest.raises(
        InvalidDatasetError, match="the header has no column 'b', which the model reads; it has 'a'"
    ):
        features_of(("a",), features)
    with pytest.raises(InvalidDatasetError, match="the header names column 'a' 2 times; the model reads it"):
        features_of(("a", "b", "a"), features)


def test_what_every_block_asks_of_a_schema_is_worked_out_once():
    schema = schema_of("x,y,label", "1,2,a")
    assert schema.kinds is schema.kinds
    assert schema.feature_names is schema.feature_names == ("x", "y")
