"""What a cell means, as bytes and as text alike."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.cells import MAX_CLASSES, NO_LABEL, LabelCodes, as_text, is_missing, number
from shared.errors import InvalidDatasetError


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1", 1.0),
        ("-0.5", -0.5),
        ("+7.25", 7.25),
        (".5", 0.5),
        ("5.", 5.0),
        (" 42 ", 42.0),
        ("\t42", 42.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("007", 7.0),
        ("1e999", math.inf),
        ("-inf", -math.inf),
        ("Infinity", math.inf),
    ],
)
def test_a_number_in_any_usual_spelling(cell, value):
    assert number(cell) == value
    assert number(cell.encode()) == value


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "1_000",
        "1,5",
        "1 000",
        "0x10",
        "1e",
        "--1",
        "\uff11\uff12",
        "\u0663",
        "\u00a01",
        "12%",
        "(12)",
        "nan",
    ],
)
def test_what_is_no_number_is_nan(cell):
    assert math.isnan(number(cell))
    assert math.isnan(number(cell.encode()))


@given(st.floats(allow_nan=False) | st.integers(-(10**30), 10**30))
def test_every_number_python_writes_is_read_exactly(value):
    assert number(repr(value)) == number(repr(value).encode()) == float(value)


@pytest.mark.parametrize("cell", ["", "  ", "NA", "n/a", "NaN", "null", "NULL", "None", "?", " na "])
def test_missing_values_in_their_usual_spellings(cell):
    assert is_missing(cell)
    assert is_missing(cell.encode())


@pytest.mark.parametrize("cell", ["0", "-", ".", "missing", "nanny", "N A"])
def test_other_cells_are_not_missing(cell):
    assert not is_missing(cell)


def test_text_is_the_same_from_bytes_and_without_the_line_end_in_front():
    assert as_text("größe") == as_text("größe".encode()) == as_text("\ngröße".encode()) == "größe"


def test_classes_are_numbered_by_first_appearance():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"up", b"down", b"\nup", " down ", "flat")] == [0, 1, 0, 1, 2]
    assert labels.classes == ["up", "down", "flat"]
    assert not labels.any_missing


def test_a_missing_label_has_no_code():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"up", b"", b"NA", b"up")] == [0, NO_LABEL, NO_LABEL, 0]
    assert labels.any_missing
    assert labels.classes == ["up"]


def test_labels_are_text_and_case_matters():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"1", b"1.0", b"A", b"a", "<b>", "=1+1")] == [0, 1, 2, 3, 4, 5]


def test_more_classes_than_any_label_has_are_refused():
    labels = LabelCodes("price")
    for i in range(MAX_CLASSES):
        labels[str(i)]
    with pytest.raises(InvalidDatasetError, match="column 'price' has more than 1000 distinct values"):
        labels["one more"]


@pytest.mark.parametrize("classes", [2, 16, 17, 300])
def test_rows_are_counted_by_class_name(classes):
    labels = LabelCodes("label")
    codes = [labels[str(i * i % classes)] for i in range(1000)]
    assert labels.count(codes) == Counter(str(i * i % classes) for i in range(1000))
