"""Numbers as people write them: notations, found in a sample and read in one go."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.cells import MissingTokens
from shared.csv_file.numbers import PLAIN, NumberNotation, NumberReader, guess_notation
from shared.csv_file.problems import CellError

NOTATIONS = [
    "1234.5",
    "1,234.5",
    "1.234,5",
    "1 234.5",
    "1 234,5",
    "1'234.5",
    "1234,5",
    "1,234.5 $",
    "1234.5 %",
]


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
    ],
)
def test_a_number_in_any_usual_spelling(cell, value):
    assert PLAIN.number(cell) == value


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
        "-inf",
        "Infinity",
    ],
)
def test_what_is_no_number_is_nan(cell):
    assert math.isnan(PLAIN.number(cell))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_every_number_python_writes_is_read_exactly(value):
    assert PLAIN.number(repr(value)) == float(value)


@pytest.mark.parametrize("text", NOTATIONS)
def test_a_notation_is_told_by_how_it_writes_1234_5(text):
    notation = NumberNotation.from_text(text)
    assert str(notation) == text
    assert notation.number(text) == 1234.5
    assert notation.numbers([text, " nan ", f"-{text}"])[::2] == [1234.5, -1234.5]


@pytest.mark.parametrize("text", ["", "1234", "1,234,5", "1;234.5", "1234.5 x", "2,345.6"])
def test_other_texts_are_no_notation(text):
    with pytest.raises(ValueError, match="is no notation of numbers"):
        NumberNotation.from_text(text)


@pytest.mark.parametrize(
    ("cells", "notation", "numbers"),
    [
        (["1", "-2.5", "1e3"], "1234.5", [1, -2.5, 1000]),
        (["12,039.56", "912.98"], "1,234.5", [12039.56, 912.98]),
        (["1,234,567", "1"], "1,234.5", [1234567, 1]),
        (["1.234,50", "12,5", "7"], "1.234,5", [1234.5, 12.5, 7]),
        (["3,5", "0,25"], "1.234,5", [3.5, 0.25]),
        (["1 234,5", "2 000"], "1 234,5", [1234.5, 2000]),
        (["1\u202f234", "12\u00a0345"], "1 234.5", [1234, 12345]),
        (["1'000", "2'500.5"], "1'234.5", [1000, 2500.5]),
        (["12 %", "7%", "-3.5 %"], "1,234.5 %", [12, 7, -3.5]),
        (["$1,000", "-$5", "$-7", "$ 8.50", "9"], "1,234.5 $", [1000, -5, -7, 8.5, 9]),
        (["1.234,50 €", "€ 3"], "1.234,5 €", [1234.5, 3]),
        (["+5", " 6 "], "1234.5", [5, 6]),
        (["1.234", "5.678"], "1234.5", [1.234, 5.678]),
    ],
)
def test_the_notation_of_a_sample(cells, notation, numbers):
    guess = guess_notation(cells)
    assert (str(guess.notation), guess.fits, guess.others) == (notation, len(cells), ())
    reader = NumberReader(guess.notation, MissingTokens())
    assert reader.all_of(cells, plain=False) == numbers
    assert reader.all_of([cell.encode() for cell in cells], plain=False) == numbers
    assert list(map(reader.one, cells)) == numbers


@pytest.mark.parametrize("cells", [["1,234"], ["1,234", "999"], ["$1,234", "$5,678"]])
def test_what_stays_ambiguous_in_the_whole_sample_is_told(cells):
    guess = guess_notation(cells)
    assert [str(guess.notation)[:7], str(guess.others[0])[:7]] == ["1,234.5", "1.234,5"]


@pytest.mark.parametrize(
    ("notation", "cell"),
    [
        ("1234.5", "1,5"),
        ("1234.5", "12 %"),
        ("1,234.5", "12,34"),
        ("1,234.5", "1,2345"),
        ("1,234.5", "1.234,5"),
        ("1,234.5", "1,234\0"),
        ("1,234.5", "1,23\n4"),
        ("1,234.5 $", "5 €"),
        ("1234.5 %", "5"),
        ("1,234.5", "x"),
    ],
)
def test_a_cell_in_another_notation_contradicts_its_column(notation, cell):
    reader = NumberReader(NumberNotation.from_text(notation), MissingTokens())
    assert reader.all_of(["1", cell], plain=False) is None
    with pytest.raises(CellError, match="not a number; expected a number"):
        reader.one(cell)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("spelling", ["", "NA", "?", "  ", r"\N", "-", "None", " n/a "])
def test_missing_cells_are_nan(notation, spelling):
    reader = NumberReader(NumberNotation.from_text(notation), MissingTokens())
    assert math.isnan(reader.one(spelling))
    values = reader.all_of([notation, spelling], plain=True)
    assert values is None or (values[0] == 1234.5 and math.isnan(values[1]))


def test_usual_missing_cells_need_no_look_at_each():
    reader = NumberReader(PLAIN, MissingTokens(["unknown", "-999"]))
    values = reader.all_of([b"1", b"\n", b"NA", b"unknown", b"\nnull", b"-999.0", b"2"], plain=True)
    assert [value for value in values if value == value] == [1.0, 2.0]
    assert math.isnan(reader.one("-999.00"))


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999", "-1e141"])
def test_a_number_out_of_range_is_named_as_that(cell):
    with pytest.raises(CellError, match="number out of range"):
        NumberReader(PLAIN, MissingTokens()).one(cell)


@given(
    st.lists(st.floats(-1e12, 1e12).map(lambda value: round(value, 2)), min_size=1),
    st.sampled_from(NOTATIONS[:7]),
)
def test_whatever_is_written_in_a_notation_is_read_in_it(values, text):
    notation = NumberNotation.from_text(text)

    def written(value: float) -> str:
        grouped = f"{value:,.2f}".replace(",", "_").replace(".", notation.decimal)
        return grouped.replace("_", notation.thousands)

    cells = list(map(written, values))
    assert notation.numbers(cells) == list(map(notation.number, cells)) == pytest.approx(values)


@given(st.lists(st.text("0123456789.,' %$-+e\n\0nax", max_size=12), min_size=1), st.sampled_from(NOTATIONS))
def test_all_at_once_is_what_each_is_by_itself(cells, text):
    reader = NumberReader(NumberNotation.from_text(text), MissingTokens())
    values = reader.all_of(cells, plain=False)
    if values is not None:
        assert list(map(repr, values)) == [repr(reader.one(cell)) for cell in cells]
