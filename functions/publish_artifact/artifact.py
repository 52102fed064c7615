"""The artifact: one compact JSON document with the model and all that is needed to trust it."""

from shared.contracts import Json

SCHEMA_VERSION = 1


def artifact_document(manifest: Json, summary: Json, execution_arn: str | None, created_at: str) -> Json:
    """The artifact of a run, from its manifest and summary.

    created_at: UTC, ISO 8601. The document holds everything to predict from: signature and model.
    """
    model = summary["model"]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "gaussian_discriminant",
        "signature": {
            "inputs": [{"name": name, "type": "float64"} for name in model["features"]],
            "outputs": [
                {"name": "label", "type": "string"},
                *({"name": f"probability_{name}", "type": "float64"} for name in model["classes"]),
            ],
        },
        "model": model,
        "metrics": summary["metrics"],
        "evaluation": summary["evaluation"],
        "split": summary["split"],
        "train_rows_per_class": summary["train_rows_per_class"],
        "dataset": manifest["source"]
        | {"label_column": manifest["request"]["label_column"]}
        | manifest["report"],
        "request": manifest["request"],
        "lineage": {
            "run_id": summary["run_id"],
            "execution_arn": execution_arn,
            "code_version": manifest["code_version"],
            "created_at": created_at,
        },
    }
