"""What a file is, before it is read as CSV: other formats are named by their first bytes, with what to do instead.

Signatures: https://www.garykessler.net/library/file_sigs.html and the formats' own specifications.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence

from shared.errors import InvalidDatasetError

GZIP = b"\x1f\x8b"
_UNPACK = "unpack it, or compress it as gzip, which is read"
_EXPORT = "export the table as CSV"
_SIGNATURES = (
    (b"BZh", "bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "zstd", _UNPACK),
    (b"\x04\x22\x4d\x18", "LZ4", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", _UNPACK),
    (b"Rar!\x1a\x07", "RAR", _UNPACK),
    (b"PAR1", "Parquet", _EXPORT),
    (b"ORC", "ORC", _EXPORT),
    (b"Obj\x01", "Avro", _EXPORT),
    (b"ARROW1", "Arrow or Feather", _EXPORT),
    (b"FEA1", "Feather", _EXPORT),
    (b"SQLite format 3\0", "SQLite", _EXPORT),
    (b"\x89HDF\r\n\x1a\n", "HDF5", _EXPORT),
    (b"\x93NUMPY", "a NumPy array", _EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (xls)", _EXPORT),
    (b"%PDF-", "PDF", _EXPORT),
)
_ZIP = b"PK\x03\x04"
_HTML = re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
_HEADER_ROWS = 50  # records that are asked how wide the table is
_ENOUGH_ROWS = 3  # of one width, for a header of another to be none


def check_is_text(head: bytes) -> None:
    """Raises InvalidDatasetError, with what to do, where the first bytes are those of another kind of file."""
    for signature, name, advice in _SIGNATURES:
        if head.startswith(signature) and not _could_be_header(head):
            raise _is(name, advice)
    if head.startswith(_ZIP):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            raise _is("an Excel workbook (xlsx)", "save the sheet as CSV (UTF-8)")
        raise _is("zip", _UNPACK)
    if head.startswith(GZIP):
        raise _is("gzip inside gzip", "compress it once")
    if _HTML.match(head):
        raise _is("HTML or XML", _EXPORT)
    if (json_name := _json_name(head)) is not None:
        raise _is(json_name, "write it as CSV, a column a member")


def _could_be_header(head: bytes) -> bool:
    """Whether a signature of letters alone begins a line of text: a column may be called BZhours or ORCID."""
    line = head[:200].partition(b"\n")[0]
    return line.isascii() and all(byte >= 32 or byte in b"\t\r" for byte in line)


def _is(name: str, advice: str) -> InvalidDatasetError:
    return InvalidDatasetError(f"the file is {name}, not CSV: {advice}")


def _json_name(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"[" and re.match(rb"\[\s*[\[{]", text):
        return "JSON"
    if text[:1] != b"{":
        return None
    line = text.partition(b"\n")[0].strip()
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return "JSON" if re.match(rb'\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|$)', text) else None
    return "JSON Lines" if b"\n" in text.strip() else "JSON"


def check_is_header(records: Sequence[Sequence[str]], line: int, ends: Sequence[int]) -> None:
    """Raises InvalidDatasetError where the first record is no header: text above it, or rows that have one name more.

    line: lines before the first record; ends: how many lines behind that each record ends after.
    """
    widths = [_width(record) for record in records[:_HEADER_ROWS]]
    below = widths[1:]
    width, rows = Counter(below).most_common(1)[0] if below else (0, 0)
    if len(records[0]) >= width or rows < _ENOUGH_ROWS or 2 * rows <= len(below):
        return
    number = line + 1
    header = widths.index(width)
    if header == 1 and width == len(records[0]) + 1 and any(map(_is_number, records[1])):
        raise InvalidDatasetError(
            f"line {number}: the header has {len(records[0])} names and the rows have {width} cells: the first column "
            "(the rows' names?) has none; write one in front of the others"
        )
    skipped = line + ends[header - 1]
    raise InvalidDatasetError(
        f"line {number} is no header: it has {len(records[0])} {'cell' if len(records[0]) == 1 else 'cells'}, "
        f"and the lines below have {width}; "
        f'"skip_lines": {skipped} in the request begins at line {skipped + 1}'
    )


def _width(record: Sequence[str]) -> int:
    """Cells without the empty ones at the end, which spreadsheets write behind the last column."""
    return next((i + 1 for i in reversed(range(len(record))) if record[i].strip()), 0)


def check_names(header: Sequence[str], line: int) -> None:
    """Raises InvalidDatasetError where the header is a row of data: every name is a number."""
    if all(map(_is_number, header)):
        raise InvalidDatasetError(
            f"line {line}: the header looks like data, every name is a number: write a line with the columns' names "
            "above it"
        )


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
