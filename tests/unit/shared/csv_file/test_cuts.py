"""Finding the beginning of a record in the middle of a file, quotes and all."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.cuts import find_cut

CELL = st.text(st.sampled_from('ab1,"\n\r ;'), max_size=12)


def test_without_quotes_the_next_line_begins_a_record():
    assert find_cut(b"2,x\n3,y\n4,z\n5,x\n6,y\n", ",", 2) == 4


def test_a_probe_in_a_single_line_tells_nothing():
    assert find_cut(b"a long cell without an end", ",", 2) is None


def test_an_empty_probe_tells_nothing():
    assert find_cut(b"", ",", 2) is None


def test_carriage_returns_end_lines_too():
    assert find_cut(b"2,x\r3,y\r4,z\r5,x\r6,y\r", ",", 2) == 4
    assert find_cut(b"2,x\r\n3,y\r\n4,z\r\n5,x\r\n6,y\r\n", ",", 2) == 5


def test_line_ends_in_quoted_cells_are_no_cuts():
    probe = b'wo\nthree",1\n"a\nb",2\n"c\nd",3\n"e\nf",4\n"g\nh",5\n'
    assert probe[find_cut(probe, ",", 2) :].startswith(b'"a\nb",2\n')


def test_a_probe_that_reads_well_both_ways_tells_nothing():
    probe = b'","\n' * 20  # quoted commas, or rows of empty cells between quotes
    assert find_cut(probe, ",", 2) is None


def test_rows_of_another_width_tell_nothing():
    assert find_cut(b'"a",1\n"b",2,3\n"c",4,5\n"d",6,7\n"e",7,8\n', ",", 2) is None


def test_lines_of_text_without_quotes_are_not_taken_for_records():
    assert find_cut(b"a line of a note, and another\n" * 50, ",", 4) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(
    rows=st.lists(st.tuples(CELL, CELL, st.integers(0, 99)), min_size=12, max_size=40),
    share=st.floats(0, 0.4),
)
def test_a_file_in_quotes_is_cut_at_a_record_or_not_at_all(end, rows, share):
    """Every text cell is quoted, and holds what makes it hard; only a cell's text may deceive the probe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_NONNUMERIC)
    beginnings = set()
    for row in rows:
        beginnings.add(len(buffer.getvalue()))
        writer.writerow(row)
    content = buffer.getvalue().encode()
    start = int(share * len(content))
    cut = find_cut(content[start:], ",", 3)
    honest = not any('"' in cell for row in rows for cell in row[:2])
    if cut is not None and honest:
        assert start + cut in beginnings
