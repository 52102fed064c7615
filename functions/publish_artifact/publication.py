"""Step 3 as a whole: the artifact as an immutable version first, then under its stable key, then its card.

The artifact of a run is kept beside the run's other files, so that a repeat of the same work publishes the same
bytes: the same version, with the lineage of its first publication.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from publish_artifact.artifact import SCHEMA_VERSION, artifact_document
from publish_artifact.card.page import CONTENT_TYPE as CARD_TYPE
from publish_artifact.card.page import model_card
from publish_artifact.places import card_of, version_of
from publish_artifact.stable_key import move_stable_key
from shared import telemetry
from shared.canonical_json import canonical_json
from shared.contracts import PublishedArtifact, TrainingSummary
from shared.errors import ArtifactConflictError, DatasetChangedError, ModelRejectedError
from shared.event_fields import FileReference, Json, S3Reference
from shared.object_store import ObjectStore
from shared.run_files import RunFiles, read_document
from shared.schema_check import artifact_schema, first_problem
from shared.source import check_still_newest, source_from

_TASK = "PublishArtifact"
_JSON = "application/json"
_CARD_ATTEMPTS = 2


def publish(summary: TrainingSummary, storage: ObjectStore) -> PublishedArtifact:
    """Publishes the artifact of a summarized run.

    Raises InvalidRequestError when the run's files do not belong together or the artifact's address
    cannot be written, ModelRejectedError when the gate has rejected the model, DatasetChangedError when the CSV
    was replaced meanwhile or the run's files make no sound artifact, and ArtifactConflictError when the version's key
    holds something else or another run has moved the stable key since this one began, other than to a model of an
    older version of the same CSV.
    """
    if not summary.gate.passed:
        raise ModelRejectedError(summary.gate.cause)
    run = summary.dataset.run
    document = read_document(storage, summary.summary, "summary", run.run_id)
    manifest = read_document(storage, summary.dataset.manifest, "manifest", run.run_id)
    if run.conditions.newest:
        check_still_newest(storage, source_from(manifest["source"]))
    created_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = _first_published(
        storage,
        RunFiles(summary.dataset.manifest.bucket, run.run_id).artifact,
        artifact_document(
            manifest, document, run.execution_arn, created_at, _drift(summary, storage), summary.regression
        ),
    )
    digest = hashlib.sha256(content).hexdigest()
    stable = S3Reference(manifest["request"]["artifact_bucket"], manifest["request"]["artifact_key"])
    version = version_of(stable, digest)
    storage.write_once(version, content, _JSON)
    current = run.conditions.current_model
    if current and current.sha256 == digest:
        version_id = current.version_id
        summary = replace(summary, dataset=replace(summary.dataset, run=run.found_done(_TASK)))
    else:
        source = source_from(manifest["source"])
        etag = current.etag if current else None
        version_id = move_stable_key(storage, stable, content, etag, source, version)
    return PublishedArtifact(
        summary,
        {
            **stable.to_event(),
            "version_id": version_id,
            "version_key": version.key,
            "sha256": digest,
            "bytes": len(content),
        },
        _write_card(storage, version, content),
    )


def _drift(summary: TrainingSummary, storage: ObjectStore) -> Json | None:
    """The comparison with the current model's dataset, whole."""
    found = summary.drift
    if found is None or found.get("document") is None:
        return found
    reference = FileReference.from_event(found["document"], "drift.document")
    return read_document(storage, reference, "drift", summary.dataset.run.run_id)["drift"]


def _write_card(storage: ObjectStore, version: S3Reference, content: bytes) -> S3Reference | None:
    """Where the version's card lies now; None where it could not be made, which the log explains.

    The model is published by then, so nothing about the card may fail the step.
    """
    place = card_of(version)
    for attempt in range(1, _CARD_ATTEMPTS + 1):
        try:
            storage.write_once(place, model_card(content), CARD_TYPE)
        except Exception:  # noqa: BLE001 - whatever it is, a page for people keeps no model from being published
            telemetry.log_fault("no card", attempt=attempt, card=str(place))
        else:
            return place
    return None


def _first_published(storage: ObjectStore, record: S3Reference, artifact: Json) -> bytes:
    """The bytes that an earlier run of the same work has published, else this artifact's, now on record.

    Raises DatasetChangedError where it is not as the published schema says: then the run's files are not either.
    """
    content = canonical_json(artifact)
    if problem := first_problem(json.loads(content), artifact_schema(SCHEMA_VERSION)):
        raise DatasetChangedError(
            f"the run's files make no artifact that its schema allows ({problem}): start again with force"
        )
    try:
        storage.write_once(record, content, _JSON)
    except ArtifactConflictError:
        found = storage.find(record)
        if found and _is_same_work(found.content, content):
            return found.content
        storage.replace(record, content, _JSON, found.etag if found else None)  # damaged
    return content


def _is_same_work(found: bytes, content: bytes) -> bool:
    """Whether what was found is a sound artifact, and differs in nothing but its lineage."""
    try:
        document = json.loads(found)
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        return False
    if not isinstance(document, dict) or first_problem(document, artifact_schema(SCHEMA_VERSION)):
        return False
    return document == json.loads(content) | {"lineage": document["lineage"]}
