"""The artifact: one compact JSON document with the model and all that is needed to trust it.

schemas/artifact.schema.json is its published description. What differs between two runs of the same work
stands in `lineage` and nowhere else, so that contents can be compared without it.
"""

from shared.event_fields import Json

SCHEMA_VERSION = 2


def artifact_document(manifest: Json, summary: Json, execution_arn: str | None, created_at: str) -> Json:
    """The artifact of a run, from its manifest and summary.

    created_at: UTC, ISO 8601. The document holds everything to predict from: signature and model.
    """
    model = summary["model"]
    report = manifest["report"]
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": {
            "inputs": [
                {"name": feature["name"], "type": "float64"}
                for feature in model["features"]
                if feature["name"] not in model["left_out"]
            ],
            "outputs": [
                {"name": "label", "type": "string"},
                *({"name": f"probability_{name}", "type": "float64"} for name in model["classes"]),
            ],
        },
        "model": model,
        "metrics": summary["metrics"],
        "evaluation": summary["evaluation"],
        "split": summary["split"],
        "columns": [_column(column, model, report) for column in manifest["columns"]],
        "classes": [_class(name, summary, report) for name in sorted(report["classes"])],
        "dataset": manifest["source"] | {name: report[name] for name in ("rows", "invalid_rows", "problems")},
        "request": manifest["request"],
        "lineage": {
            "run_id": summary["run_id"],
            "execution_arn": execution_arn,
            "code_version": manifest["code_version"],
            "created_at": created_at,
        },
    }


def _column(column: Json, model: Json, report: Json) -> Json:
    """A column of the CSV with its part in the model; a feature that the fit left out has statistics too."""
    if column["role"] != "feature":
        return column
    name = column["name"]
    reason = model["left_out"].get(name)
    role = {"role": "feature"} if reason is None else {"role": "left_out", "reason": reason}
    return {"name": name, **role, "statistics": report["columns"][name]}


def _class(name: str, summary: Json, report: Json) -> Json:
    """A class of the dataset: its rows, and how many of them are train rows."""
    return {
        "name": name,
        "rows": report["classes"][name],
        "train_rows": summary["train_rows_per_class"].get(name, 0),
    }
