"""Encoding, delimiter, header and sample, from the head of the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.dialect import HEAD_BYTES, Dialect, detect_dialect, line_at
from shared.errors import InvalidDatasetError


def test_a_plain_csv():
    assert detect_dialect(b"open,label\n1,up\n2,down\n", complete=True) == Dialect(
        delimiter=",",
        header=("open", "label"),
        body_offset=11,
        body_line=2,
        sample=(("1", "up"), ("2", "down")),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    content = f"a{delimiter}b c{delimiter}label\n1{delimiter}2{delimiter}x\n".encode()
    dialect = detect_dialect(content, complete=True)
    assert (dialect.delimiter, dialect.header) == (delimiter, ("a", "b c", "label"))


def test_decimal_commas_do_not_hide_a_semicolon():
    assert detect_dialect(b"a;b;label\n1,5;2,5;x\n3,5;4,5;y\n", complete=True).delimiter == ";"


def test_a_delimiter_inside_quotes_does_not_count():
    dialect = detect_dialect(b'"a;x","b;y",label\n1,2,"p;q"\n', complete=True)
    assert (dialect.delimiter, dialect.header) == (",", ("a;x", "b;y", "label"))


def test_a_given_delimiter_is_taken_as_it_is():
    dialect = detect_dialect(b"a^b,c^label\n1^2,3^x\n", complete=True, delimiter="^")
    assert (dialect.delimiter, dialect.header) == ("^", ("a", "b,c", "label"))


def test_two_delimiters_that_fit_alike_are_asked_about():
    with pytest.raises(InvalidDatasetError, match="the delimiter could be any of ',' ';'"):
        detect_dialect(b"a,b;label\n1,2;x\n", complete=True)


def test_a_byte_order_mark_is_no_part_of_the_header():
    dialect = detect_dialect(b"\xef\xbb\xbfopen,label\n1,up\n", complete=True)
    assert (dialect.header, dialect.body_offset) == (("open", "label"), 14)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_blank_lines_before_the_header_are_counted_and_skipped(line_end):
    content = line_end.join(["", "  ", "open,label", "1,up", ""]).encode()
    dialect = detect_dialect(content, complete=True)
    assert (dialect.header, dialect.body_line, dialect.sample) == (("open", "label"), 4, (("1", "up"),))
    assert content[dialect.body_offset :] == f"1,up{line_end}".encode()


def test_a_header_over_several_lines_ends_where_its_quote_ends():
    content = b'"open\nprice",label\n1,up\n'
    dialect = detect_dialect(content, complete=True)
    assert (dialect.header, dialect.body_line) == (("open\nprice", "label"), 3)
    assert content[dialect.body_offset :] == b"1,up\n"


def test_header_names_lose_the_space_around_them():
    assert detect_dialect(b" open ,\tlabel\n1,up\n", complete=True).header == ("open", "label")


def test_a_header_without_rows_is_a_dialect_with_an_empty_sample():
    for content in (b"open,label", b"open,label\n"):
        dialect = detect_dialect(content, complete=True)
        assert (dialect.sample, dialect.body_offset) == ((), len(content))


def test_a_line_cut_off_with_the_head_is_no_part_of_the_sample():
    assert detect_dialect(b"open,label\n1,up\n2,do", complete=False).sample == (("1", "up"),)


def test_a_character_cut_off_with_the_head_is_no_error():
    head = "open,label\n1,é".encode()[:-1]
    assert detect_dialect(head, complete=False).header == ("open", "label")


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n\r", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(InvalidDatasetError) as caught:
        detect_dialect(content, complete=True)
    assert str(caught.value) == "the file is empty: a header line and at least two data rows are needed"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16 (little-endian)"),
        ("utf-16-be", "UTF-16 (big-endian)"),
        ("utf-32", "UTF-32 (little-endian)"),
        ("utf-32-be", "UTF-32 (big-endian)"),
    ],
)
def test_other_unicode_encodings_are_refused_by_name(encoding, name):
    mark = "\ufeff" if encoding.endswith("be") else ""
    with pytest.raises(InvalidDatasetError) as caught:
        detect_dialect((mark + "a,label\n1,x\n").encode(encoding), complete=True)
    assert str(caught.value) == (
        f"the file is {name}; allowed: UTF-8, with or without a byte order mark (save it as CSV UTF-8, or convert it: "
        f"iconv -f {name.partition(' ')[0]} -t UTF-8)"
    )


def test_utf16_without_a_mark_is_refused_for_its_nul_bytes():
    with pytest.raises(
        InvalidDatasetError, match=r"line 1: a NUL byte; allowed: UTF-8 text \(is this UTF-16"
    ):
        detect_dialect("a,label\n1,x\n".encode("utf-16-le"), complete=True)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_a_nul_byte_is_refused_with_its_line(line_end):
    with pytest.raises(InvalidDatasetError, match="line 3: a NUL byte"):
        detect_dialect(line_end.join([b"a,label", b"1,x", b"2,\0y"]), complete=True)


def test_latin1_is_refused_with_byte_and_line():
    with pytest.raises(InvalidDatasetError, match="line 2: byte 0xfc is not UTF-8"):
        detect_dialect("a,label\n1,gr\u00fcn\n".encode("latin-1"), complete=True)


def test_a_character_cut_off_with_the_whole_file_is_refused():
    with pytest.raises(InvalidDatasetError, match="line 2: byte 0xc3 is not UTF-8"):
        detect_dialect("open,label\n1,\u00e9".encode()[:-1], complete=True)


def test_a_single_column_is_refused_with_its_line():
    with pytest.raises(InvalidDatasetError, match="line 3: the header has a single column, 'label'"):
        detect_dialect(b"\n\nlabel\nx\ny\n", complete=True)


def test_a_quote_in_the_header_that_is_never_closed_is_named_so():
    with pytest.raises(
        InvalidDatasetError, match="line 1: the header has a quote that is malformed or never closed"
    ):
        detect_dialect(b'"a,b,label\n1,2,x\n', complete=True)


def test_a_header_longer_than_the_head_is_refused():
    with pytest.raises(InvalidDatasetError, match="line 1: the header is longer than 256 KiB"):
        detect_dialect(b"a" * HEAD_BYTES, complete=False)


@given(st.binary(max_size=60) | st.text('ab,;|\t"\n\r ').map(str.encode), st.booleans())
def test_any_bytes_are_a_dialect_or_an_invalid_dataset(head, complete):
    try:
        dialect = detect_dialect(head, complete)
    except InvalidDatasetError:
        return  # refused by name, which is what is asked for; any other error fails the test
    assert len(dialect.header) >= 2
    assert dialect.body_offset <= len(head)


@given(st.text("ab\n\r").map(str.encode), st.data())
def test_line_at_counts_line_ends_of_every_kind(content, data):
    position = data.draw(st.integers(0, len(content)))
    before = content[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert line_at(content, position) == 1 + before.count(b"\n")
