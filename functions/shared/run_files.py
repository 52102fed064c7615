"""A run's files: where they lie, which nobody else spells, and how they are written, read and found again.

Each role writes under a prefix of its own: fetch-and-validate `dataset/`, summarize `model/`, publish-artifact
`publication/`. What one step leaves for another travels as a reference with its SHA-256.
"""

import hashlib
import json
from dataclasses import dataclass

from shared.canonical_json import canonical_json
from shared.errors import DatasetChangedError, InvalidRequestError, PermanentError
from shared.event_fields import FileReference, Json, S3Reference
from shared.object_store import ObjectStore

RUNS = "runs/"
# The versions of the documents; a document of another version is as good as none.
VERSIONS = {
    **{"manifest": 3, "plan": 5, "shard": 2},
    **{"range_plan": 1, "range_summary": 1, "columns": 1, "range_moments": 1},
    **{"fold": 1, "choice": 1, "range_evaluation": 1, "range_current": 1, "summary": 2, "drift": 1},
}
_JSON = "application/json"


@dataclass(frozen=True)
class RunFiles:
    """The places of one run's files."""

    bucket: str
    run_id: str

    @property
    def folder(self) -> S3Reference:
        """All of them."""
        return self._at("")

    @property
    def dataset(self) -> S3Reference:
        """The folder of fetch-and-validate."""
        return self._at("dataset/")

    @property
    def manifest(self) -> S3Reference:
        return self._at("dataset/manifest.json")

    @property
    def plan(self) -> S3Reference:
        return self._at("dataset/plan.json")

    @property
    def objects(self) -> S3Reference:
        """The list of a folder's objects, as they were pinned."""
        return self._at("dataset/objects.json")

    @property
    def shards(self) -> S3Reference:
        return self._at("dataset/shards.json")

    def shard(self, index: int) -> S3Reference:
        """The folder of a shard's parts."""
        return self._at(f"dataset/shard-{index:05d}/")

    def part(self, shard: int, index: int) -> S3Reference:
        return self._at(f"dataset/shard-{shard:05d}/part-{index:05d}.npz")

    def shard_result(self, index: int) -> S3Reference:
        return self._at(f"dataset/shard-{index:05d}/result.json")

    @property
    def summary(self) -> S3Reference:
        return self._at("model/summary.json")

    @property
    def test_rows(self) -> S3Reference:
        """What the model said of each test row (shared.test_rows)."""
        return self._at("model/test-rows.npz")

    def drift(self, against: str) -> S3Reference:
        """The dataset beside that of the model with this SHA-256."""
        return self._at(f"model/drift-{against}.json")

    def fold(self, index: int) -> S3Reference:
        """What was fitted for a fold."""
        return self._at(f"model/fold-{index}.json")

    @property
    def range_plan(self) -> S3Reference:
        """How the rows are split and cut into ranges."""
        return self._at("model/plan.json")

    @property
    def ranges(self) -> S3Reference:
        """The list of the ranges, as a Map reads it."""
        return self._at("model/ranges.json")

    def range_summary(self, index: int) -> S3Reference:
        return self._at(f"model/range-{index:05d}/summary.json")

    def range_sample(self, index: int) -> S3Reference:
        """The rows of a range that models are fitted on, and others that are drawn."""
        return self._at(f"model/range-{index:05d}/sample.npz")

    def range_moments(self, index: int) -> S3Reference:
        return self._at(f"model/range-{index:05d}/moments.json")

    def range_evaluation(self, index: int) -> S3Reference:
        return self._at(f"model/range-{index:05d}/evaluation.json")

    def range_test_rows(self, index: int) -> S3Reference:
        """What the model said of a range's test rows (shared.test_rows)."""
        return self._at(f"model/range-{index:05d}/test-rows.npz")

    def range_current(self, index: int, sha256: str) -> S3Reference:
        """What was counted of a range's test rows for the current model with this digest."""
        return self._at(f"model/range-{index:05d}/current-{sha256}.json")

    @property
    def columns(self) -> S3Reference:
        """What was learned of the columns from all ranges' train rows."""
        return self._at("model/columns.json")

    @property
    def choice(self) -> S3Reference:
        """The model that is evaluated, and how it was chosen."""
        return self._at("model/choice.json")

    @property
    def artifact(self) -> S3Reference:
        """The artifact as this run first published it."""
        return self._at("publication/artifact.json")

    def _at(self, name: str) -> S3Reference:
        return S3Reference(self.bucket, f"{RUNS}{self.run_id}/{name}")


def write_json(store: ObjectStore, place: S3Reference, value: object) -> FileReference:
    """Writes a JSON document; what leads to it, with its digest."""
    return write_file(store, place, canonical_json(value), _JSON)


def write_file(store: ObjectStore, place: S3Reference, content: bytes, content_type: str) -> FileReference:
    """Writes a file; what leads to it, with its digest."""
    store.write(place, content, content_type)
    return sealed(place, content)


def write_document(store: ObjectStore, place: S3Reference, document: Json) -> FileReference:
    """Writes a document that `find_document` may find again: with the digest of all its members in `seal`."""
    return write_json(store, place, document | {"seal": _seal(document)})


def sealed(place: S3Reference, content: bytes) -> FileReference:
    return FileReference(place.bucket, place.key, hashlib.sha256(content).hexdigest())


def read_file(
    store: ObjectStore, reference: FileReference, missing: type[PermanentError] = InvalidRequestError
) -> bytes:
    """What the reference leads to; raises DatasetChangedError where it is not what was written."""
    content = store.read(reference, missing=missing)
    if hashlib.sha256(content).hexdigest() != reference.sha256:
        raise DatasetChangedError(
            f"{reference} has other content than the run wrote there: start again with force"
        )
    return content


def read_document(
    store: ObjectStore,
    reference: FileReference,
    kind: str,
    run_id: str,
    missing: type[PermanentError] = InvalidRequestError,
) -> Json:
    """One of the run's documents, of a kind in VERSIONS.

    Raises InvalidRequestError when the reference leads elsewhere, `missing` where nothing is there, DatasetChangedError
    for what nobody's step wrote.
    """
    document = _document(read_file(store, reference, missing), reference, kind, run_id)
    if document.pop("seal", None) != _seal(document):
        raise DatasetChangedError(f"{reference} is not as the run wrote it: start again with force")
    return document


def find_document(
    store: ObjectStore, place: S3Reference, kind: str, run_id: str
) -> tuple[FileReference, Json] | None:
    """What an earlier run of the same work has left; None where there is nothing, or something else or damaged."""
    found = store.find(place)
    if found is None:
        return None
    try:
        document = _document(found.content, place, kind, run_id)
    except InvalidRequestError:
        return None
    if document.pop("seal", None) != _seal(document):
        return None
    return sealed(place, found.content), document


def _seal(document: Json) -> str:
    return hashlib.sha256(canonical_json(document)).hexdigest()


def _document(content: bytes, place: S3Reference, kind: str, run_id: str) -> Json:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        document = None
    if not isinstance(document, dict) or document.get(f"{kind}_version") != VERSIONS[kind]:
        raise InvalidRequestError(f"{place} is no {kind} of version {VERSIONS[kind]}")
    if document.get("run_id") != run_id:
        raise InvalidRequestError(f"{place} is not of run {run_id!r}")
    return document
