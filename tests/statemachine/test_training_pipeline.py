"""The rules that the state machine's definition keeps: timeouts, retries, classified errors, no dead ends."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import errors

FOLDER = Path(__file__).resolve().parents[2] / "statemachine"
TEXT = (FOLDER / "training_pipeline.asl.json").read_text()
MACHINE = json.loads(TEXT)  # valid JSON as it stands, before Terraform fills in the ARNs
STATES = MACHINE["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
FAILS = {name: state for name, state in STATES.items() if state["Type"] == "Fail"}

PERMANENT = {
    name
    for name, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, errors.PermanentError) and value is not errors.PermanentError
}
TRANSIENT = [
    "TransientStorageError",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
]
LAMBDA_LIMIT_SECONDS = 900


def followers(state: dict) -> set[str]:
    """The names of all states that a state may go on to."""
    found = {state[key] for key in ("Next", "Default") if key in state}
    found |= {rule["Next"] for rule in state.get("Choices", [])}
    return found | {rule["Next"] for rule in state.get("Catch", [])}


def caught(state: dict) -> set[str]:
    return {error for rule in state.get("Catch", []) for error in rule["ErrorEquals"]}


def test_the_steps_are_chained_in_the_order_of_the_folders():
    assert list(TASKS) == ["FetchAndValidate", "Summarize", "PublishArtifact"]
    assert MACHINE["StartAt"] == "FetchAndValidate"
    assert TASKS["FetchAndValidate"]["Next"] == "Summarize"
    assert TASKS["Summarize"]["Next"] == "PublishArtifact"
    assert TASKS["PublishArtifact"]["End"] is True


def test_each_task_invokes_its_own_function_through_a_quoted_placeholder():
    assert {name: task["Parameters"]["FunctionName"] for name, task in TASKS.items()} == {
        "FetchAndValidate": "${fetch_and_validate_arn}",
        "Summarize": "${summarize_arn}",
        "PublishArtifact": "${publish_artifact_arn}",
    }
    assert {task["Resource"] for task in TASKS.values()} == {"arn:aws:states:::lambda:invoke"}


def test_every_placeholder_is_a_whole_json_string():
    assert len(re.findall(r'"\$\{\w+\}"', TEXT)) == TEXT.count("${") == len(TASKS)
    assert "%{" not in TEXT  # templatefile's other way in


def test_the_first_task_gets_the_request_and_the_execution_the_others_the_output_before():
    assert TASKS["FetchAndValidate"]["Parameters"]["Payload"] == {
        "request.$": "$$.Execution.Input",
        "execution_arn.$": "$$.Execution.Id",
    }
    for name in ("Summarize", "PublishArtifact"):
        assert TASKS[name]["Parameters"]["Payload.$"] == "$"
    assert {task["OutputPath"] for task in TASKS.values()} == {"$.Payload"}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_waits_longer_than_its_function_may_run_and_the_machine_longer_than_all(name):
    assert LAMBDA_LIMIT_SECONDS < TASKS[name]["TimeoutSeconds"] <= LAMBDA_LIMIT_SECONDS + 60
    assert MACHINE["TimeoutSeconds"] > sum(task["TimeoutSeconds"] for task in TASKS.values())


@pytest.mark.parametrize("name", TASKS)
def test_a_task_retries_the_transient_errors_and_no_other(name):
    assert TASKS[name]["Retry"] == [
        {
            "ErrorEquals": TRANSIENT,
            "IntervalSeconds": 1,
            "MaxAttempts": 5,
            "BackoffRate": 2.0,
            "MaxDelaySeconds": 10,
            "JitterStrategy": "FULL",
        }
    ]


def test_our_own_transient_error_exists_and_is_not_permanent():
    own = [name for name in TRANSIENT if "." not in name]

    assert own == ["TransientStorageError"]
    assert not issubclass(errors.TransientStorageError, errors.PermanentError)


def test_the_machine_catches_exactly_the_permanent_errors_of_the_code():
    assert set().union(*(caught(task) for task in TASKS.values())) == PERMANENT


def test_each_task_catches_what_its_step_can_raise():
    assert {name: caught(task) for name, task in TASKS.items()} == {
        "FetchAndValidate": {
            "InvalidRequestError",
            "DatasetNotFoundError",
            "InvalidDatasetError",
            "DatasetChangedError",
        },
        "Summarize": {
            "InvalidRequestError",
            "InvalidDatasetError",
            "DatasetChangedError",
            "ModelRejectedError",
        },
        "PublishArtifact": {"InvalidRequestError", "ArtifactConflictError"},
    }


def test_a_caught_error_ends_in_the_fail_state_of_its_name():
    for task in TASKS.values():
        assert {rule["Next"] for rule in task["Catch"]} == {"ReadErrorMessage"}
    assert STATES["ReadErrorMessage"]["Next"] == "WhichError"
    rules = STATES["WhichError"]["Choices"]

    assert {rule["StringEquals"]: rule["Next"] for rule in rules} == {
        error: error.removesuffix("Error") for error in PERMANENT
    }
    assert {rule["Variable"] for rule in rules} == {"$.Error"}


def test_a_fail_state_carries_the_error_name_and_the_message_a_person_reads():
    assert {name: state["Error"] for name, state in FAILS.items()} == {
        error.removesuffix("Error"): error for error in PERMANENT
    }
    assert {state["CausePath"] for state in FAILS.values()} == {"$.Exception.errorMessage"}
    assert STATES["ReadErrorMessage"]["Parameters"]["Exception.$"] == "States.StringToJson($.Cause)"


def test_every_state_says_what_it_does():
    assert MACHINE["Comment"]
    assert [name for name, state in STATES.items() if not state.get("Comment", "").strip()] == []


def test_every_target_exists_and_every_state_is_reached():
    reached, waiting = set(), {MACHINE["StartAt"]}
    while waiting:
        name = waiting.pop()
        assert name in STATES
        reached.add(name)
        waiting |= followers(STATES[name]) - reached

    assert reached == set(STATES)


def test_a_state_goes_on_or_ends():
    for name, state in STATES.items():
        ends = state.get("End") is True or state["Type"] in ("Fail", "Succeed")
        assert ends != bool(followers(state) - {"ReadErrorMessage"}) or name == "ReadErrorMessage", name


def test_nothing_needs_jsonata_or_variables():
    assert "JSONata" not in TEXT
    assert '"Assign"' not in TEXT


def test_the_linter_finds_nothing_in_the_rendered_machine(tmp_path):
    rendered = re.sub(
        r"\$\{(\w+)_arn\}", r"arn:aws:lambda:us-east-1:123456789012:function:model-service-\1:live", TEXT
    )
    assert "${" not in rendered
    file = tmp_path / "training_pipeline.asl.json"
    file.write_text(rendered)

    linted = subprocess.run(
        [Path(sys.executable).with_name("statelint"), file], capture_output=True, text=True, check=False
    )

    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_the_example_request_is_that_of_the_readme():
    assert json.loads((FOLDER / "examples/request.json").read_text()) == {"test_size": 0.3}
