"""The plan of a folder: one dialect and one schema for all of its objects, and shards of about equal size.

Small objects are packed into a shard, large ones are cut as one alone is; gzip is never cut. Few objects are looked at:
those by which the columns are judged, spread over the folder, and those that are cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise

from fetch_and_validate.plan import (
    Plan,
    check_gzip_size,
    column_choice,
    cuts_in,
    looked_at,
)
from fetch_and_validate.stretches import beginning, column_order, name_of, named
from shared.contracts import TrainingRequest
from shared.csv_file.columns import choose_columns
from shared.csv_file.compression import is_gzip
from shared.csv_file.dialect import HEAD_BYTES, Dialect, detect_dialect
from shared.csv_file.recognition import check_names
from shared.csv_file.sample import (
    RANGE_BYTES,
    RANGES,
    SAMPLED_ROWS,
    Run,
    run_in,
    runs_of,
    sample_of,
    whole_rows,
)
from shared.object_store import Content, PinnedObject
from shared.shards import Shard

# A shard opens its objects one after the other: at a tenth of a second each it has time for several times as many.
OBJECTS_PER_SHARD = 1000
_SAMPLED_OBJECTS = 64
_LEAST_ROWS = 20  # of each object that is looked at
_AT_ONCE = 16


@dataclass(frozen=True)
class _Piece:
    """Bytes start to end of an object, by its number."""

    object: int
    start: int
    end: int


def make_folder_plan(
    store: Content, objects: Sequence[PinnedObject], request: TrainingRequest, shard_bytes: int
) -> tuple[Plan, list[Shard]]:
    """The plan of a folder's objects and its shards, in order and without gaps.

    Raises InvalidDatasetError that names the object, as `make_plan` does for one alone, and for one that has other
    columns than the first.
    """
    first = objects[0]
    with named(first):
        # One object alone is judged as it would be outside of a folder.
        look = looked_at(store, first) if len(objects) == 1 else None
        dialect = (
            detect_dialect(look.head, look.complete, request.delimiter, request.escape, request.skip_lines)
            if look
            else _dialect_of(store, first, request, request.delimiter)
        )
        check_names(dialect.header, dialect.body_line - 1)
    folder = _Folder(store, objects, request, dialect)
    sample = sample_of(dialect, look.ranges) if look else folder.sample()
    schema = choose_columns(dialect.header, sample, column_choice(request))
    shards = list(_packed(folder.pieces(shard_bytes), shard_bytes))
    plan = Plan(dialect.delimiter, dialect.escape, False, schema, 0, len(shards), name_of(first))
    return plan, shards


def _dialect_of(
    store: Content, source: PinnedObject, request: TrainingRequest, delimiter: str | None
) -> Dialect:
    """By the head of an object, or of what is unfolded of it."""
    return beginning(store.stream(source), source, delimiter, request.escape, request.skip_lines)[0]


@dataclass(frozen=True)
class _Folder:
    """dialect: of the first object, whose columns and delimiter hold for all."""

    store: Content
    objects: Sequence[PinnedObject]
    request: TrainingRequest
    dialect: Dialect

    def own(self, i: int) -> tuple[Dialect, list[int]]:
        """The dialect of an object, and where the columns stand in it; raises InvalidDatasetError that names it."""
        source = self.objects[i]
        with named(source):
            found = _dialect_of(self.store, source, self.request, self.dialect.delimiter)
            return found, column_order(found.header, self.dialect.header, name_of(self.objects[0]))

    def sample(self) -> list[Run]:
        """Rows by which the columns are judged: of all objects or of many, the first and the last among them, and from
        places in large ones. Of little data all of it, as of one object alone."""
        ends = list(accumulate(one.bytes for one in self.objects))
        chosen = _spread(len(ends))
        little = ends[-1] <= HEAD_BYTES and len(chosen) == len(ends)
        rows = None if little else max(_LEAST_ROWS, SAMPLED_ROWS // len(chosen))

        def head_of(i: int) -> Run:
            found, order = self.own(i)
            return _in_order(whole_rows(found.sample, len(order))[:rows], order)

        def range_at(place: tuple[int, int]) -> Run:
            i, start = place
            found, order = self.own(i)
            content = b"".join(self.store.stream(self.objects[i], start, start + RANGE_BYTES))
            return _in_order(run_in(content, found), order)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            heads = list(pool.map(head_of, chosen))
            if little:
                return runs_of([row for run in heads for row in run])
            ranges = list(pool.map(range_at, _places(self.objects, ends)))
        return [run for run in (*heads, *ranges) if run]

    def pieces(self, shard_bytes: int) -> Iterator[_Piece]:
        """The objects, in one piece or cut where they are large."""
        for i, source in enumerate(self.objects):
            bounds = [0, source.bytes]
            if source.bytes >= shard_bytes + shard_bytes // 2:
                bounds[1:1] = self._cuts(i, shard_bytes)
            yield from (_Piece(i, *bound) for bound in pairwise(bounds))

    def _cuts(self, i: int, shard_bytes: int) -> list[int]:
        source = self.objects[i]
        start = b"".join(self.store.stream(source, 0, HEAD_BYTES))
        with named(source):
            if is_gzip(source.key, source.content_encoding, start):
                check_gzip_size(source)
                return []
            return cuts_in(self.store, source, self.own(i)[0], shard_bytes)


def _in_order(rows: Run, order: Sequence[int]) -> Run:
    return [[row[place] for place in order] for row in rows]


def _spread(count: int) -> list[int]:
    """The numbers of the objects that are looked at: all of few, else some, the first and the last among them."""
    if count <= _SAMPLED_OBJECTS:
        return list(range(count))
    return [i * (count - 1) // (_SAMPLED_OBJECTS - 1) for i in range(_SAMPLED_OBJECTS)]


def _places(objects: Sequence[PinnedObject], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Number of an object and a byte in it behind its head, a few, spread over the bytes of all; not in gzip."""
    i = 0
    for step in range(1, RANGES):
        place = step * ends[-1] // RANGES
        while ends[i] <= place:
            i += 1
        start = place - (ends[i] - objects[i].bytes)
        if HEAD_BYTES <= start <= objects[i].bytes - RANGE_BYTES and not objects[i].key.endswith(".gz"):
            yield i, start


def _packed(pieces: Iterable[_Piece], shard_bytes: int) -> Iterator[Shard]:
    """Neighbours together until a shard is full."""
    held: list[_Piece] = []
    size = index = 0
    for piece in pieces:
        length = piece.end - piece.start
        full = size + length > shard_bytes + shard_bytes // 2 or len(held) == OBJECTS_PER_SHARD
        if held and (size >= shard_bytes or full):
            yield _shard(index, held)
            index, held, size = index + 1, [], 0
        held.append(piece)
        size += length
    yield _shard(index, held)


def _shard(index: int, pieces: Sequence[_Piece]) -> Shard:
    first, last = pieces[0], pieces[-1]
    size = sum(piece.end - piece.start for piece in pieces)
    return Shard(index, first.start, last.end, first.object, last.object, size)
