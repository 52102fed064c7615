"""Rows by which the columns are judged: runs of neighbours, spread over the whole file, from a few ranges of it."""

import io
from collections.abc import Iterable, Sequence

from shared.csv_file.cuts import find_cut
from shared.csv_file.dialect import HEAD_BYTES, Dialect, records_of
from shared.csv_file.records import peek

SAMPLED_ROWS = 2000
RANGES = 8  # places of a large file that are looked at, its head among them
RANGE_BYTES = 32 << 10
STREAMED_BYTES = 256 << 20  # of gzip, which can only be read from its beginning: about a second
_RUN_ROWS = SAMPLED_ROWS // RANGES

Run = Sequence[Sequence[str]]


def sample_of(dialect: Dialect, ranges: Iterable[bytes] = ()) -> list[Run]:
    """Up to SAMPLED_ROWS rows in runs: of the dialect's head alone, or of the head and the ranges behind it.

    A range begins and ends anywhere; one in which no record's beginning can be told adds nothing. Rows of another
    width than the header's are left out.
    """
    width = len(dialect.header)
    others = [run for content in ranges if (run := run_in(content, dialect))]
    rows = whole_rows(dialect.sample, width)
    if others:
        return [rows[:_RUN_ROWS], *others]
    return runs_of(rows)


def runs_of(rows: Run) -> list[Run]:
    """The rows as one run, of many rows runs from all over them."""
    if len(rows) <= SAMPLED_ROWS:
        return [rows]
    starts = (i * (len(rows) - _RUN_ROWS) // (RANGES - 1) for i in range(RANGES))
    return [rows[start : start + _RUN_ROWS] for start in starts]


def range_starts(first: int, size: int) -> list[int]:
    """Where the ranges behind the head begin, for a file whose head ends at `first`; none where little is left."""
    step = (size - first) // (RANGES - 1)
    if step < RANGE_BYTES:
        return list(range(first, size, RANGE_BYTES))
    return [min(first + i * step, size - RANGE_BYTES) for i in range(1, RANGES)]


def sampled(chunks: Iterable[bytes]) -> tuple[bytes, bool, list[bytes]]:
    """Head, whether that is all, and ranges behind it, of content that can only be read from its beginning.

    Up to STREAMED_BYTES are looked at; whenever twice RANGES chunks have come together, every other one goes.
    """
    head, complete, rest = peek(iter(chunks), HEAD_BYTES)
    kept: list[bytes] = []
    stride, seen = 1, 0
    for i, chunk in enumerate(rest if not complete else ()):
        seen += len(chunk)
        if seen <= HEAD_BYTES:
            continue
        if i % stride == 0:
            kept.append(chunk[:RANGE_BYTES])
        if len(kept) == 2 * RANGES:
            kept, stride = kept[::2], 2 * stride
        if seen >= STREAMED_BYTES:
            break
    return head, complete, kept


def run_in(content: bytes, dialect: Dialect) -> Run:
    """The rows of a range that begins and ends anywhere; none where no record's beginning can be told."""
    cut = find_cut(content, dialect.delimiter, len(dialect.header), dialect.escape)
    if cut is None:
        return []
    lines = list(io.StringIO(content[cut:].decode(errors="replace"), newline=""))[:-1]  # the last may go on
    records, _ = records_of(lines[: 4 * _RUN_ROWS], dialect.delimiter, dialect.escape)
    return whole_rows(records, len(dialect.header))[:_RUN_ROWS]


def whole_rows(rows: Run, width: int) -> Run:
    """The rows of this width, without the empty cells that spreadsheets write behind the last column."""
    return [row[:width] for row in rows if len(row) >= width and not any(map(str.strip, row[width:]))]
