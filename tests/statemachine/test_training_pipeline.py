"""The rules that the state machine's definition keeps: timeouts, retries, classified errors, no dead ends."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "statemachine"
TEXT = (FOLDER / "training_pipeline.asl.json").read_text()
MACHINE = json.loads(TEXT)  # valid JSON as it stands, before Terraform fills in the ARNs
STATES = MACHINE["States"]
MAP = STATES["ValidateShards"]
FOLDS = STATES["FitFolds"]
MACHINES = (MACHINE, MAP["ItemProcessor"], FOLDS["ItemProcessor"])  # what has a StartAt and States of its own
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
SHARD_TASKS = {
    name: state for name, state in MAP["ItemProcessor"]["States"].items() if state["Type"] == "Task"
}
FOLD_TASKS = {
    name: state for name, state in FOLDS["ItemProcessor"]["States"].items() if state["Type"] == "Task"
}
ALL_TASKS = TASKS | SHARD_TASKS | FOLD_TASKS
# Error names -> how often, from how many seconds to how many.
RETRIED = {
    ("Lambda.TooManyRequestsException",): (20, 2, 60),
    (
        "TransientStorageError",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
    ): (5, 1, 10),
    ("Sandbox.Timedout", "Lambda.Unknown", "Runtime.ExitError"): (1, 1, 10),
}
LAMBDA_LIMIT_SECONDS = 900


def test_the_steps_are_chained_in_the_order_of_the_folders():
    assert list(TASKS) == ["FetchAndValidate", "CollectShards", "Summarize", "PublishArtifact"]
    assert MACHINE["StartAt"] == "FetchAndValidate"
    assert TASKS["FetchAndValidate"]["Next"] == "HowManyShards"
    assert STATES["HowManyShards"]["Default"] == "FitFolds"
    assert FOLDS["Next"] == "Summarize"
    assert TASKS["Summarize"]["Next"] == "IsModelGoodEnough"
    assert TASKS["PublishArtifact"]["End"] is True


def test_each_task_invokes_its_own_function_through_a_quoted_placeholder():
    assert {name: task["Parameters"]["FunctionName"] for name, task in ALL_TASKS.items()} == {
        "FetchAndValidate": "${fetch_and_validate_arn}",
        "ValidateShard": "${fetch_and_validate_arn}",
        "CollectShards": "${fetch_and_validate_arn}",
        "FitFold": "${summarize_arn}",
        "Summarize": "${summarize_arn}",
        "PublishArtifact": "${publish_artifact_arn}",
    }
    assert {task["Resource"] for task in ALL_TASKS.values()} == {"arn:aws:states:::lambda:invoke"}


def test_every_placeholder_is_a_whole_json_string():
    assert len(re.findall(r'"\$\{\w+\}"', TEXT)) == TEXT.count("${") == len(ALL_TASKS) + 4
    assert MAP["MaxConcurrency"] == "${map_max_concurrency}"
    assert FOLDS["MaxConcurrency"] == "${fold_max_concurrency}"
    assert "%{" not in TEXT  # templatefile's other way in


def sent(task: str, *members: str) -> dict[str, str]:
    """What a function is sent for a task: its name, and these members of what came before."""
    return {"task": task} | {f"{name}.$": f"$.{name}" for name in members}


def test_every_task_is_sent_by_the_name_of_its_state():
    for name, task in TASKS.items():
        assert task["Parameters"]["Payload"]["task"] == name
    assert MAP["ItemSelector"]["task"] == "ValidateShard"
    assert FOLDS["ItemSelector"]["task"] == "FitFold"


def test_the_first_task_gets_the_request_and_the_execution_the_others_the_output_before():
    assert TASKS["FetchAndValidate"]["Parameters"]["Payload"] == {
        "task": "FetchAndValidate",
        "request.$": "$$.Execution.Input",
        "execution_arn.$": "$$.Execution.Id",
    }
    for name, members in {
        "Summarize": ("run", "dataset", "folds"),
        "PublishArtifact": (
            *("run", "dataset", "warnings", "leaderboard", "decision"),
            *("metrics", "verdict", "regression", "drift", "gate", "summary"),
        ),
    }.items():
        assert TASKS[name]["Parameters"]["Payload"] == sent(name, *members)
    assert {task["OutputPath"] for task in TASKS.values()} == {"$.Payload"}


def test_only_a_model_that_passed_the_gate_is_published_and_the_other_ends_with_the_figures():
    passed = {"Variable": "$.gate.passed", "BooleanEquals": True, "Next": "PublishArtifact"}
    assert STATES["IsModelGoodEnough"]["Choices"] == [passed]
    assert STATES["IsModelGoodEnough"]["Default"] == "RejectModel"
    assert STATES["RejectModel"]["Parameters"] == {
        "Error": "ModelRejectedError",
        "Exception": {"errorMessage.$": "$.gate.cause"},
    }
    assert STATES["RejectModel"]["Next"] == "RunFailed"


def test_several_shards_are_validated_by_a_distributed_map_and_then_collected():
    several = {"Variable": "$.shards", "IsPresent": True, "Next": "ValidateShards"}
    assert STATES["HowManyShards"]["Choices"] == [several]
    assert MAP["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {
            "Bucket.$": "$.shards.bucket",
            "Key.$": "$.shards.key",
            "ExpectedBucketOwner": "${account_id}",
        },
    }
    # An EXPRESS workflow would end after five minutes, sooner than a Lambda may.
    assert MAP["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert list(SHARD_TASKS) == ["ValidateShard"]
    assert MAP["Next"] == "CollectShards"
    assert TASKS["CollectShards"]["Next"] == "FitFolds"


def test_the_map_and_the_collecting_task_get_the_plan_and_the_map_one_shard_of_it_more():
    assert MAP["ItemSelector"] == sent("ValidateShard", "run", "plan") | {"shard.$": "$$.Map.Item.Value"}
    assert SHARD_TASKS["ValidateShard"]["Parameters"]["Payload.$"] == "$"
    assert TASKS["CollectShards"]["Parameters"]["Payload"] == sent("CollectShards", "run", "plan", "shards")


def test_the_folds_are_fitted_by_an_inline_map_whose_references_replace_the_list():
    assert FOLDS["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert FOLDS["ItemsPath"] == FOLDS["ResultPath"] == "$.folds"
    assert FOLDS["ItemSelector"] == sent("FitFold", "run", "dataset") | {"fold.$": "$$.Map.Item.Value"}
    assert list(FOLD_TASKS) == ["FitFold"]
    assert FOLD_TASKS["FitFold"]["OutputPath"] == "$.Payload.fold"
    # An inline Map ends with the error of its item, under the item's own name.
    assert "Catch" not in FOLD_TASKS["FitFold"]


def test_no_shard_may_fail_and_what_they_put_out_does_not_grow_with_their_number():
    assert {name: value for name, value in MAP.items() if name.startswith("Tolerated")} == {
        "ToleratedFailureCount": 0
    }
    assert MAP["ResultPath"] is None
    assert SHARD_TASKS["ValidateShard"]["OutputPath"] is None


def test_what_became_of_each_shard_is_written_beside_the_runs_other_files():
    """Under the execution's name, which a failed execution is known by; under runs/, where it expires.

    On AWS the file of the failed ones holds the error of each; the state itself fails with the threshold's.
    """
    assert MAP["ResultWriter"] == {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {
            "Bucket": "${artifact_bucket}",
            "Prefix.$": "States.Format('runs/{}/map', $$.Execution.Name)",
        },
    }


def test_a_shard_that_fails_is_left_to_a_redrive_of_the_map():
    """Errors of the data are in its result: whatever it raises is no reason to end in a Fail state."""
    assert [name for name, state in {"ValidateShards": MAP, **SHARD_TASKS}.items() if "Catch" in state] == []
    assert "Retry" not in MAP  # the tasks inside retry


def test_the_label_of_the_map_is_that_of_the_policy():
    policy = (FOLDER.parent / "infra" / "state_machine.tf").read_text()
    assert re.findall(r'map_label += "(.*?)"', policy) == [MAP["Label"]] == ["ValidateShards"]
    assert len(MAP["Label"]) <= 40  # Step Functions' limit


@pytest.mark.parametrize("name", ALL_TASKS)
def test_a_task_waits_longer_than_its_function_may_run(name):
    assert LAMBDA_LIMIT_SECONDS < ALL_TASKS[name]["TimeoutSeconds"] <= LAMBDA_LIMIT_SECONDS + 60


def test_the_machine_waits_longer_than_all_tasks_and_several_rounds_of_shards():
    in_a_row = sum(task["TimeoutSeconds"] for task in [*TASKS.values(), *FOLD_TASKS.values()])
    rounds = (MACHINE["TimeoutSeconds"] - in_a_row) // SHARD_TASKS["ValidateShard"]["TimeoutSeconds"]

    assert rounds == 18
    assert f"leaves {rounds} rounds of shards" in MACHINE["Comment"]


@pytest.mark.parametrize("name", ALL_TASKS)
def test_a_task_waits_long_for_a_throttled_lambda_less_for_a_fault_and_tries_a_crash_once_more(name):
    assert ALL_TASKS[name]["Retry"] == [
        {
            "ErrorEquals": list(errors),
            "IntervalSeconds": interval,
            "MaxAttempts": attempts,
            "BackoffRate": 2.0,
            "MaxDelaySeconds": delay,
            "JitterStrategy": "FULL",
        }
        for errors, (attempts, interval, delay) in RETRIED.items()
    ]


def test_every_error_ends_in_the_one_fail_state_with_its_name_and_the_message_a_person_reads():
    catching = [state for state in STATES.values() if "Catch" in state]
    assert {rule["Next"] for state in catching for rule in state["Catch"]} == {"ReadErrorMessage"}
    assert STATES["ReadErrorMessage"]["Parameters"] == {
        "Error.$": "$.Error",
        "Exception.$": "States.StringToJson($.Cause)",
    }
    assert STATES["ReadErrorMessage"]["Next"] == "RunFailed"
    fails = {name: state for name, state in STATES.items() if state["Type"] == "Fail"}
    assert {name: (state["ErrorPath"], state["CausePath"]) for name, state in fails.items()} == {
        "RunFailed": ("$.Error", "$.Exception.errorMessage")
    }


def test_every_state_says_what_it_does():
    assert MACHINE["Comment"]
    states = {name: state for machine in MACHINES for name, state in machine["States"].items()}
    assert [name for name, state in states.items() if not state.get("Comment", "").strip()] == []


def test_a_name_is_given_once():
    names = [name for machine in MACHINES for name in machine["States"]]
    assert sorted(names) == sorted(set(names))


def test_nothing_needs_jsonata_or_variables():
    assert "JSONata" not in TEXT
    assert '"Assign"' not in TEXT


def test_the_linter_finds_nothing_in_the_rendered_machine(tmp_path):
    rendered = (
        re.sub(
            r"\$\{(\w+)_arn\}", r"arn:aws:lambda:us-east-1:123456789012:function:model-service-\1:live", TEXT
        )
        .replace("${account_id}", "123456789012")
        .replace("${artifact_bucket}", "artifacts")
        .replace('"${map_max_concurrency}"', "100")
        .replace('"${fold_max_concurrency}"', "5")
    )
    assert "${" not in rendered
    # Two fields of a Distributed Map that the linter does not know.
    rendered = rendered.replace('"Label": "ValidateShards",', "").replace('"InputType": "JSON"', "")
    file = tmp_path / "training_pipeline.asl.json"
    file.write_text(rendered)

    linted = subprocess.run(
        [Path(sys.executable).with_name("statelint"), file], capture_output=True, text=True, check=False
    )

    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_the_example_request_is_that_of_the_readme():
    assert json.loads((FOLDER / "examples/request.json").read_text()) == {"test_size": 0.3}
