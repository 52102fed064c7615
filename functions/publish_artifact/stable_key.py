"""Moving the stable key to a model: from what it held when the run began, or from a model of older data."""

import json

from shared.errors import ArtifactConflictError, DatasetChangedError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore, StoredObject
from shared.source import Source, check_still_newest

_JSON = "application/json"
_ATTEMPTS = 5  # each of them lost to another run of older data


def move_stable_key(
    storage: ObjectStore,
    stable: S3Reference,
    content: bytes,
    etag: str | None,
    source: Source,
    version: S3Reference,
) -> str | None:
    """Moves the stable key from `etag`, which it held when the run began, to this artifact; its new version id.

    source: the CSV that it was trained on. A retry, or the same work at the same time, may have moved the key to
    this very content: that is success. Where another run has moved it to a model of an older version of the same
    CSV, and this one's is still the newest, the key moves on. Raises ArtifactConflictError for any other move, one
    by hand among them; the model is published as `version` all the same.
    """
    for _ in range(_ATTEMPTS):
        try:
            return storage.replace(stable, content, _JSON, etag)
        except ArtifactConflictError as error:
            found = storage.find(stable)
            if found and found.content == content:
                return found.version_id
            if found is None or not _holds_older_data(storage, found, source):
                raise _moved(stable, version) from error
            etag = found.etag
    raise _moved(stable, version)


def _moved(stable: S3Reference, version: S3Reference) -> ArtifactConflictError:
    return ArtifactConflictError(
        f"{stable} was moved by another run since this one began, and stays; this model is published as "
        f"{version}: promote it where it shall be the current one"
    )


def _holds_older_data(storage: ObjectStore, found: StoredObject, source: Source) -> bool:
    """Whether a run put there what it trained on another version of this CSV, whose newest version is `source`."""
    if found.moved_by_hand:
        return False
    dataset = _dataset_of(found.content)
    ours = source.identity()
    if any(dataset.get(name) != ours[name] for name in ("bucket", "key")):
        return False
    if all(dataset.get(name) == ours[name] for name in ("version_id", "etag")):
        return False  # the same data by another request: the first of the two stays
    try:
        check_still_newest(storage, source)
    except DatasetChangedError:
        return False
    return True


def _dataset_of(content: bytes) -> Json:
    """What an artifact says of its CSV; {} for what is no artifact."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    dataset = document.get("dataset") if isinstance(document, dict) else None
    return dataset if isinstance(dataset, dict) else {}
