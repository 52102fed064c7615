"""A dataset of many objects: all of those under a key that ends in `/`, in the order of their keys, each pinned.

What other programs leave beside the data is no part of it: empty objects (a console's mark of a folder, a job's empty
part), and what lies under a name that begins with `_` or `.`, such as `_SUCCESS`, which Spark and Athena skip too.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from shared.canonical_json import canonical_json
from shared.errors import InvalidDatasetError
from shared.event_fields import FileReference, Json, S3Reference, printable
from shared.object_store import ObjectStore, PinnedObject
from shared.run_files import RunFiles, read_file, write_json

MAX_OBJECTS = 100_000  # every shard reads their list, of some 20 MB then


def is_folder(key: str) -> bool:
    return key.endswith("/")


@dataclass(frozen=True)
class PinnedFolder:
    """etag: SHA-256 of the list of its objects, which lies in the run's files; bytes: of all of them together."""

    bucket: str
    key: str
    etag: str
    bytes: int
    objects: int

    version_id = None  # each of its objects has one

    @classmethod
    def of(cls, bucket: str, key: str, objects: Sequence[PinnedObject]) -> Self:
        digest = hashlib.sha256(canonical_json(_listed(objects))).hexdigest()
        return cls(bucket, key, digest, sum(one.bytes for one in objects), len(objects))

    def identity(self) -> Json:
        """The members of an object's identity, and `objects`: how many there are."""
        return {
            "bucket": self.bucket,
            "key": self.key,
            "version_id": None,
            "etag": self.etag,
            "bytes": self.bytes,
            "objects": self.objects,
        }

    @classmethod
    def from_identity(cls, identity: Json) -> Self:
        """The folder that `identity` described."""
        return cls(*(identity[name] for name in ("bucket", "key", "etag", "bytes", "objects")))

    def __str__(self) -> str:
        return printable(f"s3://{self.bucket}/{self.key}")


def objects_in(store: ObjectStore, bucket: str, key: str) -> list[PinnedObject]:
    """The newest version of each object of the data, in the order of their keys.

    Raises DatasetNotFoundError where the bucket may not be listed, InvalidDatasetError for more than MAX_OBJECTS.
    """
    found: list[PinnedObject] = []
    for one in store.newest_in(S3Reference(bucket, key)):
        if is_data(one.key.removeprefix(key), one.bytes):
            found.append(one)
        if len(found) > MAX_OBJECTS:
            raise InvalidDatasetError(
                f"the folder {printable(key)} has more than {MAX_OBJECTS:,} objects; allowed are that many: write "
                "fewer, larger ones"
            )
    return sorted(found, key=lambda one: one.key)


def is_data(path: str, size: int) -> bool:
    """Whether what lies at this path below a folder, with so many bytes, is part of the dataset."""
    names = path.split("/")
    return size > 0 and names[-1] != "" and not any(name.startswith(("_", ".")) for name in names)


def write_objects(store: ObjectStore, files: RunFiles, objects: Sequence[PinnedObject]) -> None:
    """Leaves the list of a folder's objects with the run's files."""
    write_json(store, files.objects, _listed(objects))


def read_objects(store: ObjectStore, files: RunFiles, folder: PinnedFolder) -> list[PinnedObject]:
    """The objects of a run's folder; raises DatasetChangedError where their list is not as the run wrote it."""
    content = read_file(store, FileReference(files.bucket, files.objects.key, folder.etag))
    return [PinnedObject(folder.bucket, **entry) for entry in json.loads(content)]


def _listed(objects: Iterable[PinnedObject]) -> list[Json]:
    names = ("key", "version_id", "etag", "bytes")
    return [{name: getattr(one, name) for name in names} for one in objects]
