"""This run's dataset beside the one that the current model was trained on, and whether it may differ so much."""

from shared.drift import Dataset, drift, kinds_of
from shared.event_fields import Json
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, RunFiles, write_document
from summarize.judging.current_model import FoundModel

_MOST_IN_CAUSE = 3
_NAME = 60  # characters of a column's name, which may have a thousand


def drift_since(current: FoundModel, manifest: Json, summary: Json) -> Json | None:
    """The comparison (`lineage.drift` of an artifact); None where nothing was published when the run began.

    `against` is the SHA-256 of the current model's artifact; null, and `why_not` the reason, where its dataset cannot
    be compared with.
    """
    if current.sha256 is None:
        return None
    artifact = current.artifact
    if artifact is None:
        return {"against": None, "why_not": current.why_not}
    if current.is_of_run(summary["run_id"]):
        return {"against": None, "why_not": "the current model is this run's own"}
    if "profiles" not in artifact:
        version = artifact["schema_version"]
        why_not = f"the current model's artifact is of schema_version {version}, which has no profiles of its columns"
        return {"against": None, "why_not": why_not}
    now = Dataset(
        kinds_of(manifest["columns"]),
        manifest["report"]["classes"],
        summary["profiles"],
        summary["split"]["time_order"],
    )
    try:
        before = Dataset.of_artifact(artifact)
        return {"against": current.sha256, "why_not": None, **drift(before, now)}
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        # Whoever may write the bucket may have put another document under the stable key.
        return {
            "against": None,
            "why_not": "the current model's artifact says nothing of its dataset that can be read",
        }


def in_brief(found: Json | None, files: RunFiles, storage: ObjectStore) -> Json | None:
    """What the step's output says of the comparison, which lies in a file of the run: `document` leads to it.

    moved: how many columns, the classes counting as one, moved more than chance makes of unchanged data; largest: the
    one that moved most, null where none did.
    """
    if found is None or found["against"] is None:
        return found
    document = {"drift_version": VERSIONS["drift"], "run_id": files.run_id, "drift": found}
    largest = next(iter(found["moved"]), None)
    return {
        "against": found["against"],
        "why_not": None,
        "compared": found["compared"],
        "moved": len(found["moved"]),
        "largest": largest and largest | {"name": _cut(largest["name"])},
        "document": write_document(storage, files.drift(found["against"]), document).to_event(),
    }


def missed(max_drift: float | None, found: Json | None) -> list[str]:
    """What is wrong with a run whose request asks for max_drift: columns, or the classes, that moved further.

    A column counts where its index is more than chance makes of unchanged data, too.
    """
    if max_drift is None or found is None or found["against"] is None:
        return []
    moved = [entry for entry in found["moved"] if entry["psi"] > max_drift]
    if not moved:
        return []
    listed = ", ".join(
        f"{_what(entry['name'])} {entry['psi']:.3f} (chance {entry['chance']:.3f})"
        for entry in moved[:_MOST_IN_CAUSE]
    )
    more = f" and {len(moved) - _MOST_IN_CAUSE} more" if len(moved) > _MOST_IN_CAUSE else ""
    return [
        f"the population stability index since the current model's dataset is: {listed}{more}; max_drift allows "
        f"{max_drift:g}"
    ]


def _what(name: str | None) -> str:
    return "of the classes" if name is None else f"of column {_cut(name)!r}"


def _cut(name: str | None) -> str | None:
    return name if name is None or len(name) <= _NAME else f"{name[: _NAME - 3]}..."
