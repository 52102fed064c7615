"""What is published under the models' folder: the versions of every stable key, and where each stable key stands.

The folder is that of the configured artifact key, where every dataset's model goes unless its request says otherwise.
Found by listing alone; what the objects hold, `versions` and `stable_key` read.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.door import CommandError
from model_service_cli.models.names import checked, the_one
from publish_artifact.places import version_of
from shared.close_names import did_you_mean
from shared.event_fields import S3Reference

NOTHING = "nothing has been published; run: make run-pipeline"
_VERSION = re.compile(r"(.*/)?versions/([0-9a-f]{64})[.]json", re.DOTALL)
_VERSIONS = "/versions/"


@dataclass(frozen=True)
class Catalogue:
    """versions: SHA-256 -> where the version lies; stored_at: when, by its SHA-256; moved_at: when each stable key
    was written last, by its address."""

    default: S3Reference
    versions: dict[str, S3Reference]
    stored_at: dict[str, datetime]
    moved_at: dict[S3Reference, datetime]

    @classmethod
    def read(cls, s3: Any, default: S3Reference) -> "Catalogue":
        """default: the configured stable key."""
        prefix = "".join(default.key.rpartition("/")[:2])
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=default.bucket, Prefix=prefix)
        versions, stored_at, others = {}, {}, {}
        for entry in (entry for page in pages for entry in page.get("Contents", ())):
            place = S3Reference(default.bucket, entry["Key"])
            if match := _VERSION.fullmatch(entry["Key"]):
                versions[match[2]], stored_at[match[2]] = place, entry["LastModified"]
            elif _VERSIONS not in f"/{entry['Key']}":
                others[place] = entry["LastModified"]
        folders = {_folder(place) for place in versions.values()}
        # What else lies in the folder, and has no versions, is nobody's stable key, whatever it is.
        moved_at = {
            place: at for place, at in others.items() if place == default or _versions_of(place) in folders
        }
        return cls(default, versions, stored_at, moved_at)

    def newest(self) -> S3Reference:
        """The stable key that was moved last. Raises CommandError where there is none."""
        if not self.moved_at:
            raise CommandError(f"{self.default}: {NOTHING}")
        return max(self.moved_at, key=lambda place: (self.moved_at[place], place.key))

    def stable_key(self, given: str) -> S3Reference:
        """The stable key of that name, as a person gives it. Raises CommandError where it holds nothing."""
        place = S3Reference(self.default.bucket, given)
        if place in self.moved_at:
            return place
        keys = sorted(known.key for known in self.moved_at)
        raise CommandError(
            f"MODEL {given}: there is no such file, and no model is published under that key"
            f"{did_you_mean(given, keys)}; make models lists them",
            exit_status=2,
        )

    def version(self, given: str) -> tuple[str, S3Reference]:
        """The one version whose name begins as given: its SHA-256, and where it lies. Raises CommandError."""
        digest = the_one(checked(given), self.versions)
        return digest, self.versions[digest]


def _folder(version: S3Reference) -> str:
    return "".join(version.key.rpartition("/")[:2])


def _versions_of(stable: S3Reference) -> str:
    """The folder of its versions."""
    return _folder(version_of(stable, ""))
