"""What kind of CSV this is: encoding, delimiter, header and a sample of rows, from the first bytes.

Only the head of the file is looked at; `records` reads the rest in the dialect found here.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.csv_file.recognition import check_is_header, check_is_text
from shared.errors import InvalidDatasetError

HEAD_BYTES = 1 << 18
MAX_RECORD_BYTES = 4 << 20
DELIMITERS = (",", ";", "\t", "|")
_DELIMITER_ROWS = 50
_SAMPLED_LINES = 1000  # of the head of a large file, of which other places are sampled too
# The delimiters that a request may name, too: no quote, and nothing that a number is made of.
_DIRECTIVE = re.compile(r"sep=([\t!#-&(-*,/:-@[-^`{-~])\s*", re.IGNORECASE)

_UTF8_BOM = codecs.BOM_UTF8
# Longest first: the UTF-32 LE mark begins with the UTF-16 LE one.
_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32 (little-endian)"),
    (codecs.BOM_UTF32_BE, "UTF-32 (big-endian)"),
    (codecs.BOM_UTF16_LE, "UTF-16 (little-endian)"),
    (codecs.BOM_UTF16_BE, "UTF-16 (big-endian)"),
)

csv.field_size_limit(4 * MAX_RECORD_BYTES)  # the record is limited, in records.py, and so its cells


@dataclass(frozen=True)
class Dialect:
    """How the file is written, and its first records.

    `body_offset`: bytes before the first data record (byte order mark, lines above the header, header).
    `body_line`: its line number, 1-based. `sample`: data records of the head as text cells. `escape`: what stands
    before a quote or delimiter that is part of a cell; None where quotes are doubled and that is all.
    """

    delimiter: str
    header: tuple[str, ...]
    body_offset: int
    body_line: int
    sample: tuple[tuple[str, ...], ...]
    escape: str | None = None


def detect_dialect(
    head: bytes, complete: bool, delimiter: str | None = None, escape: str | None = None, skip_lines: int = 0
) -> Dialect:
    """The dialect of a CSV that begins with `head`; `complete` says that head is the whole file.

    A given delimiter is taken as it is, and so is one that a first line `sep=;` names, as spreadsheets write it.
    skip_lines: lines above the header that are not read.
    Raises InvalidDatasetError for another kind of file, an empty one, another encoding, or a header that cannot be
    told.
    """
    check_is_text(head)
    text, offset = _text_of(head, complete)
    lines = list(io.StringIO(text, newline=""))  # universal newlines, kept as they are
    if not complete and len(lines) < 2:
        raise InvalidDatasetError(f"the header is longer than {HEAD_BYTES >> 10} KiB; is this a CSV?", line=1)
    if not complete:
        lines.pop()  # it may go on behind the head
    first = _next_line(lines, min(skip_lines, len(lines)))
    if first is not None and (named := _DIRECTIVE.fullmatch(lines[first])):
        delimiter = delimiter or named[1]
        first = _next_line(lines, first + 1)
    if first is None:
        raise InvalidDatasetError("the file is empty: a header line and at least two data rows are needed")
    delimiter = delimiter or _delimiter_of(lines[first:], first + 1, escape)
    sampled = lines[first:] if complete else lines[first : first + _SAMPLED_LINES]
    records, ends = records_of(sampled, delimiter, escape)
    if not records:
        raise _malformed_header(first + 1)
    check_is_header(records, first, ends)
    body_line = first + ends[0]
    return Dialect(
        delimiter=delimiter,
        header=tuple(name.strip() for name in records[0]),
        body_offset=offset + len("".join(lines[:body_line]).encode()),
        body_line=body_line + 1,
        sample=tuple(map(tuple, records[1:])),
        escape=escape,
    )


def _next_line(lines: list[str], start: int) -> int | None:
    """Index of the first line from `start` that is not blank."""
    return next((i for i in range(start, len(lines)) if lines[i].strip(" \t\r\n")), None)


def _text_of(head: bytes, complete: bool) -> tuple[str, int]:
    """The head as text, and the length of its byte order mark."""
    for mark, name in _OTHER_MARKS:
        if head.startswith(mark):
            raise InvalidDatasetError(
                f"the file is {name}; allowed: UTF-8, with or without a byte order mark (save it as CSV UTF-8, or "
                f"convert it: iconv -f {name.partition(' ')[0]} -t UTF-8)"
            )
    if b"\0" in head:
        raise InvalidDatasetError(
            f"line {line_at(head, head.index(0))}: a NUL byte; "
            "allowed: UTF-8 text (is this UTF-16, or a binary file?)"
        )
    offset = len(_UTF8_BOM) if head.startswith(_UTF8_BOM) else 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return decoder.decode(head[offset:], final=complete), offset
    except UnicodeDecodeError as error:
        raise not_utf8(head[offset:], error.start, first_line=1) from error


def not_utf8(content: bytes, position: int, first_line: int) -> InvalidDatasetError:
    """The error for a byte that is no UTF-8, at `position` in content whose first line is `first_line`."""
    line = first_line + line_at(content, position) - 1
    return InvalidDatasetError(
        f"byte 0x{content[position]:02x} is not UTF-8; allowed: UTF-8 text "
        "(Latin-1 or Windows-1252 must be converted first: iconv -f WINDOWS-1252 -t UTF-8)",
        line,
    )


def line_at(content: bytes, position: int) -> int:
    """1-based number of the line that holds this position; LF, CRLF and CR end a line."""
    before = content[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _malformed_header(number: int) -> InvalidDatasetError:
    return InvalidDatasetError(f"line {number}: the header has a quote that is malformed or never closed")


def _delimiter_of(lines: list[str], number: int, escape: str | None) -> str:
    """The delimiter under which most rows are as wide as the header; of several, the one with most columns.

    number: the header's line number. Raises InvalidDatasetError where none or more than one fits.
    """
    quoted_wrongly = True
    fits: dict[tuple[float, int], list[str]] = {}
    wider: list[tuple[int, str]] = []  # rows below a header of one column that have more
    for delimiter in DELIMITERS:
        records, _ = records_of(lines[: _DELIMITER_ROWS + 1], delimiter, escape)
        quoted_wrongly &= not records
        if records and len(records[0]) > 1:
            width = len(records[0])
            share = Counter(map(len, records))[width] / len(records)
            fits.setdefault((share, width), []).append(delimiter)
        elif len(records) > 2:
            width, rows = Counter(map(len, records[1:])).most_common(1)[0]
            if width > 1 and 2 * rows > len(records):
                wider.append((rows, delimiter))
    if quoted_wrongly:
        raise _malformed_header(number)
    if not fits and wider:
        return max(wider)[1]  # the first line is no header then, which is told with what is
    if not fits:
        raise InvalidDatasetError(
            f"line {number}: the header has a single column, {lines[0].strip()[:60]!r}; a feature and a label at "
            "least are needed, delimited by a comma, semicolon, tab or | (or by the delimiter of the request)"
        )
    best = fits[max(fits)]
    if len(best) > 1:
        raise InvalidDatasetError(
            f"line {number}: the delimiter could be any of {' '.join(map(repr, best))}; name it in the request "
            "(delimiter)"
        )
    return best[0]


def records_of(
    lines: Sequence[str], delimiter: str, escape: str | None = None
) -> tuple[list[list[str]], list[int]]:
    """Non-blank records of the lines, and how many lines each ends after; stops at what cannot be parsed."""
    reader = csv.reader(escaped_null_kept(lines, escape), delimiter=delimiter, escapechar=escape, strict=True)
    records, ends = [], []
    try:
        for record in reader:
            if record:
                records.append(record)
                ends.append(reader.line_num)
    except csv.Error:
        pass  # a quote cut off with the head, or a malformed one: reading the body reports it with its line
    return records, ends


def escaped_null_kept(lines: Iterable[str], escape: str | None) -> Iterable[str]:
    r"""The lines, with \N as a missing cell rather than as an escaped letter N."""
    if escape is None:
        return lines
    return (line.replace(f"{escape}N", f"{escape}{escape}N") for line in lines)
