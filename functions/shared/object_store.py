"""What a step needs of the place where objects lie, whoever provides it.

Logic takes an `ObjectStore` as an argument and knows nothing of S3: `shared.storage` provides it in the
functions; tests and benchmarks bring their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from shared.errors import InvalidRequestError, PermanentError
from shared.event_fields import Json, S3Reference, printable

MOVED_BY_HAND = "move"  # metadata of an object that a person put at the stable key


@dataclass(frozen=True)
class PinnedObject:
    """One version of one object; `version_id` is None where the bucket keeps no versions."""

    bucket: str
    key: str
    version_id: str | None
    etag: str
    bytes: int
    content_encoding: str | None = None

    def identity(self) -> Json:
        """What makes this content itself: bucket, key, version_id, etag, bytes, and content_encoding if any."""
        return {
            "bucket": self.bucket,
            "key": self.key,
            "version_id": self.version_id,
            "etag": self.etag,
            "bytes": self.bytes,
        } | ({"content_encoding": self.content_encoding} if self.content_encoding else {})

    @classmethod
    def from_identity(cls, identity: Json) -> Self:
        """The object that `identity` described."""
        return cls(**identity)

    def __str__(self) -> str:
        version = f" (version id {self.version_id})" if self.version_id else ""
        return printable(f"s3://{self.bucket}/{self.key}{version}")


@dataclass(frozen=True)
class StoredObject:
    """A small object as it was found; `version_id` is None where the bucket keeps no versions.

    moved_by_hand: `make promote` or `make rollback` has put it there, and no run.
    """

    content: bytes
    etag: str
    version_id: str | None
    moved_by_hand: bool = False


class Content(Protocol):
    """Bytes to be read, wherever they lie."""

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes start to end of the pinned content, in chunks; raises DatasetChangedError when it is gone."""


class ObjectStore(Content, Protocol):
    """Objects by bucket and key. The domain errors are those of `shared.storage.Storage`."""

    def pin(self, bucket: str, key: str, version_id: str | None = None) -> PinnedObject:
        """The object's newest version, or the one asked for; raises DatasetNotFoundError."""

    def read(self, reference: S3Reference, missing: type[PermanentError] = InvalidRequestError) -> bytes:
        """The whole of a small object; raises `missing` when it is not there."""

    def find(self, reference: S3Reference) -> StoredObject | None:
        """The whole of a small object, None when it is not there."""

    def newest_in(self, folder: S3Reference) -> Iterator[PinnedObject]:
        """The newest version of each object whose key begins with the folder's; raises DatasetNotFoundError."""

    def sizes(self, folder: S3Reference, at_most: int | None = None) -> dict[str, int]:
        """Key -> bytes of the objects whose keys begin with the folder's: all, or the first `at_most`."""

    def write(self, reference: S3Reference, content: bytes, content_type: str) -> str | None:
        """Puts the object; its version id, None where no versions are kept."""

    def write_once(self, reference: S3Reference, content: bytes, content_type: str) -> None:
        """Puts the object unless the key is taken; raises ArtifactConflictError for other content there."""

    def replace(
        self, reference: S3Reference, content: bytes, content_type: str, etag: str | None
    ) -> str | None:
        """Puts the object where the key still holds `etag`, or is still free where that is None.

        Returns the version id as `write` does; raises ArtifactConflictError when the key holds something else.
        """
