"""How a CSV is read: its dialect and schema, found once, and the shards that it is cut into.

A shard is a byte range that begins with a record and ends with one. The plan is JSON in S3; the state
machine hands each shard of it to an invocation of its own.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from shared.contracts import TrainingRequest
from shared.csv_file.columns import Column, ColumnChoice, Schema, choose_columns
from shared.csv_file.compression import gunzipped, is_gzip
from shared.csv_file.cuts import PROBE_BYTES, find_cut
from shared.csv_file.dialect import HEAD_BYTES, Dialect, detect_dialect
from shared.csv_file.recognition import check_names
from shared.csv_file.sample import RANGE_BYTES, RANGES, range_starts, sample_of, sampled
from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.object_store import Content, PinnedObject
from shared.shards import Shard

# One shard is one invocation, and that ends after 15 minutes: about 20 GB at the speed of one Lambda.
MAX_SHARD_BYTES = 2 << 30
_PROBES = 8  # places looked at for one cut, each PROBE_BYTES behind the one before
_PROBES_AT_ONCE = 16


@dataclass(frozen=True)
class Plan:
    """What every shard must know of the whole; it does not grow with the CSV.

    escape: as in Dialect; compressed: whether the object is gzip; header_lines: before the records. Of a folder the
    first object's header is the schema's, `first` its name, and each object tells the other two itself.
    """

    delimiter: str
    escape: str | None
    compressed: bool
    schema: Schema
    header_lines: int
    shard_count: int
    first: str = ""

    def to_json(self) -> Json:
        return {
            "delimiter": self.delimiter,
            "escape": self.escape,
            "compressed": self.compressed,
            "columns": [column.to_json() for column in self.schema.columns],
            "features": list(self.schema.features),
            "label": self.schema.label,
            "missing": list(self.schema.missing),
            "header_lines": self.header_lines,
            "shard_count": self.shard_count,
            "first": self.first,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        columns = tuple(map(Column.from_json, value["columns"]))
        return cls(
            delimiter=value["delimiter"],
            escape=value["escape"],
            compressed=value["compressed"],
            schema=Schema(columns, tuple(value["features"]), value["label"], tuple(value["missing"])),
            header_lines=value["header_lines"],
            shard_count=value["shard_count"],
            first=value["first"],
        )


def make_plan(
    store: Content, source: PinnedObject, request: TrainingRequest, shard_bytes: int
) -> tuple[Plan, list[Shard]]:
    """The plan of a CSV and its shards, in order and without gaps: its head is read, and a probe for every cut.

    Raises InvalidDatasetError for a file without a usable header, and for one that would have to be read in
    one piece and is too large for that (gzip, or quotes that leave no place to cut).
    """
    look = looked_at(store, source)
    dialect = detect_dialect(look.head, look.complete, request.delimiter, request.escape, request.skip_lines)
    check_names(dialect.header, dialect.body_line - 1)
    schema = choose_columns(dialect.header, sample_of(dialect, look.ranges), column_choice(request))
    if look.compressed:
        check_gzip_size(source)
        shards = [Shard(0, dialect.body_offset, None)]
    else:
        bounds = [dialect.body_offset, *cuts_in(store, source, dialect, shard_bytes), source.bytes]
        shards = [Shard(i, *bounds[i : i + 2]) for i in range(len(bounds) - 1)]
    lines = dialect.body_line - 1
    return Plan(dialect.delimiter, dialect.escape, look.compressed, schema, lines, len(shards)), shards


@dataclass(frozen=True)
class Look:
    """The head of an object, unfolded where it is gzip, whether that is all of it, and ranges from behind it."""

    compressed: bool
    head: bytes
    complete: bool
    ranges: list[bytes]


def looked_at(store: Content, source: PinnedObject) -> Look:
    """What an object is judged by."""
    # One byte more than the head tells whether that is all.
    start = b"".join(store.stream(source, 0, min(source.bytes, HEAD_BYTES + 1)))
    if is_gzip(source.key, source.content_encoding, start):
        return Look(True, *sampled(gunzipped(store.stream(source))))
    return Look(False, start[:HEAD_BYTES], len(start) <= HEAD_BYTES, _ranges(store, source))


def check_gzip_size(source: PinnedObject) -> None:
    """Raises InvalidDatasetError for gzip that is too large to be read in one piece."""
    if source.bytes > MAX_SHARD_BYTES:
        raise InvalidDatasetError(
            f"the gzip object has {source.bytes:,} bytes; gzip cannot be cut into shards, and one is read up "
            f"to {MAX_SHARD_BYTES:,} bytes: upload it uncompressed"
        )


def column_choice(request: TrainingRequest) -> ColumnChoice:
    return ColumnChoice(
        label=request.label_column,
        features=request.feature_columns,
        columns=request.columns or {},
        excluded=request.exclude_columns or (),
        missing=request.missing_values or (),
        time=request.time_column,
        sensitive=request.sensitive_columns or (),
    )


def _ranges(store: Content, source: PinnedObject) -> list[bytes]:
    """The ranges of the object behind its head by which the columns are judged too."""

    def range_at(start: int) -> bytes:
        return b"".join(store.stream(source, start, min(start + RANGE_BYTES, source.bytes)))

    with ThreadPoolExecutor(RANGES) as pool:
        return list(pool.map(range_at, range_starts(HEAD_BYTES, source.bytes)))


def cuts_in(store: Content, source: PinnedObject, dialect: Dialect, shard_bytes: int) -> list[int]:
    """Beginnings of records, about shard_bytes apart, ascending. Where none is found, two shards stay one.

    Raises InvalidDatasetError where that leaves too much for one.
    """
    cuts = _cuts(store, source, dialect, shard_bytes)
    longest = max(end - start for start, end in pairwise([dialect.body_offset, *cuts, source.bytes]))
    if longest > max(MAX_SHARD_BYTES, shard_bytes):
        raise InvalidDatasetError(
            f"no place to cut the file was found for {longest:,} bytes; quoted cells leave it open where "
            "records begin: write it with fewer quotes"
        )
    return cuts


def _cuts(store: Content, source: PinnedObject, dialect: Dialect, shard_bytes: int) -> list[int]:
    count = (source.bytes - dialect.body_offset) // shard_bytes
    # The last shard may be up to half as long again, rather than a rest of a few bytes.
    targets = [dialect.body_offset + shard_bytes * i for i in range(1, count + 1)]
    targets = [target for target in targets if source.bytes - target >= shard_bytes // 2]

    def cut_near(target: int) -> int | None:
        end = min(target + _PROBES * PROBE_BYTES, target + shard_bytes, source.bytes)
        for start in range(target, end, PROBE_BYTES):
            probe = b"".join(store.stream(source, start, min(start + PROBE_BYTES, source.bytes)))
            cut = find_cut(probe, dialect.delimiter, len(dialect.header), dialect.escape)
            if cut is not None and start + cut < source.bytes:
                return start + cut
        return None

    if not targets:
        return []
    with ThreadPoolExecutor(_PROBES_AT_ONCE) as pool:
        return sorted({cut for cut in pool.map(cut_near, targets) if cut is not None})
