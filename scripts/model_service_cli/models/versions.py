"""The published models, read: what each says of itself, and the stable key that it was published for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.door import CommandError
from model_service_cli.models.artifact_reader import content_of, parse
from model_service_cli.models.catalogue import Catalogue
from model_service_cli.models.names import family_in_words, model_name
from publish_artifact.places import version_of
from shared.event_fields import Json, S3Reference

_READERS = 8


@dataclass(frozen=True)
class PublishedModel:
    """A published version. published_at: as the artifact says, else when S3 got the object; artifact, stable: None
    where the content is not the one published, or none that can be read, and then `problem` says why."""

    sha256: str
    version: S3Reference
    published_at: datetime
    artifact: Json | None
    stable: S3Reference | None
    problem: str = ""

    @property
    def name(self) -> str:
        return model_name(self.sha256)

    @property
    def family(self) -> str:
        """What it is made of, in words."""
        choice = self.section("choice")
        return family_in_words(choice.get("leaderboard") or [], self.section("request"))

    def section(self, name: str) -> Json:
        """One of the artifact's objects, such as its metrics; empty where it has none, or cannot be read."""
        return (self.artifact or {}).get(name) or {}


def published_models(s3: Any, catalogue: Catalogue, most: int | None = None) -> list[PublishedModel]:
    """The published models of all stable keys, newest first; of many the `most` that were stored last."""
    wanted = sorted(catalogue.versions, key=catalogue.stored_at.__getitem__, reverse=True)[:most]

    def read(digest: str, version: S3Reference) -> PublishedModel:
        stored_at = catalogue.stored_at[digest]
        try:
            artifact = parse(content_of(s3, version, digest), model_name(digest))
            stable = stable_of(artifact, version, digest)
        except CommandError as error:
            return PublishedModel(digest, version, stored_at, None, None, str(error))
        published_at = datetime.fromisoformat(artifact["lineage"]["created_at"])
        return PublishedModel(digest, version, published_at, artifact, stable)

    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(lambda digest: read(digest, catalogue.versions[digest]), wanted))
    return sorted(found, key=lambda each: (each.published_at, each.sha256), reverse=True)


def stable_of(artifact: Json, version: S3Reference, digest: str) -> S3Reference:
    """The stable key that a version was published for. Raises CommandError where it lies elsewhere."""
    stable = S3Reference(version.bucket, artifact["request"]["artifact_key"])
    if version_of(stable, digest) != version:
        raise CommandError(f"{version} does not lie where it was published, beside {stable}")
    return stable
