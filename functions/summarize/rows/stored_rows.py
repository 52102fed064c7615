"""The rows of a validated dataset by their place in its order: found shard by shard, part by part, never all at once.

Rows are numbered as a model takes them: where the newest come first, from the end of what is stored.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import accumulate

from shared.errors import DatasetChangedError
from shared.event_fields import FileReference, Json
from shared.manifest_parts import part_entries
from shared.object_store import ObjectStore
from shared.parts import Part, part_from_npz
from shared.run_files import read_file
from summarize.rows.placed_parts import PartSource, PlacedPart, Stretch
from summarize.rows.ranges import Range

_SHARDS_KEPT = 4  # lists of parts


class StoredRows:
    """rows: how many there are; newest_first: whether the data has the newest rows first and is walked from its end."""

    def __init__(self, manifest: Json, bucket: str, store: ObjectStore, newest_first: bool) -> None:
        self.rows: int = manifest["report"]["rows"]
        self.newest_first = newest_first
        self.store = store
        self._shards = manifest["shards"] or [{"rows": self.rows, "classes": manifest["report"]["classes"]}]
        self._firsts = [0, *accumulate(shard["rows"] for shard in self._shards)]

        # A part may end in one range and begin the next; the only one there is need not be fetched for every walk.
        @lru_cache(1)
        def read(key: str, sha256: str) -> Part:
            reference = FileReference(bucket, key, sha256)
            part = part_from_npz(read_file(store, reference, missing=DatasetChangedError))
            return part.reversed() if newest_first else part

        @lru_cache(_SHARDS_KEPT)
        def parts_of(shard: int) -> list[PlacedPart]:
            first = self._firsts[shard]
            found = []
            for entry in part_entries(manifest, bucket, store, range(shard, shard + 1)):
                source = PartSource(entry["rows"], partial(read, entry["key"], entry["sha256"]))
                found.append(PlacedPart(first, source, entry["classes"]))
                first += entry["rows"]
            return found

        self._parts_of = parts_of

    def parts(self, first: int, end: int) -> Iterator[PlacedPart]:
        """The parts that hold rows `first` to `end`, in order."""
        if self.newest_first:
            for part in reversed(list(self._stored(self.rows - end, self.rows - first))):
                yield PlacedPart(self.rows - part.end, part.source, part.classes)
        else:
            yield from self._stored(first, end)

    def stretches(self, first: int, end: int) -> Iterator[Stretch]:
        """Rows `first` to `end`, in order, as they lie in parts; one part at a time is in memory."""
        before: Counter[str] | None = None
        for placed in self.parts(first, end):
            if before is None:
                before = self.classes_before(placed.first)
            part = placed.source.read()
            start, stop = max(0, first - placed.first), min(part.rows, end - placed.first)
            if (start, stop) == (0, part.rows):
                yield Stretch(part, placed.first, Counter(before))
            else:
                passed = before + part.rows_per_class(start)
                yield Stretch(part.slice(start, stop), placed.first + start, passed)
            before.update(placed.classes)

    def classes_before(self, row: int) -> Counter[str]:
        """How many rows of each class are before a row; at most one part is read for it."""
        if self.newest_first:
            found = Counter(self._stored_before(self.rows))
            found.subtract(self._stored_before(self.rows - row))
            return +found
        return self._stored_before(row)

    def shards_of(self, wanted: Range) -> tuple[int, int]:
        """The first of the shards that hold a range's rows, and the one after the last."""
        first, end = wanted.first, wanted.first + wanted.rows
        if self.newest_first:
            first, end = self.rows - end, self.rows - first
        return self._shard_of(first), self._shard_of(end - 1) + 1

    def _shard_of(self, row: int) -> int:
        return bisect_right(self._firsts, row, hi=len(self._shards)) - 1

    def _stored(self, first: int, end: int) -> Iterator[PlacedPart]:
        for shard in range(self._shard_of(first), self._shard_of(max(first, end - 1)) + 1):
            for part in self._parts_of(shard):
                if part.first < end and part.end > first:
                    yield part

    def _stored_before(self, row: int) -> Counter[str]:
        found: Counter[str] = Counter()
        shard = self._shard_of(row) if row < self.rows else len(self._shards)
        for before in self._shards[:shard]:
            found.update(before["classes"])
        for part in self._parts_of(shard) if shard < len(self._shards) else ():
            if part.end <= row:
                found.update(part.classes)
            elif part.first < row:
                content = part.source.read()
                content = content.reversed() if self.newest_first else content
                found.update(content.rows_per_class(row - part.first))
        return found
