"""The artifact: one compact JSON document with the model and all that is needed to trust it.

schemas/artifact.schema.json is its published description. What differs between two runs of the same work
stands in `lineage` and nowhere else, so that contents can be compared without it.
"""

from shared.csv_file.cells import MissingTokens
from shared.event_fields import Json
from shared.model.encoding import MIN_ROWS, Encoding, Input

SCHEMA_VERSION = 3
_VALUES = 20  # of a category, in its statistics


def artifact_document(
    manifest: Json,
    summary: Json,
    execution_arn: str | None,
    created_at: str,
    drift: Json | None = None,
    regression: Json | None = None,
) -> Json:
    """The artifact of a run, from its manifest and summary.

    created_at: UTC, ISO 8601. drift: the dataset beside that of the model that was current when the run began;
    regression: that model itself. The document holds everything to predict from: signature and model.
    """
    model = summary["model"]
    report = manifest["report"]
    encoding = Encoding.from_json(summary["encoding"])
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": {
            "inputs": encoding.reading(model["left_out"]).to_json(),
            "missing_cells": sorted(MissingTokens(manifest["request"]["missing_values"] or ()).tokens),
            "outputs": [
                {"name": "label", "type": "string"},
                *({"name": f"probability_{name}", "type": "float64"} for name in model["classes"]),
            ],
        },
        "model": model,
        "decision": summary["decision"],
        "choice": summary["choice"],
        "metrics": summary["metrics"],
        "evaluation": summary["evaluation"],
        "explanation": summary["explanation"],
        "split": summary["split"],
        "warnings": summary["warnings"],
        "verdict": summary["verdict"],
        "groups": summary["groups"],
        "profiles": summary["profiles"],
        "columns": [_column(column, encoding, model, report) for column in manifest["columns"]],
        "classes": [_class(name, summary, report) for name in sorted(report["classes"])],
        "dataset": manifest["source"] | {name: report[name] for name in ("rows", "invalid_rows", "problems")},
        "request": manifest["request"],
        "lineage": {
            "run_id": summary["run_id"],
            "execution_arn": execution_arn,
            "code_version": manifest["code_version"],
            "created_at": created_at,
            "test_rows": summary["test_rows"],
            "drift": drift,
            "regression": regression,
        },
    }


def _column(column: Json, encoding: Encoding, model: Json, report: Json) -> Json:
    """A column of the CSV with its part in the model; a feature that the fit left out has statistics too."""
    if column["role"] != "feature":
        return {name: column[name] for name in ("name", "role", "reason") if name in column}
    name, kind = column["name"], column.get("kind", "number")
    reason = _left_out_reason(
        next(given for given in encoding.inputs if given.name == name), model["left_out"]
    )
    role = {"role": "feature"} if reason is None else {"role": "left_out", "reason": reason}
    return {"name": name, **role, "kind": kind, "statistics": _statistics(report["columns"][name])}


def _left_out_reason(given: Input, left_out: Json) -> str | None:
    """Why the model reads nothing of an input; None where it reads some of it."""
    if not given.feature_names:
        return "nothing in it varies often enough to be more than a trend"
    reasons = [left_out.get(name) for name in given.feature_names]
    return None if None in reasons else reasons[0]


def _statistics(statistics: Json) -> Json:
    """As in the report; of a category's values only some that several rows have, and nobody's single entry."""
    if "counts" not in statistics:
        return statistics
    frequent = [pair for pair in (statistics["counts"] or {}).items() if pair[0] and pair[1] >= MIN_ROWS]
    frequent.sort(key=lambda pair: (-pair[1], pair[0]))
    return {name: statistics[name] for name in ("distinct", "missing")} | {
        "frequent": dict(frequent[:_VALUES])
    }


def _class(name: str, summary: Json, report: Json) -> Json:
    """A class of the dataset: its rows, and how many of them are train rows."""
    return {
        "name": name,
        "rows": report["classes"][name],
        "train_rows": summary["train_rows_per_class"].get(name, 0),
    }
