"""Files of other kinds are named, and a first record that is no header is told from one: with what to do."""

import gzip
import json

import pytest

from shared.csv_file import recognition
from shared.csv_file.dialect import detect_dialect
from shared.csv_file.recognition import check_is_header, check_is_text, check_names
from shared.errors import InvalidDatasetError


@pytest.mark.parametrize("signature", recognition._SIGNATURES, ids=lambda entry: entry[1])
def test_every_kind_of_file_is_named_with_what_to_do(signature):
    start, name, advice = signature
    with pytest.raises(InvalidDatasetError) as refused:
        check_is_text(start + b"\x00\x01\x02\xff\n")
    assert str(refused.value) == f"the file is {name}, not CSV: {advice}"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"PK\x03\x04..xl/workbook.xml", "an Excel workbook (xlsx), not CSV: save the sheet as CSV (UTF-8)"),
        (
            b"PK\x03\x04..[Content_Types].xml",
            "an Excel workbook (xlsx), not CSV: save the sheet as CSV (UTF-8)",
        ),
        (b"PK\x03\x04..data.csv", f"zip, not CSV: {recognition._UNPACK}"),
        (gzip.compress(b"a,b\n"), "gzip inside gzip, not CSV: compress it once"),
        (b"  <!DOCTYPE html>", f"HTML or XML, not CSV: {recognition._EXPORT}"),
        (b"<?xml version='1.0'?>", f"HTML or XML, not CSV: {recognition._EXPORT}"),
        (b'[{"a": 1}]', "JSON, not CSV: write it as CSV, a column a member"),
        (b"[ [1, 2], [3, 4]]", "JSON, not CSV: write it as CSV, a column a member"),
        (b'\xef\xbb\xbf {\n  "a": 1\n}', "JSON, not CSV: write it as CSV, a column a member"),
        (b'{"a": 1}', "JSON, not CSV: write it as CSV, a column a member"),
        (b'{"a": 1}\n{"a": 2}\n', "JSON Lines, not CSV: write it as CSV, a column a member"),
    ],
)
def test_what_begins_like_another_format_is_that(head, told):
    with pytest.raises(InvalidDatasetError) as refused:
        check_is_text(head)
    assert str(refused.value) == f"the file is {told}"


@pytest.mark.parametrize(
    "head",
    [
        b"BZhours,PARTS,label\n1,2,x\n",
        b"ORC,b\n",
        b"[a],[b]\n",
        b"{id},x\n1,2\n",
        b"<5,>5,label\n",
        b"%PDF,b\n",
        b"a,b",
    ],
)
def test_a_header_may_begin_with_the_letters_of_another_format(head):
    check_is_text(head)


def refused(records: list[list[str]], line: int = 0, ends: list[int] | None = None) -> str | None:
    try:
        check_is_header(records, line, ends or list(range(1, len(records) + 1)))
    except InvalidDatasetError as error:
        return str(error)
    return None


def rows(count: int, width: int = 3) -> list[list[str]]:
    return [[str(i + j) for j in range(width)] for i in range(count)]


def test_a_title_is_no_header_and_the_request_can_skip_it():
    words = "line 1 is no header: it has 1 cell, and the lines below have 3; "
    told = words + '"skip_lines": 1 in the request begins at line 2'
    assert refused([["Sales of the year"], ["a", "b", "c"], *rows(5)]) == told
    two = [["Sales", "2024"], ["of all", "shops"], ["a", "b", "c"], *rows(5)]
    assert refused(two, 4, [2, 3, 4, 5, 6, 7, 8, 9]) == (
        "line 5 is no header: it has 2 cells, and the lines below have 3; "
        '"skip_lines": 7 in the request begins at line 8'
    )


def test_a_first_column_without_a_name_is_told():
    told = (
        "line 3: the header has 2 names and the rows have 3 cells: the first column (the rows' names?) has none; "
        "write one in front of the others"
    )
    assert refused([["b", "c"], *rows(4)], 2) == told
    of_texts = [["b", "c"], *[["x", "y", "z"]] * 4]
    assert refused(of_texts, 2).startswith("line 3 is no header: it has 2 cells")
    two_fewer = [["c"], *rows(4)]
    assert refused(two_fewer).startswith("line 1 is no header: it has 1 cell,")


@pytest.mark.parametrize(
    ("wide", "narrow", "is_header"), [(2, 0, True), (3, 0, False), (3, 3, True), (4, 3, False)]
)
def test_three_rows_and_more_than_half_of_them_say_how_wide_the_table_is(wide, narrow, is_header):
    found = refused([["title"], *rows(wide), *rows(narrow, 1)])
    assert (found is None) is is_header


def test_only_the_first_fifty_records_are_asked():
    assert refused([["a", "b"], *rows(24, 2), *rows(25)]) is not None
    assert refused([["a", "b"], *rows(25, 2), *rows(200)]) is None


@pytest.mark.parametrize(
    "records",
    [[["a", "b", "c"], *rows(9)], [["a", "b", "c", "d"], *rows(9)], [["a"], *[["1", "", " "]] * 9], [["a"]]],
)
def test_a_header_as_wide_as_the_rows_or_wider_is_one_and_empty_cells_at_the_end_are_none(records):
    assert refused(records) is None


def test_names_that_are_all_numbers_are_a_row_of_data():
    with pytest.raises(
        InvalidDatasetError, match=r"^line 7: the header looks like data, every name is a number"
    ):
        check_names(["1.5", "-2", "3e4"], 7)
    check_names(["1.5", "x"], 7)


@pytest.mark.parametrize(("more", "found"), [(4, True), (3, False)])
def test_below_a_title_the_delimiter_is_that_of_more_than_half_of_the_lines(more, found):
    """Of all lines, the title among them. The title is told then; else that there is one column."""
    lines = ["Sales", *["x;y"] * more, *["text"] * 2]
    with pytest.raises(InvalidDatasetError) as told:
        detect_dialect(("\n".join(lines) + "\n").encode(), True, None, None, 0)
    assert ("is no header" in str(told.value)) is found
    assert ("has a single column" in str(told.value)) is not found


def test_json_nested_too_deeply_for_a_parser_is_json_all_the_same():
    head = b'{"a":' * 100_000
    with pytest.raises(RecursionError):
        json.loads(head)
    with pytest.raises(InvalidDatasetError, match="the file is JSON"):
        check_is_text(head)
