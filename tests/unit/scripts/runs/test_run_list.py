"""A run in a list: what it was given, what it got to, and how it ended."""

import json
from datetime import UTC, datetime

import pytest

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.run_list import COLUMNS, row, to_json
from model_service_cli.runs.steps import Failure, Step
from shared.config import Config

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
OUTPUT = {
    "run": {"run_id": "run-id-1", "cached": ["FetchAndValidate", "Summarize"]},
    "dataset": {"bucket": "ml-data-demo", "key": "data/eu/iris.csv", "version_id": "v1", "rows": 150},
    "leaderboard": [{"kind": "logistic", "options": {"strength": 3}, "weight": 1.0}],
    "metrics": {"accuracy": 0.9},
    "verdict": {"outcome": "not_shown", "sentence": "Too few rows.", "reasons": [], "comparisons": []},
    "artifact": {"bucket": "artifacts", "key": "models/eu/iris.pkl", "sha256": "3f9a" + "0" * 60},
}
REQUEST = {"key": "data/eu/iris.csv", "label_column": "species"}


def execution(
    status: str = "SUCCEEDED", request=REQUEST, output=None, failure=None, *steps: Step
) -> Execution:
    duration = None if status == "RUNNING" else 1500
    given = json.dumps(output) if output else None
    return Execution("arn:aws:x:run-1", status, json.dumps(request), given, failure, BEGIN, duration, steps)


def told(run: Execution) -> dict[str, str]:
    cells = dict(zip((column.name for column in COLUMNS), row(run, Config()), strict=True))
    return {name: cell.plain for name, cell in cells.items() if cell.plain}


def test_a_run_that_succeeded_names_data_label_model_and_verdict():
    assert told(execution(output=OUTPUT)) == {
        "execution": "run-1",
        "status": "succeeded",
        "duration": "1.50 s",
        "accuracy": "0.9000",
        "verdict": "not shown to be better",
        "dataset": "eu/iris.csv",
        "label": "species",
        "family": "logistic regression, C = 3",
        "model": "3f9a00000000",
        "started (UTC)": "2026-01-01 12:00",
        "run_id": "run-id-1",
        "note": "cached: 2 steps",
    }


REJECTED = {name: OUTPUT[name] for name in ("run", "dataset", "leaderboard", "metrics", "verdict")}


def test_a_rejected_run_shows_its_figures_and_the_gates_cause():
    gate = {"passed": False, "cause": "accuracy is 0.9; min_accuracy asks for 0.95 or more"}
    summarized = Step("Summarize", "Task", "SUCCEEDED", BEGIN, output=json.dumps({**REJECTED, "gate": gate}))
    failed = Step("RunFailed", "Fail", "FAILED", BEGIN, failure=Failure("ModelRejectedError", gate["cause"]))
    run = execution("FAILED", REQUEST, None, Failure("ModelRejectedError", gate["cause"]), summarized, failed)
    found = told(run)
    assert (found["accuracy"], found["verdict"]) == ("0.9000", "not shown to be better")
    assert found["note"] == f"ModelRejectedError: {gate['cause']}"
    assert "model" not in found


def test_a_run_that_failed_early_shows_its_request_state_and_error():
    failure = Failure("InvalidDatasetError", json.dumps({"errorMessage": "line 3: " + "x" * 200}))
    step = Step("FetchAndValidate", "Task", "FAILED", BEGIN, failure=failure)
    found = told(execution("FAILED", {"label_column": "y"}, None, failure, step))
    assert (found["dataset"], found["label"]) == ("btc_candles_labeled_sample.csv", "y")
    assert found["note"].startswith("FetchAndValidate: InvalidDatasetError: line 3: xxx")
    assert (len(found["note"]), found["note"][-3:]) == (120, "...")
    assert to_json(execution("FAILED", {}, None, failure, step), Config()) | {"arn": ""} == {
        "execution": "run-1",
        "arn": "",
        "status": "FAILED",
        "started_at": "2026-01-01T12:00:00Z",
        "duration_ms": 1500,
        "run_id": None,
        "dataset": {
            "bucket": "ml-data-demo",
            "key": "data/btc_candles_labeled_sample.csv",
            "s3_version_id": None,
            "rows": None,
        },
        "label_column": "label",
        "family": None,
        "metrics": {},
        "verdict": None,
        "model": None,
        "stable_key": None,
        "cached": [],
        "failed_in": "FetchAndValidate",
        "error": "InvalidDatasetError",
        "cause": "line 3: " + "x" * 200,
    }


def test_the_json_of_a_run_that_succeeded_has_all_of_it():
    found = to_json(execution(output=OUTPUT), Config())
    assert found["dataset"] == {
        "bucket": "ml-data-demo",
        "key": "data/eu/iris.csv",
        "s3_version_id": "v1",
        "rows": 150,
    }
    assert (found["model"], found["stable_key"], found["verdict"]) == (
        "3f9a00000000",
        "models/eu/iris.pkl",
        "not_shown",
    )
    assert (found["cached"], found["error"], found["metrics"]) == (
        ["FetchAndValidate", "Summarize"],
        None,
        {"accuracy": 0.9},
    )


@pytest.mark.parametrize("request_text", ["{}", "[]", "no JSON"])
def test_a_running_one_shows_what_an_empty_request_means(request_text):
    run = Execution("arn:aws:x:run-1", "RUNNING", request_text, None, None, BEGIN, None, ())
    assert told(run) == {
        "execution": "run-1",
        "status": "running",
        "dataset": "btc_candles_labeled_sample.csv",
        "label": "label",
        "started (UTC)": "2026-01-01 12:00",
    }
