"""S3 by boto3, and the translation of its errors: the `ObjectStore` of the deployed functions."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from shared.errors import (
    ArtifactConflictError,
    DatasetChangedError,
    DatasetNotFoundError,
    InvalidRequestError,
    PermanentError,
    TransientStorageError,
)
from shared.event_fields import S3Reference, printable
from shared.object_store import MOVED_BY_HAND, PinnedObject, StoredObject

# Standard mode retries throttling and 5xx with backoff; the state machine retries what outlasts it.
_CLIENT_CONFIG = ClientConfig(
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=5,
    read_timeout=30,
)
_STREAM_CHUNK = 1 << 18
_STREAM_RESUMES = 3
_MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound", "405", "MethodNotAllowed"}
_DENIED = {"403", "AccessDenied", "Forbidden", "AllAccessDisabled", "InvalidObjectState", "InvalidBucketName"}
_BAD_VERSION = {"400", "InvalidArgument", "BadRequest"}
_CHANGED = {"412", "PreconditionFailed", "416", "InvalidRange"}


class Storage:
    """An `ObjectStore` on S3. Domain errors come out; botocore's stay inside."""

    def __init__(self, client: Any = None) -> None:
        self._client = client

    @property
    def client(self) -> Any:
        """The S3 client, made on first use: an import must not need credentials or a region."""
        if self._client is None:
            self._client = boto3.client("s3", config=_CLIENT_CONFIG)
        return self._client

    def pin(self, bucket: str, key: str, version_id: str | None = None) -> PinnedObject:
        """The object's newest version, or the one asked for; raises DatasetNotFoundError."""
        version = {"VersionId": version_id} if version_id else {}
        where = f"s3://{bucket}/{key}" + (f" (version id {version_id})" if version_id else "")
        with _translated(printable(where), missing=DatasetNotFoundError, bad_version=version_id):
            head = self.client.head_object(Bucket=bucket, Key=key, **version)
        return PinnedObject(
            bucket=bucket,
            key=key,
            version_id=_real_version(head.get("VersionId")),
            etag=head["ETag"].strip('"'),
            bytes=head["ContentLength"],
            content_encoding=head.get("ContentEncoding"),
        )

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` to `end` (all by default) of the pinned content, in chunks of at most 256 KiB.

        A broken connection is resumed where it broke. Raises DatasetChangedError when this version is gone
        or, without versions, was replaced.
        """
        position, end = start, source.bytes if end is None else end
        for attempt in range(_STREAM_RESUMES + 1):
            if position >= end:
                return
            try:
                with (
                    _translated(str(source), missing=DatasetChangedError),
                    closing(self._open(source, position, end)) as body,
                ):
                    while chunk := body.read(_STREAM_CHUNK):
                        position += len(chunk)
                        yield chunk
            except TransientStorageError:
                if attempt == _STREAM_RESUMES:
                    raise
        if position < end:
            raise TransientStorageError(f"{source}: S3 sends {position} of {end} bytes and no error")

    def _open(self, source: PinnedObject, position: int, end: int) -> Any:
        version = {"VersionId": source.version_id} if source.version_id else {}
        span = {"Range": f"bytes={position}-{end - 1}"} if (position, end) != (0, source.bytes) else {}
        response = self.client.get_object(
            Bucket=source.bucket, Key=source.key, IfMatch=f'"{source.etag}"', **version, **span
        )
        return response["Body"]

    def read(self, reference: S3Reference, missing: type[PermanentError] = InvalidRequestError) -> bytes:
        """The whole of a small object that a step wrote; `missing` is raised when it is not there."""
        with _translated(str(reference), missing=missing):
            return self.client.get_object(Bucket=reference.bucket, Key=reference.key)["Body"].read()

    def find(self, reference: S3Reference) -> StoredObject | None:
        """The whole of a small object, None when it is not there."""
        try:
            with _translated(str(reference), missing=InvalidRequestError):
                response = self.client.get_object(Bucket=reference.bucket, Key=reference.key)
                content = response["Body"].read()
        except InvalidRequestError as error:
            if getattr(error.__cause__, "response", {}).get("Error", {}).get("Code") != "NoSuchKey":
                raise  # forbidden, or no such bucket
            return None
        return StoredObject(
            content,
            response["ETag"].strip('"'),
            _real_version(response.get("VersionId")),
            moved_by_hand=MOVED_BY_HAND in response.get("Metadata", {}),
        )

    def newest_in(self, folder: S3Reference) -> Iterator[PinnedObject]:
        """The newest version of each object whose key begins with the folder's, in the order of their keys.

        A page of the listing pins a thousand of them. Raises DatasetNotFoundError where it is forbidden.
        """
        with _translated(str(folder), missing=DatasetNotFoundError):
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=folder.bucket, Prefix=folder.key
            )
            for page in pages:
                for entry in page.get("Versions", ()):
                    if entry["IsLatest"]:
                        yield PinnedObject(
                            bucket=folder.bucket,
                            key=entry["Key"],
                            version_id=_real_version(entry.get("VersionId")),
                            etag=entry["ETag"].strip('"'),
                            bytes=entry["Size"],
                        )

    def sizes(self, folder: S3Reference, at_most: int | None = None) -> dict[str, int]:
        """Key -> bytes of the objects whose keys begin with the folder's: all, or the first `at_most`."""
        with _translated(str(folder), missing=InvalidRequestError):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=folder.bucket, Prefix=folder.key, PaginationConfig={"MaxItems": at_most}
            )
            return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", ())}

    def write(self, reference: S3Reference, content: bytes, content_type: str) -> str | None:
        """Puts the object and returns its version id, None where the bucket keeps no versions."""
        return self._put(reference, content, content_type)

    def write_once(self, reference: S3Reference, content: bytes, content_type: str) -> None:
        """Puts the object unless the key is taken; the same content there already is success.

        Raises ArtifactConflictError when the key holds other content.
        """
        try:
            self._put(reference, content, content_type, IfNoneMatch="*")
        except ArtifactConflictError:
            if self.read(reference) != content:
                raise

    def replace(
        self, reference: S3Reference, content: bytes, content_type: str, etag: str | None
    ) -> str | None:
        """Puts the object where the key still holds `etag`, or is still free where that is None.

        Returns the version id as `write` does; raises ArtifactConflictError when the key holds something else.
        """
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": f'"{etag}"'}
        return self._put(reference, content, content_type, **condition)

    def _put(self, reference: S3Reference, content: bytes, content_type: str, **condition: str) -> str | None:
        with _translated(str(reference), missing=InvalidRequestError, taken=ArtifactConflictError):
            response = self.client.put_object(
                Bucket=reference.bucket,
                Key=reference.key,
                Body=content,
                ContentType=content_type,
                **condition,
            )
        return _real_version(response.get("VersionId"))


@contextmanager
def _translated(
    where: str,
    *,
    missing: type[PermanentError],
    taken: type[PermanentError] = DatasetChangedError,
    bad_version: str | None = None,
) -> Iterator[None]:
    """Runs S3 calls and raises their failures as domain errors: the one place that reads error codes."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "NoSuchKey" and error.operation_name == "PutObject":  # If-Match, and the object is gone
            raise taken(f"{where} was deleted meanwhile") from error
        if code in _MISSING or (bad_version and code in _BAD_VERSION):
            raise missing(f"{where} does not exist") from error
        if code in _DENIED:
            raise missing(f"{where} may not be accessed: S3 answered {code}") from error
        if code in _CHANGED:
            raise taken(f"{where} has other content than expected") from error
        raise TransientStorageError(f"{where}: S3 answered {code or 'an error without a code'}") from error
    except ParamValidationError as error:
        raise missing(f"{where} is not an address S3 accepts") from error
    except (BotoCoreError, OSError) as error:
        raise TransientStorageError(f"{where}: {type(error).__name__} while talking to S3") from error


def _real_version(version_id: str | None) -> str | None:
    return None if version_id in (None, "null") else version_id
