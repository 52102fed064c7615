"""Whole executions whose services fail as told: throttling, a Lambda out of time, one out of memory.

The services' answers are forced by a file in the format of AWS Step Functions Local; the definition is the real
one, its waits cut short. What a Lambda out of time or memory is called is seen on real ones, in the local cloud.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

MACHINE = "model-service-training-pipeline"
ROLE = "arn:aws:iam::000000000000:role/forced"
RUN = {
    "run": {
        "run_id": "0123456789abcdef0123",
        "execution_arn": None,
        "conditions": {"force": False},
        "cached": [],
    },
    "dataset": {"rows": 3},
    "folds": [],
    "spread": None,
}
CHOOSING = RUN | {"folds": [{"index": index, "count": 2} for index in range(2)]}
SHARDS = {"bucket": "artifacts", "key": "shards.json", "count": 1}
PLANNED = RUN | {"plan": {"bucket": "artifacts", "key": "plan.json"}, "shards": SHARDS}
# Data of several ranges, before they are planned and after; the model is chosen, or made of moments.
WIDE = {"plan": None, "ranges": None, "moments": False, "columns": None, "choice": None}
RANGES = {"bucket": "artifacts", "key": "ranges.json", "count": 1}
SPREAD = RUN | {"spread": WIDE | {"ranges": RANGES}}
BY_MOMENTS = RUN | {"spread": WIDE | {"ranges": RANGES, "moments": True}}
SUMMARY = {
    "warnings": [],
    "leaderboard": [],
    "decision": None,
    "metrics": {},
    "verdict": None,
    "regression": None,
    "drift": None,
    "summary": {"bucket": "artifacts", "key": "summary.json", "sha256": "ab"},
}
SUMMARIZED = RUN | SUMMARY | {"gate": {"passed": True, "cause": ""}}
REJECTED = (
    RUN | SUMMARY | {"gate": {"passed": False, "cause": "accuracy is 0.4; min_accuracy asks for 0.5 or more"}}
)
PUBLISHED = RUN | {"artifact": {"bucket": "artifacts", "key": "models/training_pipeline.pkl"}}
ANSWERS = {
    "FetchAndValidate": RUN,
    "ValidateShard": {"rows": 3},
    "CollectShards": RUN,
    "PlanRanges": SPREAD,
    "SummarizeShard": {"rows": 3},
    "LearnColumns": SPREAD,
    "GatherShardMoments": {"rows": 3},
    "ChooseModel": SPREAD,
    "EvaluateShard": {"rows": 3},
    "FitFold": {"fold": {"index": 0, "count": 2, "bucket": "artifacts", "key": "fold.json", "sha256": "ab"}},
    "Summarize": SUMMARIZED,
    "PublishArtifact": PUBLISHED,
}
# The first attempt and its retries: of a fault, of a throttled Lambda, of one that crashed.
ATTEMPTS, THROTTLED_ATTEMPTS, CRASHED_ATTEMPTS = 6, 21, 2
THROTTLED = ("Lambda.TooManyRequestsException", "Rate Exceeded. (Service: AWSLambda; Status Code: 429)")
UNREACHABLE = ("TransientStorageError", '{"errorMessage": "s3://artifacts/x: S3 answered SlowDown"}')
OUT_OF_TIME = (
    "Sandbox.Timedout",
    '{"errorMessage": "RequestId: 1 Error: Task timed out after 900.00 seconds"}',
)
OUT_OF_MEMORY = (
    "Runtime.ExitError",
    '{"errorMessage": "RequestId: 1 Error: Runtime exited with error: signal: killed"}',
)
UNKNOWN = ("Lambda.Unknown", "The cause could not be determined because Lambda did not return an error type.")
REFUSED = ("InvalidDatasetError", '{"errorMessage": "line 3: 2 cells", "errorType": "InvalidDatasetError"}')


def answer(payload: object) -> dict[str, Any]:
    return {"Return": {"StatusCode": 200, "Payload": payload}}


def always(payload: object) -> dict[str, Any]:
    """The answer of every invocation, as often as a Map makes one."""
    return {"0-9": answer(payload)}


def failing(error: tuple[str, str], times: int, then: object = None) -> dict[str, Any]:
    """So many failures, then an answer if there is one."""
    forced = {"0" if times == 1 else f"0-{times - 1}": {"Throw": {"Error": error[0], "Cause": error[1]}}}
    return forced | ({str(times): answer(then)} if then is not None else {})


# Name of a case -> what each task answers that does not simply succeed.
ONE_SHARD = ["FetchAndValidate", "Summarize", "PublishArtifact"]
CASES: dict[str, dict[str, dict[str, Any]]] = {"Fine": {}, "Rejected": {"Summarize": {"0": answer(REJECTED)}}}
for _name in ONE_SHARD:
    CASES |= {
        f"{_name}ThrottledTwice": {_name: failing(THROTTLED, 2, ANSWERS[_name])},
        f"{_name}Unreachable": {_name: failing(UNREACHABLE, ATTEMPTS)},
        f"{_name}Throttled": {_name: failing(THROTTLED, THROTTLED_ATTEMPTS)},
        f"{_name}CrashedOnce": {_name: failing(OUT_OF_MEMORY, 1, ANSWERS[_name])},
        f"{_name}OutOfTime": {_name: failing(OUT_OF_TIME, CRASHED_ATTEMPTS)},
        f"{_name}OutOfMemory": {_name: failing(OUT_OF_MEMORY, CRASHED_ATTEMPTS)},
        f"{_name}Unknown": {_name: failing(UNKNOWN, CRASHED_ATTEMPTS)},
    }
for _name in ("FetchAndValidate", "Summarize"):
    CASES[f"{_name}Refused"] = {_name: failing(REFUSED, 1, ANSWERS[_name])}
_planned = {"FetchAndValidate": {"0": answer(PLANNED)}}
CASES |= {
    "ShardThrottledTwice": _planned | {"ValidateShard": failing(THROTTLED, 2, {"rows": 3})},
    "ShardOutOfMemory": _planned | {"ValidateShard": failing(OUT_OF_MEMORY, CRASHED_ATTEMPTS)},
    "CollectShardsThrottledTwice": _planned | {"CollectShards": failing(THROTTLED, 2, RUN)},
    "CollectShardsRefused": _planned | {"CollectShards": failing(REFUSED, 1, RUN)},
}
_choosing = {"FetchAndValidate": {"0": answer(CHOOSING)}}
CASES |= {
    "FoldsFine": _choosing | {"FitFold": always(ANSWERS["FitFold"])},
    "FoldThrottledTwice": _choosing
    | {"FitFold": failing(THROTTLED, 2) | {"2-9": answer(ANSWERS["FitFold"])}},
    "FoldThrottled": _choosing | {"FitFold": failing(THROTTLED, 2 * THROTTLED_ATTEMPTS)},
    "FoldRefused": _choosing | {"FitFold": failing(REFUSED, 1, ANSWERS["FitFold"])},
}
_spread = _planned | {"CollectShards": {"0": answer(RUN | {"spread": WIDE})}}
_by_moments = _spread | {"LearnColumns": {"0": answer(BY_MOMENTS)}}
CASES |= {
    "SpreadFine": _spread,
    "MomentsFine": _by_moments,
    "PlanRangesThrottledTwice": _spread | {"PlanRanges": failing(THROTTLED, 2, SPREAD)},
    "SummarizeShardThrottledTwice": _spread | {"SummarizeShard": failing(THROTTLED, 2, {"rows": 3})},
    "LearnColumnsThrottledTwice": _spread | {"LearnColumns": failing(THROTTLED, 2, SPREAD)},
    "GatherShardMomentsThrottledTwice": _by_moments
    | {"GatherShardMoments": failing(THROTTLED, 2, {"rows": 3})},
    "ChooseModelThrottledTwice": _spread | {"ChooseModel": failing(THROTTLED, 2, SPREAD)},
    "EvaluateShardThrottledTwice": _spread | {"EvaluateShard": failing(THROTTLED, 2, {"rows": 3})},
    "SummarizeShardOutOfMemory": _spread | {"SummarizeShard": failing(OUT_OF_MEMORY, CRASHED_ATTEMPTS)},
    "GatherShardMomentsOutOfMemory": _by_moments
    | {"GatherShardMoments": failing(OUT_OF_MEMORY, CRASHED_ATTEMPTS)},
    "EvaluateShardOutOfMemory": _spread | {"EvaluateShard": failing(OUT_OF_MEMORY, CRASHED_ATTEMPTS)},
    **{
        f"{name}Refused": _spread | {name: failing(REFUSED, 1, SPREAD)}
        for name in ("PlanRanges", "LearnColumns", "ChooseModel")
    },
}
OF_RANGES = ["PlanRanges", "LearnColumns", "ChooseModel"]
ITEMS_OF_RANGES = ["SummarizeShard", "GatherShardMoments", "EvaluateShard"]
LEFT_UNCAUGHT = {
    "Unreachable": (UNREACHABLE, ATTEMPTS),
    "Throttled": (THROTTLED, THROTTLED_ATTEMPTS),
    "OutOfTime": (OUT_OF_TIME, CRASHED_ATTEMPTS),
    "OutOfMemory": (OUT_OF_MEMORY, CRASHED_ATTEMPTS),
    "Unknown": (UNKNOWN, CRASHED_ATTEMPTS),
}


def impatient(definition: dict[str, Any]) -> dict[str, Any]:
    """The same definition, whose retries come within a second."""
    quick = deepcopy(definition)
    inner = [
        state
        for each in quick["States"].values()
        if each["Type"] == "Map"
        for state in each["ItemProcessor"]["States"].values()
    ]
    for state in [*quick["States"].values(), *inner]:
        for rule in state.get("Retry", []):
            rule.update(IntervalSeconds=1, BackoffRate=1.0, MaxDelaySeconds=1)
    return quick


def finished(states: Any, arn: str, timeout: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, f"{arn} still runs"
        time.sleep(0.05)
    return execution


@pytest.fixture(scope="module")
def outcomes(forced, definition) -> Callable[[str], tuple[dict[str, Any], list[str]]]:
    """What became of a case: the execution, and the attempts at tasks, in order. All cases run side by side."""
    cases, responses = {}, {}
    for case, given in CASES.items():
        cases[case] = {name: f"{case}{name}" for name in ANSWERS}
        for name in ANSWERS:
            responses[f"{case}{name}"] = given.get(name, {"0": answer(ANSWERS[name])})
    configuration = {"StateMachines": {MACHINE: {"TestCases": cases}}, "MockedResponses": responses}
    (forced.folder / "forced.json").write_text(json.dumps(configuration))
    storage, states = forced.client("s3"), forced.client("stepfunctions")
    storage.create_bucket(Bucket=SHARDS["bucket"])
    shards = json.dumps([{"index": 0, "start": 12, "end": 99}]).encode()
    storage.put_object(Bucket=SHARDS["bucket"], Key=SHARDS["key"], Body=shards)
    ranges = json.dumps([{"index": 0, "first": 0, "rows": 3}]).encode()
    storage.put_object(Bucket=RANGES["bucket"], Key=RANGES["key"], Body=ranges)
    machine = states.create_state_machine(
        name=MACHINE, definition=json.dumps(impatient(definition)), roleArn=ROLE
    )["stateMachineArn"]
    started = {
        case: states.start_execution(stateMachineArn=f"{machine}#{case}", input="{}")["executionArn"]
        for case in CASES
    }

    def outcome(case: str) -> tuple[dict[str, Any], list[str]]:
        execution = finished(states, started[case])
        return execution, attempts(states, started[case])

    return outcome


def attempts(states: Any, arn: str) -> list[str]:
    """The name of the task of every attempt."""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    found, name = [], ""
    for event in (event for page in pages for event in page["events"]):
        name = event.get("stateEnteredEventDetails", {}).get("name", name)
        found += [name] if event["type"] == "TaskScheduled" else []
    return found


def test_without_a_failure_each_task_is_tried_once(outcomes):
    execution, tried = outcomes("Fine")

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == PUBLISHED
    assert tried == ONE_SHARD


@pytest.mark.parametrize("task", ONE_SHARD)
def test_a_task_that_is_throttled_twice_is_tried_a_third_time_and_the_execution_succeeds(outcomes, task):
    execution, tried = outcomes(f"{task}ThrottledTwice")

    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"]) == PUBLISHED
    assert {name: tried.count(name) for name in ONE_SHARD} == dict.fromkeys(ONE_SHARD, 1) | {task: 3}


@pytest.mark.parametrize("task", ONE_SHARD)
def test_a_lambda_that_crashes_once_costs_an_attempt_and_not_the_execution(outcomes, task):
    execution, tried = outcomes(f"{task}CrashedOnce")

    assert execution["status"] == "SUCCEEDED", execution
    assert {name: tried.count(name) for name in ONE_SHARD} == dict.fromkeys(ONE_SHARD, 1) | {task: 2}


@pytest.mark.parametrize("task", ONE_SHARD)
@pytest.mark.parametrize("failure", LEFT_UNCAUGHT)
def test_an_operational_failure_ends_the_execution_under_its_own_name(outcomes, task, failure):
    """Uncaught, so that a redrive resumes here; retried as often as it may help, which is once after a crash."""
    (error, cause), times = LEFT_UNCAUGHT[failure]
    execution, tried = outcomes(f"{task}{failure}")

    assert (execution["status"], execution["error"], execution["cause"]) == ("FAILED", error, cause)
    assert tried == ONE_SHARD[: ONE_SHARD.index(task)] + [task] * times


@pytest.mark.parametrize("task", ["FetchAndValidate", "Summarize"])
def test_refused_data_is_not_tried_again_and_ends_with_the_message_alone(outcomes, task):
    execution, tried = outcomes(f"{task}Refused")

    assert (execution["error"], execution["cause"]) == ("InvalidDatasetError", "line 3: 2 cells")
    assert tried.count(task) == 1
    assert "PublishArtifact" not in tried


def test_a_rejected_model_is_not_published(outcomes):
    execution, tried = outcomes("Rejected")

    assert (execution["status"], execution["error"]) == ("FAILED", "ModelRejectedError")
    assert execution["cause"] == REJECTED["gate"]["cause"]
    assert tried == ["FetchAndValidate", "Summarize"]


@pytest.mark.parametrize("case", ["ShardThrottledTwice", "CollectShardsThrottledTwice"])
def test_a_shard_and_the_collecting_of_shards_survive_throttling(outcomes, case):
    execution, tried = outcomes(case)

    assert execution["status"] == "SUCCEEDED", execution
    assert tried.count("CollectShards") == (3 if case.startswith("Collect") else 1)
    assert json.loads(execution["output"]) == PUBLISHED


@pytest.mark.parametrize("case", ["FoldsFine", "FoldThrottledTwice"])
def test_the_folds_are_fitted_before_the_summary_and_survive_throttling(outcomes, case):
    execution, tried = outcomes(case)

    assert execution["status"] == "SUCCEEDED", execution
    assert tried.count("FitFold") == (4 if case == "FoldThrottledTwice" else 2)
    assert tried.index("Summarize") > max(i for i, name in enumerate(tried) if name == "FitFold")


def test_a_fold_that_fails_ends_the_execution_as_any_task_would(outcomes):
    throttled, _ = outcomes("FoldThrottled")
    refused, tried = outcomes("FoldRefused")

    assert (throttled["status"], throttled["error"]) == ("FAILED", THROTTLED[0])
    assert (refused["error"], refused["cause"]) == ("InvalidDatasetError", "line 3: 2 cells")
    assert "Summarize" not in tried


@pytest.mark.parametrize(
    ("case", "maps"),
    [
        ("SpreadFine", ["ValidateShards", "SummarizeShards", "EvaluateShards"]),
        ("MomentsFine", ["ValidateShards", "SummarizeShards", "GatherMoments", "EvaluateShards"]),
    ],
)
def test_data_of_several_ranges_goes_through_a_map_for_each_stage(forced, outcomes, case, maps):
    execution, tried = outcomes(case)
    runs = forced.client("stepfunctions").list_map_runs(executionArn=execution["executionArn"])["mapRuns"]

    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"]) == PUBLISHED
    assert tried == ["FetchAndValidate", "CollectShards", *OF_RANGES, "Summarize", "PublishArtifact"]
    assert sorted(run["mapRunArn"].split("/")[1].split(":")[0] for run in runs) == sorted(maps)


@pytest.mark.parametrize("task", [*OF_RANGES, *ITEMS_OF_RANGES])
def test_a_range_and_the_tasks_between_the_maps_survive_throttling(outcomes, task):
    execution, tried = outcomes(f"{task}ThrottledTwice")

    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"]) == PUBLISHED
    assert [name for name in OF_RANGES if tried.count(name) == 3] == [task] * (task in OF_RANGES)


@pytest.mark.parametrize("task", OF_RANGES)
def test_what_the_tasks_between_the_maps_refuse_ends_with_the_message_alone(outcomes, task):
    execution, tried = outcomes(f"{task}Refused")

    assert (execution["error"], execution["cause"]) == ("InvalidDatasetError", "line 3: 2 cells")
    assert tried[-1] == task


@pytest.mark.parametrize("item", ["Shard", *ITEMS_OF_RANGES])
def test_an_item_that_runs_out_of_memory_twice_is_counted_as_failed_and_none_may_fail(forced, outcomes, item):
    """AWS ends the Map by that. LocalStack 4.14 goes on, and the task that collects then misses the item's result."""
    execution, _ = outcomes(f"{item}OutOfMemory")
    states = forced.client("stepfunctions")
    runs = states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    described = [states.describe_map_run(mapRunArn=one["mapRunArn"]) for one in runs]
    (run,) = [one for one in described if one["itemCounts"]["failed"]]

    assert run["toleratedFailureCount"] == 0
    assert (run["itemCounts"]["failed"], run["itemCounts"]["succeeded"]) == (1, 0)


def test_data_refused_in_a_shard_ends_with_the_message_alone(outcomes):
    execution, tried = outcomes("CollectShardsRefused")

    assert (execution["error"], execution["cause"]) == ("InvalidDatasetError", "line 3: 2 cells")
    assert tried == ["FetchAndValidate", "CollectShards"]


FUNCTION = b"""
def out_of_time(event, context):
    while True:
        pass

def out_of_memory(event, context):
    held = []
    while True:
        held.append(bytearray(1 << 22))
"""


@pytest.fixture(scope="module")
def run_really_failing(forced, definition) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """Executes the machine with a real first function of 128 MB: this handler of FUNCTION.

    seconds: the function's timeout; patience: the state's, its own by default.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("failing.py", FUNCTION)
    functions, states = forced.client("lambda"), forced.client("stepfunctions")

    def run(handler: str, seconds: int, patience: int | None) -> tuple[dict[str, Any], list[str]]:
        name = f"{handler}-{seconds}"
        arn = functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=ROLE,
            Handler=f"failing.{handler}",
            Timeout=seconds,
            MemorySize=128,
            Code={"ZipFile": archive.getvalue()},
        )["FunctionArn"]
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        real = impatient(definition)
        task = real["States"]["FetchAndValidate"]
        task["Parameters"]["FunctionName"] = arn
        task["TimeoutSeconds"] = patience or task["TimeoutSeconds"]
        machine = states.create_state_machine(name=name, definition=json.dumps(real), roleArn=ROLE)
        started = states.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")
        execution = finished(states, started["executionArn"])
        return execution, attempts(states, started["executionArn"])

    return run


@pytest.mark.parametrize(
    ("handler", "seconds", "errors", "message"),
    [
        (
            "out_of_time",
            1,
            {"Sandbox.Timedout": CRASHED_ATTEMPTS},
            "Task timed out after 1.00 seconds",
        ),
        # Under its own name it is no chance, and is not tried again; Lambda may also say that the process was killed.
        (
            "out_of_memory",
            60,
            {"Runtime.OutOfMemory": 1, "Runtime.ExitError": CRASHED_ATTEMPTS},
            "signal: killed",
        ),
    ],
)
def test_a_real_function_out_of_time_or_memory_ends_the_execution_and_the_user_reads_why(
    run_really_failing, handler, seconds, errors, message
):
    """errors: by name, how often the task is tried."""
    execution, tried = run_really_failing(handler, seconds, None)

    assert execution["status"] == "FAILED"
    assert execution["error"] in errors
    assert message in json.loads(execution["cause"])["errorMessage"]
    assert tried == ["FetchAndValidate"] * errors[execution["error"]]


def test_a_state_that_waits_in_vain_is_not_tried_again(run_really_failing):
    execution, tried = run_really_failing("out_of_time", 3, patience=1)

    assert (execution["status"], execution["error"]) == ("FAILED", "States.Timeout")
    assert tried == ["FetchAndValidate"]
