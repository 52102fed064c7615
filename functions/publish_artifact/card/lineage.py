"""The part of a model card about where the model comes from: what identifies it, and the request."""

from publish_artifact.artifact_types import Dataset
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import escape, section, side_by_side, table


def _identity(dataset: Dataset) -> dict[str, str]:
    if objects := dataset.get("objects"):
        return {
            "data, objects": f"{objects:,d}",
            "data, SHA-256 of the list of objects and their versions": dataset["etag"],
        }
    return {
        "data, S3 version id": dataset["version_id"] or "the bucket keeps none",
        "data, ETag": dataset["etag"],
    }


def lineage(subject: Subject) -> str:
    """Digests and identities, beside the request with its defaults filled in."""
    lineage, dataset = subject.artifact["lineage"], subject.artifact["dataset"]
    facts = {
        "artifact, SHA-256": subject.sha256,
        "published": lineage["created_at"],
        "run": lineage["run_id"],
        "execution": lineage["execution_arn"] or "none: the step was invoked directly",
        "code, SHA-256": lineage["code_version"],
        "data": f"s3://{dataset['bucket']}/{dataset['key']}",
        **_identity(dataset),
        "data, size": f"{dataset['bytes']:,d} bytes",
    }
    asked = {name: value for name, value in subject.artifact["request"].items() if value is not None}
    return section(
        "Where it comes from",
        side_by_side(
            table(
                "Lineage",
                ["what", "value"],
                ([name, f"<code>{escape(value)}</code>"] for name, value in facts.items()),
                2,
            ),
            table(
                "The request, defaults filled in",
                ["field", "value"],
                ([escape(name), f"<code>{escape(value)}</code>"] for name, value in asked.items()),
                2,
            ),
        ),
    )
