"""From a stream of bytes to blocks of whole CSV records, fast where there are no quotes.

A block without quotes is cut into cells by one `bytes.split`; its alignment is proved, not assumed. Any
other block (quotes, blank lines, ragged rows) goes through `csv.reader`, which decides what a record is.
"""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fetch_and_validate.dialect import MAX_RECORD_BYTES, line_at, not_utf8
from shared.errors import InvalidDatasetError

# Cells of one block stay in the processor's cache; larger blocks were measured to be slower.
BLOCK_BYTES = 64 << 10


@dataclass(frozen=True)
class Block:
    """Records of one stretch of the file, as columns of undecoded (bytes) or decoded (str) cells.

    `lines[i]` is the line record i starts at; `ragged`: (line, number of cells) of the records left out
    because they are not `width` cells wide. `plain`: no cell has a character that `float` takes and a CSV's
    reader does not (an underscore, another script's digits).
    """

    columns: list[list[bytes]] | list[list[str]]
    lines: range | list[int]
    ragged: list[tuple[int, int]]
    plain: bool

    @property
    def rows(self) -> int:
        return len(self.lines)


def read_blocks(chunks: Iterable[bytes], delimiter: str, width: int, first_line: int) -> Iterator[Block]:
    """Blocks of the data records in `chunks`, in order; `width` cells a record, starting at `first_line`.

    Raises InvalidDatasetError, with the line, for malformed quotes, other encodings, NUL bytes, and
    records over MAX_RECORD_BYTES.
    """
    line = first_line
    rest = b""
    wanted = 0
    for chunk, final in _with_last(_in_blocks(chunks)):
        content = rest + chunk
        if len(content) < wanted and not final:
            rest = content
            continue
        end = len(content) if final else _last_line_end(content)
        rest = content[end:]
        content = content[:end]
        if content:
            block, unfinished = _parse(content, delimiter, width, line, final)
            line = _line_after(block, content, unfinished, line)
            rest = unfinished + rest
            wanted = 2 * len(unfinished)  # so that a long record is not read again for every block
            yield block
            del block  # its cells make room, in the cache too, before the next ones are cut
        if len(rest) > MAX_RECORD_BYTES:
            raise InvalidDatasetError(
                f"line {line}: a record longer than {MAX_RECORD_BYTES >> 20} MiB; "
                "is a quote left open, or is this no CSV?"
            )


def _in_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK_BYTES):
            yield chunk[start : start + BLOCK_BYTES]


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block with whether it is the last; an empty stream gives one empty last block."""
    previous = b""
    for block in blocks:
        if previous:
            yield previous, False
        previous = block
    yield previous, True


def _last_line_end(content: bytes) -> int:
    """How much of the content is whole lines. A CR at the very end may be half of a CRLF, so it does not count."""
    return content.rfind(b"\n") + 1 or content.rfind(b"\r", 0, len(content) - 1) + 1


def _line_after(block: Block, content: bytes, unfinished: bytes, line: int) -> int:
    if isinstance(block.lines, range):  # a record a line
        return block.lines.stop
    return line + line_at(content, len(content) - len(unfinished)) - 1


def _parse(content: bytes, delimiter: str, width: int, line: int, final: bool) -> tuple[Block, bytes]:
    """The block of records in whole lines, and the bytes of a record that goes on in the next lines."""
    if b"\0" in content:
        raise InvalidDatasetError(
            f"line {line + line_at(content, content.index(0)) - 1}: a NUL byte; allowed: text"
        )
    if b'"' not in content:
        columns = _split(content, delimiter.encode(), width)
        if columns is not None:
            plain = content.isascii() and b"_" not in content
            if not plain:
                _decoded(content, line)
            return Block(columns, range(line, line + len(columns[0])), [], plain), b""
    return _read(content, delimiter, width, line, final)


def _split(content: bytes, delimiter: bytes, width: int) -> list[list[bytes]] | None:
    """The columns of unquoted records; None unless every line has exactly `width` cells.

    Each line end is kept in front of the next line's first cell. So if all cells number width * lines, and
    the cells at multiples of width hold all the line ends, then every line starts at such a multiple.
    """
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    cells = content.replace(b"\n", delimiter + b"\n").split(delimiter)
    if cells[-1] == b"\n":  # what follows the last line's end
        cells.pop()
    columns = [cells[j::width] for j in range(width)]
    lines, beyond = divmod(len(cells), width)
    if beyond or b"".join(columns[0]).count(b"\n") != lines - 1 or content.count(b"\n", 0, -1) != lines - 1:
        return None
    return columns


def _read(content: bytes, delimiter: str, width: int, line: int, final: bool) -> tuple[Block, bytes]:
    """The same by `csv.reader`, for everything `_split` does not take."""
    text = _decoded(content, line)
    lines = list(io.StringIO(text, newline=""))
    supply = _Supply(lines)
    reader = csv.reader(supply, delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    starts: list[int] = []
    ragged: list[tuple[int, int]] = []
    done = 0
    try:
        for record in reader:
            start, done = line + done, reader.line_num
            while len(record) > width and not record[-1].strip():
                record.pop()  # spreadsheets write delimiters after the last column
            if len(record) == width:
                records.append(record)
                starts.append(start)
            elif any(cell.strip() for cell in record):
                ragged.append((start, len(record)))
    except csv.Error as error:
        if final or not supply.exhausted:
            reason = "a quote that is never closed" if supply.exhausted else str(error)
            raise InvalidDatasetError(f"line {line + done}: {reason}") from error
    columns = [list(column) for column in zip(*records, strict=True)] or [[] for _ in range(width)]
    plain = text.isascii() and "_" not in text
    return Block(columns, starts, ragged, plain), "".join(lines[done:]).encode()


class _Supply:
    """Lines for csv.reader that tell whether it asked for more than there were: a record goes on."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = iter(lines)
        self.exhausted = False

    def __iter__(self) -> "_Supply":
        return self

    def __next__(self) -> str:
        for line in self._lines:
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
