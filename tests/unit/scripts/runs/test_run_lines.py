import json
from datetime import UTC, datetime

import pytest

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.run_lines import failure_lines, rejected_summary, step_line
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


def test_a_rejected_model_is_told_with_the_gates_cause():
    gate = {"passed": False, "cause": "accuracy is 0.41; min_accuracy asks for 0.5 or more"}
    summarized = step("SUCCEEDED", output=json.dumps({"metrics": {"accuracy": 0.41}, "gate": gate}))
    rejected = execution("FAILED", summarized, failure=Failure("ModelRejectedError", ""))
    assert rejected_summary(rejected)["metrics"] == {"accuracy": 0.41}
    assert list(failure_lines(rejected)) == ["the execution failed: ModelRejectedError", f"  {gate['cause']}"]


def test_a_failure_is_two_lines_the_state_with_its_error_and_the_cause():
    failure = Failure("InvalidDatasetError", '{"errorMessage": "line 3: open is text"}')
    failed = execution("FAILED", step("FAILED", failure=failure), failure=failure)
    assert list(failure_lines(failed)) == ["Summarize failed: InvalidDatasetError", "  line 3: open is text"]


def test_an_execution_that_ended_without_a_step_or_cause_still_says_so():
    assert list(failure_lines(execution("ABORTED"))) == [
        "the execution aborted",
        "  the service gives no cause",
    ]
