"""The published versions of the stable key: listed, found by the beginning of their SHA-256, and read.

The cards that lie beside the versions are no versions.
"""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.door import CommandError
from model_service_cli.models.artifact_reader import parse
from model_service_cli.models.stable_key import SHORT_DIGEST
from publish_artifact.places import version_of
from shared.event_fields import Json, S3Reference

_READERS = 8
_VERSION = re.compile(r"([0-9a-f]{64})[.]json")
_BEGINNING = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True)
class ModelVersion:
    """A published version. published_at: as the artifact says, else when S3 got the object; artifact: None where
    the content is not the one published, or none that can be read, and then `problem` says why."""

    sha256: str
    published_at: datetime
    artifact: Json | None
    problem: str = ""

    def section(self, name: str) -> Json:
        """One of the artifact's objects, such as its metrics; empty where the artifact cannot be read."""
        return self.artifact[name] if self.artifact else {}


def versions(s3: Any, stable: S3Reference) -> list[ModelVersion]:
    """All published versions, newest first."""

    def version(digest: str, stored_at: datetime) -> ModelVersion:
        try:
            artifact = parse(content_of(s3, stable, digest), digest[:SHORT_DIGEST])
        except CommandError as error:
            return ModelVersion(digest, stored_at, None, str(error))
        return ModelVersion(digest, datetime.fromisoformat(artifact["lineage"]["created_at"]), artifact)

    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(lambda entry: version(*entry), _stored(s3, stable).items()))
    return sorted(found, key=lambda each: (each.published_at, each.sha256), reverse=True)


def checked(version: str) -> str:
    """VERSION as it was given, in small letters; raises CommandError where it cannot begin a SHA-256."""
    wanted = version.strip().lower()
    if not wanted:
        raise CommandError("VERSION is missing; make models lists the versions", exit_status=2)
    if not _BEGINNING.fullmatch(wanted):
        raise CommandError(
            f"VERSION {version!r} is no SHA-256, nor the beginning of one; make models lists the versions",
            exit_status=2,
        )
    return wanted


def digest_of(s3: Any, stable: S3Reference, wanted: str) -> str:
    """The SHA-256 of the one version whose name begins with `wanted`.

    Raises CommandError where there is none, and where there are several.
    """
    found = list(_stored(s3, stable, wanted))
    if not found:
        raise CommandError(
            f"VERSION {wanted} has not been published at {stable}; make models lists the versions",
            exit_status=2,
        )
    if len(found) > 1:
        digits = unique_digits(found)
        shown = ", ".join(digest[:digits] for digest in found[:5]) + (", ..." if len(found) > 5 else "")
        raise CommandError(
            f"VERSION {wanted} is the beginning of {len(found)} versions: {shown}", exit_status=2
        )
    return found[0]


def content_of(s3: Any, stable: S3Reference, digest: str) -> bytes:
    """The version's bytes; raises CommandError where they are not those that were published."""
    version = version_of(stable, digest)
    try:
        content = s3.get_object(Bucket=version.bucket, Key=version.key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        raise CommandError(f"{version} has been deleted") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise CommandError(f"{version} is damaged: its content has another SHA-256 than its name")
    return content


def unique_digits(digests: list[str]) -> int:
    """How many first digits tell these SHA-256s apart, SHORT_DIGEST at least."""
    apart = (
        digits
        for digits in range(SHORT_DIGEST, 64)
        if len({each[:digits] for each in digests}) == len(digests)
    )
    return next(apart, 64)


def _stored(s3: Any, stable: S3Reference, beginning: str = "") -> dict[str, datetime]:
    """SHA-256 -> when it was stored, of the versions whose name begins so."""
    folder = version_of(stable, "").key.removesuffix(".json")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=stable.bucket, Prefix=folder + beginning)
    entries = (entry for page in pages for entry in page.get("Contents", ()))
    named = ((_VERSION.fullmatch(entry["Key"].removeprefix(folder)), entry) for entry in entries)
    return {match[1]: entry["LastModified"] for match, entry in named if match}
