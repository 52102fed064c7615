"""From a stream of bytes to blocks of whole CSV records, fast where there are no quotes.

A block without quotes is cut into cells by one `bytes.split`; its alignment is proved, not assumed. Any
other block (quotes, blank lines, ragged rows) goes through `csv.reader`, which decides what a record is.
"""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.csv_file.dialect import MAX_RECORD_BYTES, escaped_null_kept, line_at, not_utf8
from shared.errors import InvalidDatasetError

# Cells of one block stay in the processor's cache; larger blocks were measured to be slower.
BLOCK_BYTES = 128 << 10


@dataclass(frozen=True)
class Block:
    """Records of one stretch of the file, as columns of undecoded (bytes) or decoded (str) cells.

    `lines[i]` is the line record i starts at; `ragged`: (line, number of cells) of the records left out
    because they are not `width` cells wide. `plain`: no cell has a character that `float` takes and a CSV's
    reader does not (an underscore, another script's digits). `end_line`: the line behind the last record.
    """

    columns: list[list[Any]]
    lines: range | list[int]
    ragged: list[tuple[int, int]]
    plain: bool
    end_line: int

    @property
    def rows(self) -> int:
        return len(self.lines)


def read_blocks(
    chunks: Iterable[bytes],
    delimiter: str,
    width: int,
    first_line: int,
    never_closed: str = "a quote that is never closed",
    escape: str | None = None,
) -> Iterator[Block]:
    """Blocks of the data records in `chunks`, in order; `width` cells a record, starting at `first_line`.

    escape: what stands before a quote or delimiter that is part of a cell, None for RFC 4180.
    never_closed: how a quote is called that is still open at the end of the chunks.
    Raises InvalidDatasetError, with the line, for malformed quotes, other encodings, NUL bytes, and
    records over MAX_RECORD_BYTES.
    """
    line = first_line
    buffer = b""
    unfinished = 0  # bytes at the beginning of the buffer of a record that went on behind the last block
    for chunk, final in _with_last(chunks):
        buffer += chunk
        start = 0
        # A record is read again with twice as many bytes, and not for every block that it goes on.
        while end := _block_end(buffer, start, unfinished, final):
            last = final and end == len(buffer)
            block, unfinished = _parse(
                buffer[start:end], delimiter, width, line, never_closed if last else None, escape
            )
            line = block.end_line
            start = end - unfinished
            yield block
            del block  # its cells make room, in the cache too, before the next ones are cut
        buffer = buffer[start:]
        if len(buffer) > max(MAX_RECORD_BYTES, 2 * unfinished) or unfinished > MAX_RECORD_BYTES:
            raise InvalidDatasetError(
                f"a record longer than {MAX_RECORD_BYTES >> 20} MiB; is a quote left open, or is this no CSV?",
                line,
            )


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The chunks, small ones joined, each with whether it is the last; at the end of all an empty one."""
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            yield b"".join(pieces), False
            pieces, size = [], 0
    yield b"".join(pieces), True


def _block_end(buffer: bytes, start: int, unfinished: int, final: bool) -> int | None:
    """End of the next block's whole lines, which begin at `start`; None where more has to come first.

    The first `unfinished` bytes are a record that goes on: the block must reach beyond them, and as far
    again. A CR at the very end may be half of a CRLF, so it does not count.
    """
    begin = start + unfinished
    limit = begin + max(BLOCK_BYTES, unfinished)
    if limit >= len(buffer):
        return len(buffer) if final and start < len(buffer) else None
    return (
        buffer.rfind(b"\n", begin, limit) + 1
        or buffer.rfind(b"\r", begin, limit - 1) + 1
        or buffer.find(b"\n", limit) + 1
        or (len(buffer) if final else None)
    )


def _parse(
    content: bytes, delimiter: str, width: int, line: int, never_closed: str | None, escape: str | None
) -> tuple[Block, int]:
    """The block of records in whole lines, and how many bytes of a record go on in the next lines."""
    if b"\0" in content:
        number = line + line_at(content, content.index(0)) - 1
        raise InvalidDatasetError("a NUL byte; allowed: text", number)
    if b'"' not in content and (escape is None or escape.encode() not in content):
        columns = _split(content, delimiter.encode(), width)
        if columns is not None:
            plain = content.isascii() and b"_" not in content
            if not plain:
                _decoded(content, line)
            lines = range(line, line + len(columns[0]))
            return Block(columns, lines, [], plain, lines.stop), 0
    return _read(content, delimiter, width, line, never_closed, escape)


def _split(content: bytes, delimiter: bytes, width: int) -> list[list[bytes]] | None:
    """The columns of unquoted records; None unless every line has exactly `width` cells.

    Each line end is kept in front of the next line's first cell. So if all cells number width * lines, and
    the cells at multiples of width hold all the line ends, then every line starts at such a multiple.
    """
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    marked = content.replace(b"\n", delimiter + b"\n")
    line_ends = len(marked) - len(content)
    cells = marked.split(delimiter)
    if cells[-1] == b"\n":  # what follows the last line's end
        cells.pop()
        line_ends -= 1
    columns = [cells[j::width] for j in range(width)]
    if len(cells) != width * (line_ends + 1) or b"".join(columns[0]).count(b"\n") != line_ends:
        return None
    return columns


def _read(
    content: bytes, delimiter: str, width: int, line: int, never_closed: str | None, escape: str | None
) -> tuple[Block, int]:
    """The same by `csv.reader`, for everything `_split` does not take."""
    text = _decoded(content, line)
    supply = LineSupply(io.StringIO(text, newline=""))
    lines = escaped_null_kept(supply, escape)
    reader = csv.reader(lines, delimiter=delimiter, escapechar=escape, strict=True)
    records: list[list[str]] = []
    starts: list[int] = []
    ragged: list[tuple[int, int]] = []
    done = read = 0  # lines and characters of whole records
    try:
        for record in reader:
            start, done, read = line + done, reader.line_num, supply.characters
            while len(record) > width and not record[-1].strip():
                record.pop()  # spreadsheets write delimiters after the last column
            if len(record) == width:
                records.append(record)
                starts.append(start)
            elif any(cell.strip() for cell in record):
                ragged.append((start, len(record)))
    except csv.Error as error:
        if never_closed or not supply.exhausted:
            reason = never_closed if never_closed and supply.exhausted else str(error)
            if escape is None and '\\"' in text[read:]:
                reason += '; a backslash stands before a quote: "escape": "\\\\" in the request reads that'
            raise InvalidDatasetError(reason, line + done) from error
    columns = [list(column) for column in zip(*records, strict=True)] or [[] for _ in range(width)]
    plain = text.isascii() and "_" not in text
    unfinished = len(text[read:].encode())
    end_line = line + line_at(content, len(content) - unfinished) - 1
    return Block(columns, starts, ragged, plain, end_line), unfinished


class LineSupply:
    """Lines for csv.reader that tell whether it asked for more than there were: a record goes on.

    characters: how many it has taken.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.characters = 0
        self.exhausted = False

    def __iter__(self) -> "LineSupply":
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self.characters += len(line)
            return line
        self.exhausted = True
        raise StopIteration


def _decoded(content: bytes, line: int) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(content, error.start, line) from error


def skip(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """The chunks without their first `count` bytes."""
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:]
        count = max(0, count - len(chunk))


def peek(chunks: Iterator[bytes], count: int) -> tuple[bytes, bool, Iterator[bytes]]:
    """The first `count` bytes (fewer if there are no more), whether that is all, and all the chunks again."""
    taken = []
    size = 0
    while size <= count and (chunk := next(chunks, b"")):
        taken.append(chunk)
        size += len(chunk)
    return b"".join(taken)[:count], size <= count, itertools.chain(taken, chunks)
