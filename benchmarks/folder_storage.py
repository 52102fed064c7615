"""An `ObjectStore` on a folder instead of S3: `<root>/<bucket>/<key>`.

So the logic is measured as it is, without a network, on the same file that its peers read.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.errors import ArtifactConflictError, DatasetNotFoundError, InvalidRequestError, PermanentError
from shared.event_fields import S3Reference
from shared.object_store import PinnedObject, StoredObject

_STREAM_CHUNK = 1 << 18  # as S3's


class FolderStorage:
    """Objects as files; it keeps no versions."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, bucket: str, key: str) -> Path:
        return self._root / bucket / key

    def pin(self, bucket: str, key: str, version_id: str | None = None) -> PinnedObject:
        """The file as it is. Raises DatasetNotFoundError."""
        path = self._path(bucket, key)
        if not path.is_file():
            raise DatasetNotFoundError(f"{path} does not exist")
        status = path.stat()
        return PinnedObject(bucket, key, version_id, f"{status.st_mtime_ns:x}", status.st_size)

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes start to end of the content, in chunks of at most 256 KiB."""
        left = (source.bytes if end is None else end) - start
        with self._path(source.bucket, source.key).open("rb", buffering=0) as file:
            file.seek(start)
            while left > 0 and (chunk := file.read(min(_STREAM_CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def read(self, reference: S3Reference, missing: type[PermanentError] = InvalidRequestError) -> bytes:
        """The whole of a file that a step wrote; `missing` is raised when it is not there."""
        path = self._path(reference.bucket, reference.key)
        if not path.is_file():
            raise missing(f"{path} does not exist")
        return path.read_bytes()

    def find(self, reference: S3Reference) -> StoredObject | None:
        """The whole of a file with its identity, None when it is not there."""
        if not self._path(reference.bucket, reference.key).is_file():
            return None
        return StoredObject(self.read(reference), self.pin(reference.bucket, reference.key).etag, None)

    def newest_in(self, folder: S3Reference) -> Iterator[PinnedObject]:
        """Every file in the folder and the folders below it, as it is."""
        return (self.pin(folder.bucket, key) for key in sorted(self.sizes(folder)))

    def sizes(self, folder: S3Reference, at_most: int | None = None) -> dict[str, int]:
        """Key -> bytes of every file in the folder and the folders below it, or of the first `at_most`."""
        root = self._path(folder.bucket, "")
        files = self._path(folder.bucket, folder.key).rglob("*")
        sizes = {path.relative_to(root).as_posix(): path.stat().st_size for path in files if path.is_file()}
        return dict(list(sizes.items())[:at_most])

    def replace(self, reference: S3Reference, content: bytes, content_type: str, etag: str | None) -> None:
        """Writes the file; raises ArtifactConflictError unless it still has this identity."""
        found = self.find(reference)
        if (found and found.etag) != etag:
            raise ArtifactConflictError(f"{reference} has other content than expected")
        self.write(reference, content, content_type)

    def write(self, reference: S3Reference, content: bytes, content_type: str) -> None:
        """Writes the file, with the folders above it."""
        path = self._path(reference.bucket, reference.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def write_once(self, reference: S3Reference, content: bytes, content_type: str) -> None:
        """Writes the file unless it is there; raises ArtifactConflictError when it holds other content."""
        if not self._path(reference.bucket, reference.key).exists():
            self.write(reference, content, content_type)
        elif self.read(reference) != content:
            raise ArtifactConflictError(f"{reference} has other content than expected")
