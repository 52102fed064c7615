"""Texts by code, and how many rows have each: exactly, up to a limit."""

from array import array

import pytest

from shared.csv_file.cells import MissingTokens
from shared.csv_file.problems import CellError
from shared.csv_file.texts import MAX_VALUES, OTHER, TextCounts, TextReader
from shared.typed_columns import CodedColumn


def reader_of(cells: list, **options) -> TextReader:
    reader = TextReader(MissingTokens(), **options)
    reader.count(reader.all_of(cells, True).codes)
    return reader


def test_texts_are_numbered_by_first_appearance_without_the_space_around_them():
    reader = TextReader(MissingTokens())
    column = reader.all_of([b"red", b"\nblue", " red", "", "NA", "Red"], True)
    assert column == CodedColumn(array("H", [0, 1, 0, 2, 2, 3]), ("red", "blue", "", "Red"))


def test_a_flag_s_case_does_not_matter():
    reader = TextReader(MissingTokens(), flag=("false", "true"))
    column = reader.all_of(["True", "FALSE", "true", ""], True)
    assert [column.values[code] for code in column.codes] == ["true", "false", "true", ""]
    assert reader.all_of(["true", "maybe"], True) is None
    with pytest.raises(CellError, match="not a flag; expected false or true"):
        reader.one("maybe")


@pytest.mark.parametrize("distinct", [3, 16, 17, 3000])
def test_rows_are_counted_by_text(distinct):
    cells = [str(i % distinct) for i in range(6000)]
    assert reader_of(cells).counts == TextCounts({str(i): cells.count(str(i)) for i in range(distinct)})


def test_counts_are_exact_up_to_the_limit_and_beyond_it_the_column_is_free_text():
    at_the_limit = [*map(str, range(MAX_VALUES)), "", "NA", "0"]
    reader = reader_of(at_the_limit)
    assert (reader.counts.distinct, reader.counts.missing, reader.free_text) == (MAX_VALUES, 2, False)
    reader.all_of(["one more"], True)
    assert (reader.counts, reader.values) == (TextCounts(None), ())
    assert reader.all_of(["a", "b"], True) == CodedColumn(array("H", [0, 0]), ("",))


def test_texts_that_a_model_does_not_know_are_one_however_many_there_are():
    reader = TextReader(MissingTokens(), known=frozenset({"red"}))
    column = reader.all_of(["red", "NA", "x" * 300, *map(str, range(MAX_VALUES + 1))], True)
    assert column.values == ("red", "", OTHER)
    assert column.codes[:4].tolist() == [0, 1, 2, 2]
    assert set(column.codes[3:]) == {2}


def test_one_long_text_makes_a_column_free_text():
    assert not reader_of(["x" * 256]).free_text
    assert reader_of(["a", "x" * 257, "b"]).counts == TextCounts(None)


def test_merged_counts_know_the_limit_too():
    halves = [TextCounts({str(i): 1 for i in numbers}) for numbers in (range(6000), range(4000, MAX_VALUES))]
    assert halves[0].merge(halves[1]).distinct == MAX_VALUES
    assert halves[0].merge(TextCounts({str(i): 1 for i in range(5000, 5000 + MAX_VALUES)})) == TextCounts(
        None
    )
    assert TextCounts(None).merge(halves[0]) == halves[0].merge(TextCounts(None)) == TextCounts(None)


def test_texts_by_frequency_ties_by_name():
    counts = TextCounts({"b": 2, "a": 2, "": 9, "c": 5})
    assert counts.most_frequent() == [("c", 5), ("a", 2), ("b", 2)]
    assert counts.to_json() == {"distinct": 3, "missing": 9, "counts": {"c": 5, "a": 2, "b": 2}}
