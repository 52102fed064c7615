"""What the terminal says of the data, from the overview in a step's output."""

from hypothesis import given
from hypothesis import strategies as st

from model_service_cli.runs.data_lines import data_lines, folder_in_words, overview_in
from model_service_cli.terminal.lines import HEAD, WIDTH

TITANIC = {
    "bucket": "ml-data-demo",
    "key": "data/titanic.csv",
    "rows": 1306,
    "invalid_rows": 3,
    "missing_cells": {"count": 266, "columns": {"age": 263, "embarked": 2, "fare": 1}},
    "classes": {"count": 2, "rows": {"no": 807, "yes": 499}},
    "used": {
        "number": {"count": 22, "columns": ["age", "fare", *(f"number_{i:02}" for i in range(20))]},
        "flag": {"count": 1, "columns": ["sex"]},
        "category": {"count": 15, "columns": ["embarked", *(f"c{i}" for i in range(10))]},
    },
    "categories": {"embarked": {"S": 914, "C": 270}},
    "left_out": {
        "count": 3,
        "columns": {"name": "nearly as many values as rows, an id", "cabin": "free text"},
    },
    "time_order": "boarded",
    "notes": ["the classes 'Yes' and 'yes' of 'survived' look like spellings of one"],
}


def test_the_block_says_rows_classes_columns_and_what_was_left_out():
    assert list(data_lines(TITANIC)) == [
        "rows       1,306 used, 3 dropped as invalid; 266 missing cells (age: 263; embarked: 2; fare: 1)",
        "classes    no: 807; yes: 499",
        "numbers    age, fare, number_00, number_01, number_02, number_03, number_04, number_05, number_06, number_07,",
        "           number_08, number_09, number_10, number_11, number_12, number_13, number_14, number_15, number_16,",
        "           number_17, number_18, number_19",
        "flags      sex",
        "categories embarked (S: 914; C: 270), c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 4 more",
        "left out   name: nearly as many values as rows, an id",
        "           cabin: free text",
        "           and 1 more",
        "in time by boarded",
        "note       the classes 'Yes' and 'yes' of 'survived' look like spellings of one",
    ]


def test_of_a_folder_its_objects_are_counted():
    (line,) = data_lines({"rows": 60, "bytes": 2_500_000, "objects": 7})
    assert line == "rows       60 used; from 7 objects, 2.5 MB"
    assert folder_in_words({"bytes": 9, "objects": 1}) == "1 object, 9 bytes"
    assert folder_in_words({"bytes": 9}) == ""


def test_an_output_without_an_overview_has_no_block():
    for output in ({}, {"dataset": {}}, {"dataset": {"bucket": "b", "rows": 3}}, {"dataset": None}):
        assert overview_in(output) == {}
    assert overview_in({"dataset": TITANIC}) == TITANIC


def test_of_an_older_dataset_there_are_the_rows():
    assert list(data_lines({"rows": 10, "invalid_rows": 0})) == ["rows       10 used"]


def test_control_characters_of_names_are_told_escaped():
    hostile = "\x1b[2Jname\r\n\u202eevil\x00"
    dataset = TITANIC | {
        "classes": {"count": 1, "rows": {hostile: 10}},
        "left_out": {"count": 1, "columns": {hostile: "free text"}},
        "time_order": hostile,
    }
    lines = list(data_lines(dataset))
    assert all(line.isprintable() for line in lines)
    assert "classes    \\u001b[2Jname\\r\\n\\u202eevil\\u0000: 10" in lines


@given(st.dictionaries(st.text(max_size=60), st.integers(0, 10**12), max_size=20), st.integers(0, 10**6))
def test_any_names_make_lines_of_a_bounded_width_that_a_terminal_may_be_given(rows, more):
    dataset = TITANIC | {"classes": {"count": len(rows) + more, "rows": rows}}
    for line in data_lines(dataset):
        assert line.isprintable()
        assert len(line) <= WIDTH or " " not in line[HEAD:]
