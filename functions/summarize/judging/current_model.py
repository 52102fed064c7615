"""The model that the stable key held when the run began, whole: what this run's model is compared with.

What follows from it depends on when the run began, and the summary of the same work does not: it belongs in the
step's output and in the artifact's lineage, never among what a repeat of the work finds and takes over.
"""

import hashlib
import json
from dataclasses import dataclass

from shared.errors import DatasetChangedError, DatasetNotFoundError
from shared.event_fields import Json
from shared.model.predictor import check_version
from shared.object_store import ObjectStore
from shared.run import Run
from shared.schema_check import artifact_schema, first_problem

MOST_BYTES = (
    64 << 20
)  # more than any artifact of this pipeline has; a foreign object must not fill the memory


@dataclass(frozen=True)
class FoundModel:
    """artifact: the parsed document, None where there is none to compare with; why_not: the reason then, else None.

    sha256: of the content that was pinned, None where nothing was published when the run began.
    """

    artifact: Json | None
    why_not: str | None
    sha256: str | None = None

    def is_of_run(self, run_id: str) -> bool:
        """Whether it was made by the run itself, which is then repeated."""
        lineage = (self.artifact or {}).get("lineage")
        return isinstance(lineage, dict) and lineage.get("run_id") == run_id


def current_artifact(run: Run, request: Json, storage: ObjectStore) -> FoundModel:
    """The artifact under the request's stable key as it was when the run began, and no later one.

    request: with its defaults filled in, as the manifest has it. It is read by its version where the bucket keeps
    versions, and taken only with the digest that the run pinned. That it is as the schema of its version says is all
    that is promised of it: it may be of other data, and anybody's who may write there. Raises TransientStorageError
    alone.
    """
    pinned = run.conditions.current_model
    if pinned is None:
        return FoundModel(None, "no model was published before")
    where = request["artifact_bucket"], request["artifact_key"]
    try:
        found = storage.pin(*where, pinned.version_id)
        if found.bytes > MOST_BYTES:
            return FoundModel(None, "what was published before is too large to be a model", pinned.sha256)
        content = b"".join(storage.stream(found))
    except (DatasetNotFoundError, DatasetChangedError) as error:
        return FoundModel(None, f"the model published before cannot be read: {error}", pinned.sha256)
    if hashlib.sha256(content).hexdigest() != pinned.sha256:
        return FoundModel(None, "the model published before was replaced since the run began", pinned.sha256)
    try:
        artifact = json.loads(content)
        check_version(artifact)
        sound = first_problem(artifact, artifact_schema(artifact["schema_version"])) is None
    except (ValueError, RecursionError):  # no JSON, or no UTF-8; InvalidArtifactError is a ValueError
        sound = False
    if not sound:
        return FoundModel(None, "what was published before is no artifact that can be read", pinned.sha256)
    return FoundModel(artifact, None, pinned.sha256)
