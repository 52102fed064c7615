"""Each state of the definition alone, by TestState: what it puts out, what it retries, where its errors go."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config as ClientConfig
from localstack_client.session import Session

OF_RANGES = ["PlanRanges", "LearnColumns", "ChooseModel"]
ITEMS_OF_RANGES = {
    "SummarizeShards": "SummarizeShard",
    "GatherMoments": "GatherShardMoments",
    "EvaluateShards": "EvaluateShard",
}
TASKS = [
    *("FetchAndValidate", "ValidateShard", "CollectShards"),
    *(*OF_RANGES, *ITEMS_OF_RANGES.values()),
    *("FitFold", "Summarize", "PublishArtifact"),
]
MAPS = ["ValidateShards", *ITEMS_OF_RANGES, "FitFolds"]
WIDE = {
    "plan": {"bucket": "artifacts", "key": "plan.json", "sha256": "ab"},
    "ranges": {"bucket": "artifacts", "key": "ranges.json", "sha256": "cd", "count": 2},
    "moments": False,
    "columns": None,
    "choice": None,
}
EVENT = {
    "run": {
        "run_id": "0123456789abcdef0123",
        "execution_arn": "arn:aws:states:us-east-1:000000000000:execution:training-pipeline:one",
        "conditions": {"force": False, "newest": True, "current_model": None},
        "cached": [],
    },
    "dataset": {"rows": 3},
    "plan": {"bucket": "artifacts", "key": "plan.json", "sha256": "ab"},
    "shards": {"bucket": "artifacts", "key": "shards.json", "sha256": "cd", "count": 2},
    "shard": {"index": 0, "start": 12, "end": 99},
    "folds": [{"index": 0, "count": 2}, {"index": 1, "count": 2}],
    "fold": {"index": 1, "count": 2},
    "spread": WIDE,
    "range": {"index": 1, "first": 4096, "rows": 99},
    "warnings": [],
    "leaderboard": [],
    "decision": None,
    "metrics": {"accuracy": 0.7},
    "verdict": None,
    "regression": None,
    "drift": None,
    "gate": {"passed": True, "cause": ""},
    "summary": {"bucket": "artifacts", "key": "summary.json", "sha256": "ef"},
}
ONE_SHARD = {name: EVENT[name] for name in ("run", "dataset", "folds")} | {"spread": None}
FAULTS = [
    "TransientStorageError",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
]
THROTTLED = "Lambda.TooManyRequestsException"
CRASHES = ["Sandbox.Timedout", "Lambda.Unknown", "Runtime.ExitError"]
# Seconds before the first retry, before the jitter; and how many there are.
RETRIES = dict.fromkeys(FAULTS, (1, 5)) | {THROTTLED: (2, 20)} | dict.fromkeys(CRASHES, (1, 1))
# Seconds before each retry of a fault, before the cap and the jitter.
BACKOFF = [1, 2, 4, 8, 16]
UNCAUGHT = ["Runtime.OutOfMemory", "States.Timeout"]
CAUGHT = {
    "FetchAndValidate": [
        "InvalidRequestError",
        "DatasetNotFoundError",
        "InvalidDatasetError",
        "DatasetChangedError",
    ],
    **{name: [] for name in ("ValidateShard", *ITEMS_OF_RANGES.values())},
    "FitFold": [],
    **{
        name: ["InvalidRequestError", "InvalidDatasetError", "DatasetChangedError"]
        for name in ("CollectShards", *OF_RANGES, "Summarize")
    },
    "PublishArtifact": [
        "InvalidRequestError",
        "DatasetChangedError",
        "ModelRejectedError",
        "ArtifactConflictError",
    ],
}
PERMANENT = sorted(set().union(*CAUGHT.values()))


@pytest.fixture(scope="module")
def run_state(forced, definition) -> Callable[..., dict[str, Any]]:
    """Calls TestState for one state; what a task's function answers (or a map puts out) or raises is given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", forced.endpoint)
        client = Session(**forced.keys).client("stepfunctions", config=ClientConfig(inject_host_prefix=False))
    forced.client("s3").create_bucket(
        Bucket="artifacts"
    )  # a mocked Map's results are written there all the same
    states = definition["States"]
    for each in MAPS:
        states = states | states[each]["ItemProcessor"]["States"]

    def run(
        name: str,
        event: object = EVENT,
        *,
        answer: object | None = None,
        result: list | dict | None = None,
        error: str | None = None,
        cause: str = '{"errorMessage": "why"}',
        retries: int = 0,
    ) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if answer is not None:
            options["mock"] = {"result": json.dumps({"StatusCode": 200, "Payload": json.dumps(answer)})}
        if result is not None:
            options["mock"] = {"result": json.dumps(result)}
        if error is not None:
            options["mock"] = {"errorOutput": {"error": error, "cause": cause}}
            options["stateConfiguration"] = {"retrierRetryCount": retries}
        return client.test_state(
            definition=json.dumps(states[name]),
            input=json.dumps(event),
            inspectionLevel="DEBUG",
            **options,
        )

    return run


def run_all(run_state: Callable, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Side by side: a retry waits, here as in an execution."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: run_state(**call), calls))


def sent_to_the_function(tested: dict[str, Any]) -> Any:
    return json.loads(tested["inspectionData"]["afterParameters"])["Payload"]


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("FetchAndValidate", "HowManyShards"),
        ("CollectShards", "IsOneLambdaEnough"),
        ("PlanRanges", "SummarizeShards"),
        ("LearnColumns", "AreMomentsEnough"),
        ("ChooseModel", "EvaluateShards"),
        ("Summarize", "IsModelGoodEnough"),
        ("PublishArtifact", None),
    ],
)
def test_a_task_puts_out_what_its_function_answers_and_goes_on(run_state, name, following):
    tested = run_state(name, answer={"run": {}, "gate": {"passed": True}})

    assert tested["status"] == "SUCCEEDED"
    assert tested.get("nextState") == following
    # A mocked Payload is a text, and so is the output made of it.
    assert json.loads(json.loads(tested["output"])) == {"run": {}, "gate": {"passed": True}}


def test_the_first_task_is_sent_the_request_and_the_execution(run_state):
    sent = sent_to_the_function(run_state("FetchAndValidate", {"test_size": 0.3}, answer={}))

    assert sent.keys() == {"task", "request", "execution_arn"}
    assert sent["task"] == "FetchAndValidate"
    assert sent["request"] == {"test_size": 0.3}
    assert sent["execution_arn"].startswith("arn:aws:states:")


def test_the_other_tasks_are_sent_their_names_and_what_they_need_of_what_came_before(run_state):
    needs = {
        "CollectShards": ("run", "plan", "shards"),
        **dict.fromkeys([*OF_RANGES, "Summarize"], ("run", "dataset", "folds", "spread")),
        "PublishArtifact": (
            *("run", "dataset", "warnings", "leaderboard", "decision"),
            *("metrics", "verdict", "regression", "drift", "gate", "summary"),
        ),
    }
    for name, members in needs.items():
        sent = {"task": name} | {member: EVENT[member] for member in members}
        assert sent_to_the_function(run_state(name, answer={})) == sent
    item = {"task": "ValidateShard", "run": EVENT["run"], "plan": EVENT["plan"], "shard": EVENT["shard"]}
    assert sent_to_the_function(run_state("ValidateShard", item, answer={})) == item
    item = {"task": "FitFold"} | {name: EVENT[name] for name in ("run", "dataset", "spread", "fold")}
    assert sent_to_the_function(run_state("FitFold", item, error=FAULTS[0])) == item
    for task in ITEMS_OF_RANGES.values():
        item = {"task": task} | {name: EVENT[name] for name in ("run", "dataset", "spread", "range")}
        assert sent_to_the_function(run_state(task, item, answer={})) == item


@pytest.mark.parametrize("name", ["ValidateShard", *ITEMS_OF_RANGES.values()])
def test_an_item_of_a_distributed_map_puts_nothing_out(run_state, name):
    tested = run_state(name, answer={"rows": 10**6})

    assert (tested["status"], tested["output"]) == ("SUCCEEDED", "{}")


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("ValidateShards", "CollectShards"),
        ("SummarizeShards", "LearnColumns"),
        ("GatherMoments", "ChooseModel"),
        ("EvaluateShards", "Summarize"),
    ],
)
def test_a_distributed_map_keeps_its_input_and_tolerates_no_failure(run_state, name, following):
    written = {"MapRunArn": "arn", "ResultWriterDetails": {"Bucket": "artifacts", "Key": "manifest.json"}}
    done = run_state(name, EVENT, result=written)
    failed = run_state(name, EVENT, error="States.ExceedToleratedFailureThreshold")

    assert (done["status"], done["nextState"]) == ("SUCCEEDED", following)
    assert json.loads(done["output"]) == EVENT
    assert done["inspectionData"]["toleratedFailureCount"] == 0
    assert (failed["status"], failed["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_what_the_folds_put_out_takes_the_place_of_the_list_of_them(run_state):
    fitted = [fold | {"bucket": "artifacts", "key": "fold.json", "sha256": "ab"} for fold in EVENT["folds"]]
    done = run_state("FitFolds", EVENT, result=fitted)

    assert (done["status"], done["nextState"]) == ("SUCCEEDED", "IsWorkSpread")
    assert json.loads(done["output"]) == EVENT | {"folds": fitted}


def test_the_folds_end_with_the_error_of_one_of_them(run_state):
    """An inline Map fails as its item failed, under the same name: what is permanent is caught here."""
    caught = {error: run_state("FitFolds", EVENT, error=error) for error in [*PERMANENT, *UNCAUGHT, *CRASHES]}

    named = {error for error, tested in caught.items() if tested["status"] == "CAUGHT_ERROR"}
    assert named == set(CAUGHT["Summarize"])
    assert {caught[error]["nextState"] for error in named} == {"ReadErrorMessage"}
    assert {tested["status"] for error, tested in caught.items() if error not in named} == {"FAILED"}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_retries_each_transient_error_with_growing_waits_and_then_fails_with_it(run_state, name):
    first = [{"name": name, "error": error} for error in RETRIES]
    later = [{"name": name, "error": FAULTS[0], "retries": count} for count in range(1, len(BACKOFF))]
    tested = run_all(run_state, first + later)
    over = run_all(run_state, [call | {"retries": RETRIES[call["error"]][1]} for call in first])

    assert [answer["error"] for answer in tested[: len(first)]] == list(RETRIES)
    assert {answer["status"] for answer in tested} == {"RETRIABLE"}
    waits = [answer["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"] for answer in tested]
    assert waits == [interval for interval, _ in RETRIES.values()] + BACKOFF[1:]
    assert [(answer["status"], answer["error"]) for answer in over] == [
        ("FAILED", error) for error in RETRIES
    ]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_catches_the_errors_of_its_step_at_once_and_no_others(run_state, name):
    cause = '{"errorMessage": "line 3: too long", "errorType": "some"}'
    tested = {error: run_state(name, error=error, cause=cause) for error in PERMANENT}

    caught = {error: answer for error, answer in tested.items() if answer["status"] == "CAUGHT_ERROR"}
    assert sorted(caught) == sorted(CAUGHT[name])
    assert {answer["nextState"] for answer in caught.values()} <= {"ReadErrorMessage"}
    for error, answer in caught.items():
        assert json.loads(answer["output"]) == {"Error": error, "Cause": cause}
    others = [answer["status"] for error, answer in tested.items() if error not in caught]
    assert others == ["FAILED"] * len(others)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_ran_out_of_memory_or_patience_fails_at_once_under_the_name_of_that(run_state, name):
    """It would run out of them again: a person gives it more and redrives the execution."""
    for error in UNCAUGHT:
        tested = run_state(name, error=error, cause="RequestId: 1 Error: Task timed out after 900.00 seconds")

        assert (tested["status"], tested["error"]) == ("FAILED", error)
        assert tested["cause"] == "RequestId: 1 Error: Task timed out after 900.00 seconds"
        assert "nextState" not in tested


@pytest.mark.parametrize(
    ("name", "event", "following"),
    [
        ("HowManyShards", EVENT, "ValidateShards"),
        ("HowManyShards", ONE_SHARD, "IsOneLambdaEnough"),
        ("IsOneLambdaEnough", ONE_SHARD, "FitFolds"),
        ("IsOneLambdaEnough", EVENT, "PlanRanges"),
        ("AreMomentsEnough", EVENT, "FitFolds"),
        ("AreMomentsEnough", EVENT | {"spread": WIDE | {"moments": True}}, "GatherMoments"),
        ("IsWorkSpread", ONE_SHARD, "Summarize"),
        ("IsWorkSpread", EVENT, "ChooseModel"),
        ("IsModelGoodEnough", {"gate": {"passed": True, "cause": ""}}, "PublishArtifact"),
        ("IsModelGoodEnough", {"gate": {"passed": False, "cause": "accuracy is 0.4"}}, "RejectModel"),
    ],
)
def test_a_choice_goes_where_its_input_leads_and_changes_nothing(run_state, name, event, following):
    tested = run_state(name, event)

    assert (tested["status"], tested["nextState"]) == ("SUCCEEDED", following)
    assert json.loads(tested["output"]) == event


def test_a_verdict_that_is_missing_publishes_nothing(run_state):
    without = {name: value for name, value in EVENT.items() if name != "gate"}
    assert run_state("IsModelGoodEnough", without).get("nextState") != "PublishArtifact"
    assert run_state("RejectModel", without)["status"] == "FAILED"


def test_a_rejected_model_and_a_caught_error_look_alike_to_the_fail_state(run_state):
    rejected = run_state("RejectModel", {"gate": {"passed": False, "cause": "accuracy is 0.4"}})
    payload = json.dumps({"errorMessage": 'a "quoted" name', "errorType": "InvalidDatasetError"})
    caught = run_state("ReadErrorMessage", {"Error": "InvalidDatasetError", "Cause": payload})

    assert (rejected["status"], rejected["nextState"]) == ("SUCCEEDED", "RunFailed")
    assert json.loads(rejected["output"]) == {
        "Error": "ModelRejectedError",
        "Exception": {"errorMessage": "accuracy is 0.4"},
    }
    assert (caught["status"], caught["nextState"]) == ("SUCCEEDED", "RunFailed")
    assert json.loads(caught["output"]) == {"Error": "InvalidDatasetError", "Exception": json.loads(payload)}


@pytest.mark.parametrize("error", PERMANENT)
def test_the_fail_state_ends_with_the_error_that_came_and_the_message_for_a_person(run_state, error):
    event = {"Error": error, "Exception": {"errorMessage": "line 3: what is wrong", "errorType": error}}
    tested = run_state("RunFailed", event)

    assert (tested["status"], tested["error"], tested["cause"]) == ("FAILED", error, "line 3: what is wrong")


def test_no_state_is_left_out(definition):
    inner = [name for each in MAPS for name in definition["States"][each]["ItemProcessor"]["States"]]
    tried = {*TASKS, *MAPS, "HowManyShards", "IsModelGoodEnough"}
    tried |= {"IsOneLambdaEnough", "AreMomentsEnough", "IsWorkSpread"}
    tried |= {"RejectModel", "ReadErrorMessage", "RunFailed"}

    assert tried == {*definition["States"], *inner}
