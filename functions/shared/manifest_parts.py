"""The parts of a validated dataset as its manifest leads to them: in it, or for several shards in their results."""

from collections.abc import Iterator

from shared.errors import DatasetChangedError
from shared.event_fields import FileReference, Json
from shared.object_store import ObjectStore
from shared.run_files import read_document


def part_entries(
    manifest: Json, bucket: str, store: ObjectStore, shards: range | None = None
) -> Iterator[Json]:
    """The entries of the parts (key, rows, bytes, sha256, classes) in the order of the data, read shard by shard.

    shards: which of them, all by default; a dataset of one shard has its parts in the manifest. Raises
    DatasetChangedError for a shard's result that is gone or not as the run wrote it.
    """
    listed = manifest["shards"]
    if not listed:
        yield from manifest["parts"]
        return
    for index in shards if shards is not None else range(len(listed)):
        entry = listed[index]
        reference = FileReference(bucket, entry["key"], entry["sha256"])
        found = read_document(store, reference, "shard", manifest["run_id"], missing=DatasetChangedError)
        yield from found["parts"]
