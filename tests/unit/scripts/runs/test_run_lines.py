import json
from datetime import UTC, datetime

import pytest

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.run_lines import (
    failure_lines,
    metric_lines,
    rejected_summary,
    result_lines,
    step_line,
    verdict_line,
)
from model_service_cli.runs.steps import Failure, Step

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def step(status: str, **more) -> Step:
    return Step("Summarize", "Task", status, BEGIN, **more)


def execution(
    status: str, *steps: Step, output: str | None = None, failure: Failure | None = None
) -> Execution:
    return Execution("arn", status, "{}", output, failure, BEGIN, 1234, steps)


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (step("RUNNING"), "Summarize           running"),
        (step("SUCCEEDED", duration_ms=420), "Summarize           succeeded      0.42 s"),
        (
            step("RUNNING", attempts=2, failure=Failure("TransientStorageError", "")),
            "Summarize           running     attempt 2  after TransientStorageError",
        ),
        (
            step("FAILED", duration_ms=12_000, failure=Failure("InvalidDatasetError", "")),
            "Summarize           failed        12.00 s  InvalidDatasetError",
        ),
        (
            step(
                "SUCCEEDED", duration_ms=30, output='{"run": {"cached": ["FetchAndValidate", "Summarize"]}}'
            ),
            "Summarize           succeeded      0.03 s  cached",
        ),
        (
            step("SUCCEEDED", duration_ms=30, output='{"run": {"cached": ["FetchAndValidate"]}}'),
            "Summarize           succeeded      0.03 s",
        ),
        (step("TIMED_OUT", duration_ms=1), "Summarize           timed out      0.00 s"),
    ],
)
def test_a_step_is_a_line(shown, line):
    assert step_line(shown) == line


def test_what_is_to_be_read_before_any_figure_comes_first():
    output = {
        "metrics": {"accuracy": 0.5},
        "warnings": ["The split by time leaves no train row of class 'late'."],
    }
    lines = list(result_lines(execution("SUCCEEDED", output=json.dumps(output))))
    assert lines[2] == "warning    The split by time leaves no train row of class 'late'."
    assert lines[4].startswith("metric")


def test_metrics_stand_beside_their_baseline():
    metrics = {"accuracy": 0.71, "baseline_accuracy": 0.5, "f1": 0.68, "roc_auc": None, "rows": 12}
    assert list(metric_lines(metrics)) == [
        "metric                   model  baseline",
        "accuracy                0.7100    0.5000",
        "f1                      0.6800",
        "roc_auc",
        "rows                        12",
    ]


def test_metrics_come_in_one_order_whatever_order_they_are_given_in():
    lines = list(metric_lines({"zeta": 1, "f1": 2, "beta": 3, "accuracy": 4}))
    assert [line.split()[0] for line in lines] == ["metric", "accuracy", "f1", "zeta", "beta"]


def test_metrics_stand_beside_the_model_that_was_published_before():
    output = {
        "metrics": {"accuracy": 0.71, "baseline_accuracy": 0.5, "f1": 0.6},
        "run": {"conditions": {"current_model": {"metrics": {"accuracy": 0.7}}}},
    }
    lines = list(result_lines(execution("SUCCEEDED", output=json.dumps(output))))
    assert lines[2:5] == [
        "metric                   model  baseline  published",
        "accuracy                0.7100    0.5000     0.7000",
        "f1                      0.6000",
    ]


@pytest.mark.parametrize("current", [None, {"metrics": {}}, {"etag": "e"}])
def test_no_model_before_is_no_column(current):
    output = {"metrics": {"f1": 0.5}, "run": {"conditions": {"current_model": current}}}
    lines = list(result_lines(execution("SUCCEEDED", output=json.dumps(output))))
    assert lines[2] == "metric                   model  baseline"


def test_a_rejected_model_is_told_with_the_gates_cause():
    gate = {"passed": False, "cause": "accuracy is 0.41; min_accuracy asks for 0.5 or more"}
    summarized = step("SUCCEEDED", output=json.dumps({"metrics": {"accuracy": 0.41}, "gate": gate}))
    rejected = execution("FAILED", summarized, failure=Failure("ModelRejectedError", ""))
    assert rejected_summary(rejected)["metrics"] == {"accuracy": 0.41}
    assert list(failure_lines(rejected)) == ["the execution failed: ModelRejectedError", f"  {gate['cause']}"]


@pytest.mark.parametrize(
    ("metrics", "line"),
    [
        (
            {"accuracy": 0.71, "baseline_accuracy": 0.5},
            "Right 21.0 points more often than always answering the most frequent class.",
        ),
        (
            {"accuracy": 0.5, "baseline_accuracy": 0.5},
            "No better than always answering the most frequent class.",
        ),
        ({"accuracy": 0.5}, None),
    ],
)
def test_the_verdict_is_plain(metrics, line):
    assert verdict_line(metrics) == line


def test_a_result_ends_with_the_address_of_the_artifact():
    output = (
        '{"metrics": {"f1": 0.5}, "artifact": {"bucket": "b", "key": "k", "version_id": "v", "sha256": "s"}}'
    )
    assert list(result_lines(execution("SUCCEEDED", output=output))) == [
        "succeeded in 1.23 s",
        "",
        "metric                   model  baseline",
        "f1                      0.5000",
        "",
        "artifact   s3://b/k",
        "version    v",
        "sha256     s",
    ]


def test_a_failure_is_two_lines_the_state_with_its_error_and_the_cause():
    failure = Failure("InvalidDatasetError", '{"errorMessage": "line 3: open is text"}')
    failed = execution("FAILED", step("FAILED", failure=failure), failure=failure)
    assert list(failure_lines(failed)) == ["Summarize failed: InvalidDatasetError", "  line 3: open is text"]


def test_an_execution_that_ended_without_a_step_or_cause_still_says_so():
    assert list(failure_lines(execution("ABORTED"))) == [
        "the execution aborted",
        "  the service gives no cause",
    ]
