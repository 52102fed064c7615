"""The stable key: what it holds, how it is moved, and what it held before, as the bucket's versions tell it.

Every write of the key is a move. One that takes a move back says in its metadata which version it restores; so the
key's versions are a stack, and nothing else needs to be kept.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.door import CommandError
from model_service_cli.models.names import model_name
from shared.event_fields import S3Reference
from shared.object_store import MOVED_BY_HAND

PROMOTE = {MOVED_BY_HAND: "promote"}
_RESTORES = "restores"
# The last one: another write of the key was under way.
_MOVED = {"PreconditionFailed", "412", "NoSuchKey", "ConditionalRequestConflict"}


@dataclass(frozen=True)
class Held:
    """What a version of the stable key holds; `etag` and `version_id` are S3's."""

    content: bytes
    etag: str
    version_id: str | None
    content_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read(s3: Any, stable: S3Reference, version_id: str | None = None) -> Held | None:
    """What the key holds, or held in that version; None where there is nothing."""
    version = {"VersionId": version_id} if version_id else {}
    try:
        response = s3.get_object(Bucket=stable.bucket, Key=stable.key, **version)
        content = response["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return Held(content, response["ETag"], response.get("VersionId"), response["ContentType"])


def move(
    s3: Any,
    stable: S3Reference,
    current: Held | None,
    content: bytes,
    metadata: dict[str, str],
    content_type: str = "application/json",
) -> None:
    """Moves the key to the content, where it still holds `current`; raises CommandError where it does not."""
    condition = {"IfMatch": current.etag} if current else {"IfNoneMatch": "*"}
    try:
        s3.put_object(
            Bucket=stable.bucket,
            Key=stable.key,
            Body=content,
            ContentType=content_type,
            Metadata=metadata,
            **condition,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MOVED:
            raise
        found = read(s3, stable)
        if found and found.content == content:  # a repeat, within boto3, of a write whose answer was lost
            return
        raise CommandError(
            f"{stable} was moved by someone else meanwhile, to {_words(found)}, and stays; see: make models"
        ) from error


def rollback(s3: Any, stable: S3Reference) -> tuple[Held | None, Held]:
    """Takes back the last move of the key: what it held until now, None where it was deleted, and what it holds.

    Repeated, it goes further back. Raises CommandError where the bucket keeps no versions, where nothing else was
    held before, and where someone else moves the key meanwhile.
    """
    if s3.get_bucket_versioning(Bucket=stable.bucket).get("Status") != "Enabled":
        raise CommandError(f"the bucket {stable.bucket} keeps no versions, so there is nothing to go back to")
    # What it holds is read before its history: a move between the two makes the condition fail, not the choice.
    current = read(s3, stable)
    history = _versions(s3, stable)
    before = _stack(s3, stable, history)
    for version_id in islice(before, 1 if current else 0, None):
        held = read(s3, stable, version_id)
        if held and (current is None or held.content != current.content):
            move(
                s3,
                stable,
                current,
                held.content,
                {MOVED_BY_HAND: "rollback", _RESTORES: version_id},
                held.content_type,
            )
            return current, held
    raise CommandError(
        f"there is nothing before {_words(current)} at {stable}"
        if history
        else f"{stable} has never held a model"
    )


def _versions(s3: Any, stable: S3Reference) -> list[str]:
    """The ids of the key's versions, newest first, without delete markers."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=stable.bucket, Prefix=stable.key)
    found = (entry for page in pages for entry in page.get("Versions", ()))
    return [entry["VersionId"] for entry in found if entry["Key"] == stable.key]


def _stack(s3: Any, stable: S3Reference, history: list[str]) -> Iterator[str]:
    """The versions that the moves not taken back wrote, the last move's first.

    What lay under a version that has expired, or was deleted for good, is not known any more.
    """
    position = 0
    while position < len(history):
        restores = _metadata(s3, stable, history[position]).get(_RESTORES)
        if restores in history[position + 1 :]:
            position = history.index(restores)
            continue
        yield history[position]
        if restores:
            return
        position += 1


def _metadata(s3: Any, stable: S3Reference, version_id: str) -> dict[str, str]:
    return s3.head_object(Bucket=stable.bucket, Key=stable.key, VersionId=version_id)["Metadata"]


def _words(held: Held | None) -> str:
    return model_name(held.sha256) if held else "nothing"
