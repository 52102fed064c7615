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
FOLDS = STATES["FitFolds"]
# Distributed Maps, the task of their items, and what their items are called: those over shards and over ranges of rows.
MAPS = {
    "ValidateShards": ("ValidateShard", "shard"),
    "SummarizeShards": ("SummarizeShard", "range"),
    "GatherMoments": ("GatherShardMoments", "range"),
    "EvaluateShards": ("EvaluateShard", "range"),
}
RANGE_MAPS = [name for name, (_, item) in MAPS.items() if item == "range"]
INSIDES = [state["ItemProcessor"] for state in STATES.values() if state["Type"] == "Map"]
MACHINES = (MACHINE, *INSIDES)  # what has a StartAt and States of its own
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
ITEM_TASKS = {
    name: state for inside in INSIDES for name, state in inside["States"].items() if state["Type"] == "Task"
}
ALL_TASKS = TASKS | ITEM_TASKS
SUMMARIZE_TASKS = (
    *("PlanRanges", "SummarizeShard", "LearnColumns", "GatherShardMoments"),
    *("FitFold", "ChooseModel", "EvaluateShard", "Summarize"),
)
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
    """The way of one shard, then that of several."""
    assert MACHINE["StartAt"] == "FetchAndValidate"
    short = [
        "FetchAndValidate",
        "HowManyShards",
        "IsOneLambdaEnough",
        "FitFolds",
        "IsWorkSpread",
        "Summarize",
    ]
    long = [
        *("FetchAndValidate", "HowManyShards", "ValidateShards", "CollectShards", "IsOneLambdaEnough"),
        *(
            "PlanRanges",
            "SummarizeShards",
            "LearnColumns",
            "AreMomentsEnough",
            "FitFolds",
            "IsWorkSpread",
        ),
        *("ChooseModel", "EvaluateShards", "Summarize"),
    ]
    moments = [*long[: long.index("FitFolds")], "GatherMoments", "ChooseModel", "EvaluateShards", "Summarize"]

    assert way({"shards": False, "spread": False, "moments": False}) == [*short, "IsModelGoodEnough"]
    assert way({"shards": True, "spread": True, "moments": False}) == [*long, "IsModelGoodEnough"]
    assert way({"shards": True, "spread": True, "moments": True}) == [*moments, "IsModelGoodEnough"]
    assert TASKS["PublishArtifact"]["End"] is True


def way(data: dict[str, bool]) -> list[str]:
    """The states on the way to the gate, for data of several shards, of several ranges, for a model by moments."""
    taken = {
        "HowManyShards": data["shards"],
        "IsOneLambdaEnough": not data["spread"],
        "IsWorkSpread": not data["spread"],
        "AreMomentsEnough": data["moments"],
    }
    found, name = [], MACHINE["StartAt"]
    while name != "IsModelGoodEnough":
        found.append(name)
        state = STATES[name]
        if state["Type"] == "Choice":
            (rule,) = state["Choices"]
            name = rule["Next"] if taken[name] else state["Default"]
        else:
            name = state["Next"]
    return [*found, name]


def test_what_decides_the_way_is_in_every_event_that_may_arrive_there():
    """A Choice that reads a member which is not there ends the execution."""
    rules = {name: state["Choices"] for name, state in STATES.items() if state["Type"] == "Choice"}
    one_lambda = {"Variable": "$.spread", "IsNull": True}
    assert rules["IsOneLambdaEnough"] == [one_lambda | {"Next": "FitFolds"}]
    assert rules["IsWorkSpread"] == [one_lambda | {"Next": "Summarize"}]
    moments = {"Variable": "$.spread.moments", "BooleanEquals": True, "Next": "GatherMoments"}
    assert rules["AreMomentsEnough"] == [moments]


def test_each_task_invokes_its_own_function_through_a_quoted_placeholder():
    assert {name: task["Parameters"]["FunctionName"] for name, task in ALL_TASKS.items()} == {
        "FetchAndValidate": "${fetch_and_validate_arn}",
        "ValidateShard": "${fetch_and_validate_arn}",
        "CollectShards": "${fetch_and_validate_arn}",
        **dict.fromkeys(SUMMARIZE_TASKS, "${summarize_arn}"),
        "PublishArtifact": "${publish_artifact_arn}",
    }
    assert {task["Resource"] for task in ALL_TASKS.values()} == {"arn:aws:states:::lambda:invoke"}


def test_every_placeholder_is_a_whole_json_string():
    assert len(re.findall(r'"\$\{\w+\}"', TEXT)) == TEXT.count("${") == len(ALL_TASKS) + 3 * len(MAPS) + 1
    assert STATES["ValidateShards"]["MaxConcurrency"] == "${map_max_concurrency}"
    assert {STATES[name]["MaxConcurrency"] for name in RANGE_MAPS} == {"${range_max_concurrency}"}
    assert FOLDS["MaxConcurrency"] == "${fold_max_concurrency}"
    assert "%{" not in TEXT  # templatefile's other way in


def sent(task: str, *members: str) -> dict[str, str]:
    """What a function is sent for a task: its name, and these members of what came before."""
    return {"task": task} | {f"{name}.$": f"$.{name}" for name in members}


def test_every_task_is_sent_by_the_name_of_its_state():
    for name, task in TASKS.items():
        assert task["Parameters"]["Payload"]["task"] == name
    for name, (task, _) in MAPS.items():
        assert STATES[name]["ItemSelector"]["task"] == task
    assert FOLDS["ItemSelector"]["task"] == "FitFold"


def test_the_first_task_gets_the_request_and_the_execution_the_others_the_output_before():
    assert TASKS["FetchAndValidate"]["Parameters"]["Payload"] == {
        "task": "FetchAndValidate",
        "request.$": "$$.Execution.Input",
        "execution_arn.$": "$$.Execution.Id",
    }
    for name, members in {
        "PlanRanges": ("run", "dataset", "folds", "spread"),
        "LearnColumns": ("run", "dataset", "folds", "spread"),
        "ChooseModel": ("run", "dataset", "folds", "spread"),
        "Summarize": ("run", "dataset", "folds", "spread"),
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
    assert STATES["ValidateShards"]["Next"] == "CollectShards"


@pytest.mark.parametrize("name", MAPS)
def test_a_distributed_map_reads_its_items_from_a_list_and_has_one_task(name):
    task, _ = MAPS[name]
    items = "$.shards" if name == "ValidateShards" else "$.spread.ranges"
    assert STATES[name]["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {
            "Bucket.$": f"{items}.bucket",
            "Key.$": f"{items}.key",
            "ExpectedBucketOwner": "${account_id}",
        },
    }
    # An EXPRESS workflow would end after five minutes, sooner than a Lambda may.
    processor = STATES[name]["ItemProcessor"]
    assert processor["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert list(processor["States"]) == [task]
    assert ITEM_TASKS[task]["Parameters"]["Payload.$"] == "$"


def test_an_item_gets_the_plan_and_itself_and_the_collecting_task_the_plan_and_the_list():
    item = "$$.Map.Item.Value"
    assert STATES["ValidateShards"]["ItemSelector"] == sent("ValidateShard", "run", "plan") | {
        "shard.$": item
    }
    assert TASKS["CollectShards"]["Parameters"]["Payload"] == sent("CollectShards", "run", "plan", "shards")
    for name in RANGE_MAPS:
        given = sent(MAPS[name][0], "run", "dataset", "spread") | {"range.$": item}
        assert STATES[name]["ItemSelector"] == given


def test_the_folds_are_fitted_by_an_inline_map_whose_references_replace_the_list():
    assert FOLDS["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert FOLDS["ItemsPath"] == FOLDS["ResultPath"] == "$.folds"
    assert FOLDS["ItemSelector"] == sent("FitFold", "run", "dataset", "spread") | {
        "fold.$": "$$.Map.Item.Value"
    }
    assert list(FOLDS["ItemProcessor"]["States"]) == ["FitFold"]
    assert ITEM_TASKS["FitFold"]["OutputPath"] == "$.Payload.fold"
    # An inline Map ends with the error of its item, under the item's own name.
    assert "Catch" not in ITEM_TASKS["FitFold"]


@pytest.mark.parametrize("name", MAPS)
def test_no_item_may_fail_and_what_they_put_out_does_not_grow_with_their_number(name):
    tolerated = {key: value for key, value in STATES[name].items() if key.startswith("Tolerated")}
    assert tolerated == {"ToleratedFailureCount": 0}
    assert STATES[name]["ResultPath"] is None
    assert ITEM_TASKS[MAPS[name][0]]["OutputPath"] is None


@pytest.mark.parametrize("name", MAPS)
def test_what_became_of_each_item_is_written_beside_the_runs_other_files(name):
    """Under the execution's name, which a failed execution is known by; under runs/, where it expires.

    On AWS the file of the failed ones holds the error of each; the state itself fails with the threshold's.
    """
    assert STATES[name]["ResultWriter"] == {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {
            "Bucket": "${artifact_bucket}",
            "Prefix.$": "States.Format('runs/{}/map', $$.Execution.Name)",
        },
    }


@pytest.mark.parametrize("name", MAPS)
def test_an_item_that_fails_is_left_to_a_redrive_of_the_map(name):
    """Errors of the data are in its result: whatever it raises is no reason to end in a Fail state."""
    assert "Catch" not in STATES[name]
    assert "Catch" not in ITEM_TASKS[MAPS[name][0]]
    assert "Retry" not in STATES[name]  # the tasks inside retry


def test_the_labels_of_the_maps_are_those_of_the_policy():
    policy = (FOLDER.parent / "infra" / "state_machine.tf").read_text()
    (listed,) = re.findall(r"map_labels += (\[.*?\])", policy)
    assert json.loads(listed) == [STATES[name]["Label"] for name in MAPS] == list(MAPS)
    assert max(map(len, MAPS)) <= 40  # Step Functions' limit


@pytest.mark.parametrize("name", ALL_TASKS)
def test_a_task_waits_longer_than_its_function_may_run(name):
    assert LAMBDA_LIMIT_SECONDS < ALL_TASKS[name]["TimeoutSeconds"] <= LAMBDA_LIMIT_SECONDS + 60


def test_the_machine_waits_longer_than_all_tasks_and_several_rounds_of_items():
    in_a_row = sum(task["TimeoutSeconds"] for task in [*TASKS.values(), ITEM_TASKS["FitFold"]])
    of_maps = sum(ITEM_TASKS[task]["TimeoutSeconds"] for task, _ in MAPS.values())
    rounds = (MACHINE["TimeoutSeconds"] - in_a_row) // of_maps

    assert (rounds, len(MAPS)) == (21, 4)
    assert f"leaves {rounds} rounds of each of the four Distributed Maps" in MACHINE["Comment"]


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
        .replace('"${range_max_concurrency}"', "100")
        .replace('"${fold_max_concurrency}"', "5")
    )
    assert "${" not in rendered
    # Two fields of a Distributed Map that the linter does not know.
    rendered = re.sub(r'"Label": "\w+",', "", rendered).replace('"InputType": "JSON"', "")
    file = tmp_path / "training_pipeline.asl.json"
    file.write_text(rendered)

    linted = subprocess.run(
        [Path(sys.executable).with_name("statelint"), file], capture_output=True, text=True, check=False
    )

    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_the_example_request_is_that_of_the_readme():
    assert json.loads((FOLDER / "examples/request.json").read_text()) == {"test_size": 0.3}
