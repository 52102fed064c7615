"""The artifact document: everything to predict from, and everything to trust it."""

import copy
import json

import pytest

from publish_artifact.artifact import artifact_document
from shared.canonical_json import canonical_json
from shared.folder import PinnedFolder
from shared.object_store import PinnedObject
from shared.schema_check import artifact_schema, first_problem

MODEL = {
    "kind": "gaussian",
    "covariance": "diagonal",
    "features": [
        {"name": "open", "kind": "number"},
        {"name": "spread", "kind": "number"},
        {"name": "colour", "kind": "category"},
        {"name": "close", "kind": "number"},
    ],
    "left_out": {"spread": "constant in the training rows"},
    "classes": ["down", "up"],
    "priors": [0.5, 0.5],
    "means": [[1.0, 2.0], [3.0, 4.0]],
    "covariances": [[1.0, 1.0], [1.0, 1.0]],
}
SOURCE = {"bucket": "ml-data-demo", "key": "data/x.csv", "version_id": "v1", "etag": "e1", "bytes": 99}
STATISTICS = {"count": 10, "min": 1.0, "max": 4.0, "mean": 2.5, "deviation": 1.5, "missing": 1}
REPORT = {
    "rows": 10,
    "invalid_rows": 1,
    "problems": {"missing value": 1},
    "examples": [{"problem": "missing value", "line": 3, "column": "open", "cell": ""}],
    "columns": {
        "open": STATISTICS,
        "spread": STATISTICS,
        "colour": {
            "distinct": 3,
            "missing": 1,
            "counts": {"red": 6, "blue": 5, "": 7, "amber": 5, "Jane Doe, 5 Main St": 1},
        },
        "close": STATISTICS,
    },
    "classes": {"up": 5, "flat": 1, "down": 4},
}
MANIFEST = {
    "run_id": "run-1",
    "code_version": "code-1",
    "source": SOURCE,
    "request": {"label_column": "direction", "test_size": 0.2, "missing_values": ["-999"]},
    "columns": [
        {"name": "timestamp", "role": "left_out", "reason": "text, such as 'x'"},
        {"name": "open", "role": "feature"},
        {"name": "spread", "role": "feature", "kind": "number", "notation": None},
        {"name": "colour", "role": "feature", "kind": "category", "notation": None},
        {"name": "close", "role": "feature"},
        {"name": "direction", "role": "label"},
    ],
    "report": REPORT,
}


def number_named(name: str) -> dict:
    return {"name": name, "kind": "number", "notation": None}


PROFILES = {"rows": {"train": 8, "test": 2}, "classes": ["down", "up"], "columns": {}, "columns_left_out": 0}
SUMMARY = {
    "run_id": "run-1",
    "encoding": [
        number_named("open"),
        number_named("spread"),
        {"name": "colour", "kind": "category", "notation": None, "values": ["red", "blue"]},
        number_named("close"),
    ],
    "warnings": ["the split leaves a class out"],
    "verdict": {"outcome": "better"},
    "groups": [{"column": "colour", "groups": []}],
    "model": MODEL,
    "choice": None,
    "decision": {"positive_class": "up", "rule": "0.5", "threshold": 0.5},
    "explanation": {"description": "a model"},
    "metrics": {"accuracy": 0.75, "f1": 0.5},
    "evaluation": {"positive_class": "up"},
    "split": {"method": "chronological", "train_rows": 8, "test_rows": 2},
    "test_rows": {"bucket": "artifacts", "key": "k", "sha256": "s"},
    "train_rows_per_class": {"down": 4, "up": 4},
    "profiles": PROFILES,
}
CREATED_AT = "2026-01-31T12:00:00.000Z"


def test_the_whole_document():
    assert artifact_document(MANIFEST, SUMMARY, "arn:1", CREATED_AT) == {
        "schema_version": 3,
        "signature": {
            "inputs": [
                number_named("open"),
                {"name": "colour", "kind": "category", "notation": None, "values": ["red", "blue"]},
                number_named("close"),
            ],
            "missing_cells": [
                "",
                "#n/a",
                "-",
                "-999",
                "<na>",
                "?",
                "\\n",
                "n/a",
                "na",
                "nan",
                "none",
                "null",
            ],
            "outputs": [
                {"name": "label", "type": "string"},
                {"name": "probability_down", "type": "float64"},
                {"name": "probability_up", "type": "float64"},
            ],
        },
        "model": MODEL,
        "choice": None,
        "decision": {"positive_class": "up", "rule": "0.5", "threshold": 0.5},
        "profiles": PROFILES,
        "explanation": {"description": "a model"},
        "metrics": {"accuracy": 0.75, "f1": 0.5},
        "evaluation": {"positive_class": "up"},
        "split": {"method": "chronological", "train_rows": 8, "test_rows": 2},
        "warnings": ["the split leaves a class out"],
        "verdict": {"outcome": "better"},
        "groups": [{"column": "colour", "groups": []}],
        "columns": [
            {"name": "timestamp", "role": "left_out", "reason": "text, such as 'x'"},
            {"name": "open", "role": "feature", "kind": "number", "statistics": STATISTICS},
            {
                "name": "spread",
                "role": "left_out",
                "reason": "constant in the training rows",
                "kind": "number",
                "statistics": STATISTICS,
            },
            {
                "name": "colour",
                "role": "feature",
                "kind": "category",
                "statistics": {"distinct": 3, "missing": 1, "frequent": {"red": 6, "amber": 5, "blue": 5}},
            },
            {"name": "close", "role": "feature", "kind": "number", "statistics": STATISTICS},
            {"name": "direction", "role": "label"},
        ],
        "classes": [
            {"name": "down", "rows": 4, "train_rows": 4},
            {"name": "flat", "rows": 1, "train_rows": 0},
            {"name": "up", "rows": 5, "train_rows": 4},
        ],
        "dataset": SOURCE | {"rows": 10, "invalid_rows": 1, "problems": {"missing value": 1}},
        "request": {"label_column": "direction", "test_size": 0.2, "missing_values": ["-999"]},
        "lineage": {
            "run_id": "run-1",
            "execution_arn": "arn:1",
            "code_version": "code-1",
            "created_at": CREATED_AT,
            "test_rows": {"bucket": "artifacts", "key": "k", "sha256": "s"},
            "drift": None,
            "regression": None,
        },
    }


def test_a_folder_is_the_dataset_of_a_valid_artifact(publish_content, data_files, validator):
    """What the steps made of one object, with the identity of a folder."""
    document = json.loads(publish_content(data_files["iris"].read_bytes(), label_column="species"))
    objects = [PinnedObject("b", f"data/t/{i}.csv", f"v{i}", f"e{i}", 9) for i in range(3)]
    folder = PinnedFolder.of("b", "data/t/", objects).identity()
    document["dataset"] = document["dataset"] | folder
    assert document["dataset"]["objects"] == 3
    assert list(validator.iter_errors(document)) == []
    assert first_problem(document, artifact_schema(document["schema_version"])) is None


def test_the_document_is_json_without_an_execution_too():
    document = artifact_document(MANIFEST, SUMMARY, None, CREATED_AT)
    assert json.loads(canonical_json(document)) == document
    assert document["lineage"]["execution_arn"] is None


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_never_written(number):
    summary = copy.deepcopy(SUMMARY)
    summary["metrics"]["roc_auc"] = number
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(artifact_document(MANIFEST, summary, None, CREATED_AT))


def test_two_runs_of_the_same_work_differ_in_their_lineage_alone(publish_content, data_files):
    """Also of another deployment, whose code has another version, and with it the run another id."""
    rows = data_files["candles"].read_bytes()
    first = json.loads(publish_content(rows))
    again = json.loads(publish_content(rows, execution_arn=None, code_version="code-2"))
    for name in ("run_id", "execution_arn", "code_version"):
        assert first["lineage"][name] != again["lineage"][name]
    del first["lineage"], again["lineage"]
    assert canonical_json(first) == canonical_json(again)
