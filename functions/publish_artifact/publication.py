"""Step 3 as a whole: the artifact as an immutable version first, then under its stable key."""

import hashlib
from datetime import UTC, datetime

from publish_artifact.artifact import artifact_document
from shared.contracts import (
    PublishedArtifact,
    S3Reference,
    TrainingSummary,
    canonical_json,
)
from shared.documents import read_manifest, read_summary
from shared.object_store import ObjectStore

_JSON = "application/json"


def publish(summary: TrainingSummary, storage: ObjectStore) -> PublishedArtifact:
    """Publishes the artifact of a summarized run.

    Raises InvalidRequestError when the run's files do not belong together or the artifact's address
    cannot be written, ArtifactConflictError when the version's key holds something else.
    """
    run = summary.dataset
    document = read_summary(storage, summary.summary, run.run_id)
    manifest = read_manifest(storage, run.manifest, run.run_id)
    created_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = canonical_json(artifact_document(manifest, document, run.execution_arn, created_at))
    digest = hashlib.sha256(content).hexdigest()
    stable = S3Reference(manifest["request"]["artifact_bucket"], manifest["request"]["artifact_key"])
    version = version_of(stable, digest)
    storage.write_once(version, content, _JSON)
    version_id = storage.write(stable, content, _JSON)
    return PublishedArtifact(
        summary,
        {
            **stable.to_event(),
            "version_id": version_id,
            "version_key": version.key,
            "sha256": digest,
            "bytes": len(content),
        },
    )


def version_of(stable: S3Reference, digest: str) -> S3Reference:
    """Where the version with this content digest lies: beside the stable key, in a folder of its name."""
    folder, slash, name = stable.key.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return S3Reference(stable.bucket, f"{folder}{slash}{stem}/versions/{digest}.json")
