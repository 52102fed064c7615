"""Bytes to records: whatever the chunks and blocks, the cells are those of csv.reader."""

import csv
import io
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.csv_file import records
from shared.csv_file.cells import as_text
from shared.csv_file.dialect import MAX_RECORD_BYTES
from shared.csv_file.records import peek, read_blocks, skip
from shared.errors import InvalidDatasetError

Rows = list[tuple[int, list[str]]]
CELLS = st.text("ab1é \"',;|\t\n\r", max_size=6)


def read(
    chunks: list[bytes],
    delimiter: str = ",",
    width: int = 3,
    first_line: int = 1,
    block_bytes: int | None = None,
) -> tuple[Rows, list[tuple[int, int]]]:
    """All records with their lines, and the ragged ones."""
    rows, ragged = [], []
    with pytest.MonkeyPatch.context() as patch:
        if block_bytes:
            patch.setattr(records, "BLOCK_BYTES", block_bytes)
        for block in read_blocks(chunks, delimiter, width, first_line):
            assert [len(column) for column in block.columns] == [block.rows] * width
            cells = [[as_text(cell) for cell in column] for column in block.columns]
            rows += zip(block.lines, map(list, zip(*cells, strict=True)), strict=True)
            ragged += block.ragged
    return rows, ragged


def reference(text: str, delimiter: str, width: int) -> tuple[Rows, list[tuple[int, int]]]:
    """The same by csv.reader over the whole text."""
    rows, ragged = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    for record in reader:
        while len(record) > width and not record[-1].strip():
            record.pop()
        if len(record) == width:
            rows.append((start, record))
        elif any(cell.strip() for cell in record):
            ragged.append((start, len(record)))
        start = reader.line_num + 1
    return rows, ragged


def cut(content: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[a:b] for a, b in itertools.pairwise(edges)]


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_STRINGS]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    last_line_end=st.booleans(),
    places=st.lists(st.integers(0, 400), max_size=6),
    block_bytes=st.integers(1, 80),
)
def test_cells_and_lines_are_csv_reader_s_for_any_file_of_csv_writer(
    rows, delimiter, quoting, line_end, last_line_end, places, block_bytes
):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows(rows)
    text = buffer.getvalue() if last_line_end else buffer.getvalue().removesuffix(line_end)
    expected = reference(text, delimiter, 3)
    assert read(cut(text.encode(), places), delimiter, 3, block_bytes=block_bytes) == expected


@given(
    text=st.text('ab1é ,,,"\n\n\r', max_size=80),
    places=st.lists(st.integers(0, 200), max_size=6),
    block_bytes=st.integers(1, 40),
    width=st.integers(2, 3),
)
@example(text='"', places=[], block_bytes=1, width=2)
@example(text='a,"\r\n', places=[4], block_bytes=3, width=2)
@example(text="a,b\r\nc,d\r\n", places=[4], block_bytes=4, width=2)
@example(text="a,b\n\n\nc,d", places=[], block_bytes=40, width=2)
@example(text="a,b,c\nd\n", places=[], block_bytes=40, width=2)
def test_any_text_is_read_or_refused_as_csv_reader_does(text, places, block_bytes, width):
    chunks = cut(text.encode(), places)
    try:
        expected = reference(text, ",", width)
    except csv.Error:
        with pytest.raises(InvalidDatasetError, match=r"^line \d+: "):
            read(chunks, width=width, block_bytes=block_bytes)
    else:
        assert read(chunks, width=width, block_bytes=block_bytes) == expected


@given(
    rows=st.lists(st.lists(st.text("ab1é ", max_size=4), min_size=3, max_size=3), min_size=1, max_size=10),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_the_fast_path_reads_what_the_slow_path_reads(rows, line_end):
    text = "".join(",".join(row) + line_end for row in rows)
    fast = read([text.encode()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_split", lambda *_: None)
        assert read([text.encode()]) == fast


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_end_ends_a_record_and_the_last_may_be_missing(line_end, last):
    text = line_end.join(["1,2,3", "4,5,6"]) + (line_end if last else "")
    assert read([text.encode()]) == ([(1, ["1", "2", "3"]), (2, ["4", "5", "6"])], [])


def test_lines_are_counted_from_the_first_line_given():
    assert read([b"1,2,3\n4,5,6\n"], first_line=8)[0] == [(8, ["1", "2", "3"]), (9, ["4", "5", "6"])]


def test_a_quoted_cell_keeps_commas_quotes_and_newlines():
    rows, _ = read([b'1,"a,b",3\n4,"say ""hi""",6\n7,"two\nlines",9\n10,11,12\n'])
    assert rows == [
        (1, ["1", "a,b", "3"]),
        (2, ["4", 'say "hi"', "6"]),
        (3, ["7", "two\nlines", "9"]),
        (5, ["10", "11", "12"]),
    ]


def test_blank_lines_are_no_records_but_count_as_lines():
    assert read([b"1,2,3\n\n \t\n4,5,6\n\n"]) == ([(1, ["1", "2", "3"]), (4, ["4", "5", "6"])], [])


def test_empty_cells_after_the_last_column_are_dropped():
    assert read([b"1,2,3,,\n4,5,6\n"]) == ([(1, ["1", "2", "3"]), (2, ["4", "5", "6"])], [])


def test_ragged_rows_come_with_their_line_and_number_of_cells():
    assert read([b"1,2\n4,5,6\n7,8,9,10\n"]) == ([(2, ["4", "5", "6"])], [(1, 2), (3, 4)])


@pytest.mark.parametrize("content", [b"1,2,3,4\n5,6\n", b"1,2\n3,4,5,6\n", b"1\n2,3,4,5,6\n"])
def test_ragged_rows_that_make_up_for_each_other_are_still_ragged(content):
    rows, ragged = read([content])
    assert rows == []
    assert [line for line, _ in ragged] == [1, 2]


def test_an_empty_body_has_no_records():
    assert read([]) == ([], [])
    assert read([b""]) == ([], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'1,2,3\n4,"5"x,6\n', "line 2: ',' expected after '\"'"),
        (b'1,2,3\n4,"5,6\n7,8,9\n', "line 2: a quote that is never closed"),
        (b"1,2,3\n4,\0,6\n", "line 2: a NUL byte"),
        ("1,2,3\n4,é,6\n".encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
        ('1,2,3\n"4",é,6\n'.encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
        ("1,2,3\r\n4,é,6\r\n".encode("cp1252"), "line 2: byte 0xe9 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 16])
def test_what_is_no_csv_is_refused_with_its_line(content, message, block_bytes):
    with pytest.raises(InvalidDatasetError) as caught:
        read([content], block_bytes=block_bytes)
    assert str(caught.value).startswith(message)


def endless(start: bytes, more: bytes, count: int) -> Iterator[bytes]:
    yield start
    for _ in range(count):
        yield more


@pytest.mark.parametrize(
    ("start", "more"),
    [
        pytest.param(b"1,2,3\n4,5,", b"6" * (1 << 18), id="a line without an end"),
        pytest.param(b'1,2,3\n4,5,"', b"6\n" * (1 << 17), id="a quote left open"),
    ],
)
def test_a_record_that_never_ends_is_refused_before_it_fills_the_memory(start, more):
    taken = []
    chunks = (taken.append(len(chunk)) or chunk for chunk in endless(start, more, 400))
    with pytest.raises(InvalidDatasetError, match="line 2: a record longer than 4 MiB"):
        list(read_blocks(chunks, ",", 3, 1))
    assert sum(taken) < 3 * MAX_RECORD_BYTES


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_long_cell_is_read_quoted_or_not(quote):
    cell = "x" * 300_000
    rows, _ = read([f"1,{quote}{cell}{quote},3\n4,5,6\n".encode()])
    assert rows == [(1, ["1", cell, "3"]), (2, ["4", "5", "6"])]


@given(st.lists(st.binary(max_size=5)), st.integers(0, 30))
def test_peek_gives_the_first_bytes_and_everything_again(chunks, count):
    content = b"".join(chunks)
    head, complete, again = peek((chunk for chunk in chunks if chunk), count)
    assert head == content[:count]
    assert complete == (len(content) <= count)
    assert b"".join(again) == content


@given(st.lists(st.binary(max_size=5)), st.integers(0, 30))
def test_skip_leaves_the_rest(chunks, count):
    assert b"".join(skip(chunks, count)) == b"".join(chunks)[count:]
