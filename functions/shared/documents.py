"""The JSON documents that a run leaves for its next step: the plan, the manifest and the summary."""

import json

from shared.errors import InvalidRequestError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore

MANIFEST_VERSION = 1  # of runs/<run_id>/dataset/manifest.json
PLAN_VERSION = 2  # of runs/<run_id>/dataset/plan.json
SUMMARY_VERSION = 1  # of runs/<run_id>/summary.json


def read_plan(storage: ObjectStore, reference: S3Reference, run_id: str) -> Json:
    """The run's plan; raises InvalidRequestError when the reference leads elsewhere."""
    return _read(storage, reference, "plan", PLAN_VERSION, run_id)


def read_manifest(storage: ObjectStore, reference: S3Reference, run_id: str) -> Json:
    """The run's manifest; raises InvalidRequestError when the reference leads elsewhere."""
    return _read(storage, reference, "manifest", MANIFEST_VERSION, run_id)


def read_summary(storage: ObjectStore, reference: S3Reference, run_id: str) -> Json:
    """The run's summary; raises InvalidRequestError when the reference leads elsewhere."""
    return _read(storage, reference, "summary", SUMMARY_VERSION, run_id)


def find_manifest(storage: ObjectStore, reference: S3Reference, run_id: str) -> Json | None:
    """The run's manifest, None where there is none, or something else in its place."""
    return _found(storage, reference, "manifest", MANIFEST_VERSION, run_id)


def find_summary(storage: ObjectStore, reference: S3Reference, run_id: str) -> Json | None:
    """The run's summary, None where there is none, or something else in its place."""
    return _found(storage, reference, "summary", SUMMARY_VERSION, run_id)


def _found(storage: ObjectStore, reference: S3Reference, kind: str, version: int, run_id: str) -> Json | None:
    found = storage.find(reference)
    try:
        return found and _parsed(found.content, reference, kind, version, run_id)
    except InvalidRequestError:
        return None


def _read(storage: ObjectStore, reference: S3Reference, kind: str, version: int, run_id: str) -> Json:
    return _parsed(storage.read(reference), reference, kind, version, run_id)


def _parsed(content: bytes, reference: S3Reference, kind: str, version: int, run_id: str) -> Json:
    try:
        document = json.loads(content)
    except ValueError:  # no JSON, or no UTF-8
        document = None
    if not isinstance(document, dict) or document.get(f"{kind}_version") != version:
        raise InvalidRequestError(f"{reference} is no {kind} of version {version}")
    if document.get("run_id") != run_id:
        raise InvalidRequestError(f"{reference} is not of run {run_id!r}")
    return document
