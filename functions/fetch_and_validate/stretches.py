"""What a shard reads: a stretch of one object, or of a folder several, with the columns in the same order."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fetch_and_validate.plan import Plan
from shared.csv_file.cells import shown
from shared.csv_file.compression import gunzipped, is_gzip
from shared.csv_file.dialect import HEAD_BYTES, Dialect, detect_dialect
from shared.csv_file.records import Block, peek, read_blocks, skip
from shared.errors import InvalidDatasetError
from shared.event_fields import printable
from shared.object_store import Content, PinnedObject
from shared.shards import Shard

NEVER_CLOSED = "a quote that is never closed"
_NAMED = 5


@dataclass(frozen=True)
class Stretch:
    """Blocks of records that lie one behind the other in an object.

    name: of an object of a folder, in messages; None where the object is the whole CSV. lines: how many there are
    before the first record; a stretch in the middle of an object counts its own, from 1.
    """

    name: str | None
    lines: int
    blocks: Iterator[Block]


def of_object(store: Content, source: PinnedObject, plan: Plan, shard: Shard) -> Iterator[Stretch]:
    """The one stretch of a shard of a CSV that is an object of its own."""
    if plan.compressed:
        chunks = skip(gunzipped(store.stream(source)), shard.start)
    else:
        chunks = store.stream(source, shard.start, shard.end)
    is_last = shard.index == plan.shard_count - 1
    never_closed = NEVER_CLOSED if is_last or shard.end is None else _open_at(shard.end)
    width = len(plan.schema.columns)
    yield Stretch(None, 0, read_blocks(chunks, plan.delimiter, width, 1, never_closed, plan.escape))


def of_folder(
    store: Content, objects: Sequence[PinnedObject], plan: Plan, shard: Shard, skip_lines: int
) -> Iterator[Stretch]:
    """The stretches of a shard of a folder, in order. Raises InvalidDatasetError that names the object."""
    assert shard.first is not None
    assert shard.last is not None
    assert shard.end is not None  # a shard of a folder says all of it
    for i in range(shard.first, shard.last + 1):
        start = shard.start if i == shard.first else 0
        end = shard.end if i == shard.last else objects[i].bytes
        yield _stretch(store, objects[i], start, end, plan, skip_lines)


def name_of(source: PinnedObject) -> str:
    """What messages call an object of a folder."""
    return printable(source.key)


@contextmanager
def named(source: PinnedObject) -> Iterator[None]:
    """Within it, an InvalidDatasetError becomes one that names this object of a folder."""
    try:
        yield
    except InvalidDatasetError as error:
        raise InvalidDatasetError(error.text, error.line, error.key or name_of(source)) from error


def column_order(header: Sequence[str], names: Sequence[str], first: str) -> list[int]:
    """Where each of the columns stands in this header, which has the same ones in any order.

    first: the name of the object that `names` are the header of. Raises InvalidDatasetError for other columns. Of those
    that share a name, which are never used, the first is the first.
    """
    lacks, more = Counter(names) - Counter(header), Counter(header) - Counter(names)
    if lacks or more:
        told = [f"lacks {_listed(lacks)}"] if lacks else []
        told += [f"has {_listed(more)}"] if more else []
        raise InvalidDatasetError(
            f"its header {' and '.join(told)}, unlike that of '{first}'; all objects of a folder have the same "
            "columns, in any order"
        )
    places: dict[str, deque[int]] = defaultdict(deque)
    for place, name in enumerate(header):
        places[name].append(place)
    return [places[name].popleft() for name in names]


def beginning(
    chunks: Iterable[bytes], source: PinnedObject, delimiter: str | None, escape: str | None, skip_lines: int
) -> tuple[Dialect, Iterator[bytes]]:
    """The dialect and header of an object by its beginning, and the bytes of its records, unfolded where it is gzip."""
    start, _, chunks = peek(iter(chunks), HEAD_BYTES)
    if is_gzip(source.key, source.content_encoding, start):
        chunks = gunzipped(chunks)
    head, complete, chunks = peek(iter(chunks), HEAD_BYTES)
    dialect = detect_dialect(head, complete, delimiter, escape, skip_lines)
    return dialect, skip(chunks, dialect.body_offset)


def _stretch(
    store: Content, source: PinnedObject, start: int, end: int, plan: Plan, skip_lines: int
) -> Stretch:
    whole = (start, end) == (0, source.bytes)
    with named(source):
        chunks = store.stream(source, 0, source.bytes if whole else min(source.bytes, HEAD_BYTES + 1))
        dialect, body = beginning(chunks, source, plan.delimiter, plan.escape, skip_lines)
        order = column_order(dialect.header, [column.name for column in plan.schema.columns], plan.first)
    if not whole:
        body = store.stream(source, start or dialect.body_offset, end)
    lines = 0 if start else dialect.body_line - 1
    never_closed = NEVER_CLOSED if end == source.bytes else _open_at(end)
    blocks = read_blocks(body, plan.delimiter, len(order), lines + 1, never_closed, plan.escape)
    return Stretch(name_of(source), lines, _named(_in_order(blocks, order), source))


def _in_order(blocks: Iterator[Block], order: list[int]) -> Iterator[Block]:
    if order == list(range(len(order))):
        return blocks
    return (replace(block, columns=[block.columns[place] for place in order]) for block in blocks)


def _named(blocks: Iterator[Block], source: PinnedObject) -> Iterator[Block]:
    with named(source):
        yield from blocks


def _open_at(end: int) -> str:
    return (
        f"{NEVER_CLOSED}, or that is open at byte {end:,}, where the file was cut into shards: "
        "then larger shards or fewer quotes help"
    )


def _listed(names: Counter[str]) -> str:
    found = list(names)
    return ", ".join(map(shown, found[:_NAMED])) + (", ..." if len(found) > _NAMED else "")
