"""The policies hold for the definition, and each finds a definition that breaks it."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import policies
import pytest
from policies import POLICIES, TRANSIENT, Json, caught, machines
from raised_errors import ERRORS, PERMANENT, Source, entries_of

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "statemachine/training_pipeline.asl.json").read_text()
MACHINE = json.loads(TEXT)
TERRAFORM = (ROOT / "infra/state_machine.tf").read_text()

# Task -> step folder, and what of the step's handler it calls.
CALLS = {
    "FetchAndValidate": ("fetch_and_validate", {"task_in", "TrainingRequest.from_event", "stage"}),
    "ValidateShard": ("fetch_and_validate", {"task_in", "ShardTask.from_event", "validate_shard"}),
    "CollectShards": ("fetch_and_validate", {"task_in", "CollectTask.from_event", "collect_shards"}),
    "PlanRanges": ("summarize", {"task_in", "ValidatedDataset.from_event", "plan_ranges"}),
    "SummarizeShard": ("summarize", {"task_in", "RangeTask.from_event", "summarize_shard"}),
    "LearnColumns": ("summarize", {"task_in", "ValidatedDataset.from_event", "learn_columns"}),
    "GatherShardMoments": ("summarize", {"task_in", "RangeTask.from_event", "gather_shard_moments"}),
    "ChooseModel": ("summarize", {"task_in", "ValidatedDataset.from_event", "choose_of_ranges"}),
    "EvaluateShard": ("summarize", {"task_in", "RangeTask.from_event", "evaluate_shard"}),
    "FitFold": ("summarize", {"task_in", "FoldTask.from_event", "fit_fold"}),
    "Summarize": ("summarize", {"task_in", "ValidatedDataset.from_event", "summarize"}),
    "PublishArtifact": ("publish_artifact", {"task_in", "TrainingSummary.from_event", "publish"}),
}
# S3 refuses a write for what is there only where the write has a condition, and `write` has none.
NOT_BY_AN_UNCONDITIONAL_WRITE = {
    "FetchAndValidate": {"ArtifactConflictError"},
    "CollectShards": {"ArtifactConflictError"},
    **{name: {"ArtifactConflictError"} for name in ("PlanRanges", "LearnColumns", "FitFold", "ChooseModel")},
    "Summarize": {"ArtifactConflictError"},
    "PublishArtifact": set(),
}
# What a handler refers to besides: values, types that it looks at, and the way in without a state machine.
RAISES_NOTHING_HERE = {
    *("Config", "Config.from_environment", "config", "event", "storage", "dataset", "summary"),
    *("TrainingRequest", "ShardTask", "CollectTask", "FoldTask", "ValidatedDataset", "TrainingSummary"),
    *("output_of_previous_step", "RangeTask", "_OF_RANGES"),
}


def state(machine: Json, name: str) -> Json:
    return next(part["States"][name] for part in machines(machine) if name in part["States"])


def retry(machine: Json, name: str) -> Json:
    return state(machine, name)["Retry"][0]


def can_raise(task: str) -> set[str]:
    step, entries = CALLS[task]
    return (Source(step).errors_of(entries) & PERMANENT) - NOT_BY_AN_UNCONDITIONAL_WRITE[task]


def a_task_of_the_map(name: str) -> Callable[[Json], object]:
    """Breaks the same rule in the item processor."""
    return lambda machine: retry(machine, "ValidateShard").pop(name)


BROKEN: list[tuple[Callable[[Json], list[str]], str, Callable[[Json], object]]] = [
    (
        policies.every_task_has_a_timeout,
        "Summarize has no TimeoutSeconds",
        lambda machine: state(machine, "Summarize").pop("TimeoutSeconds"),
    ),
    (
        policies.every_task_has_a_timeout,
        "ValidateShard has no TimeoutSeconds",
        lambda machine: state(machine, "ValidateShard").pop("TimeoutSeconds"),
    ),
    (
        policies.every_task_has_a_timeout,
        "the machine has no TimeoutSeconds",
        lambda machine: machine.pop("TimeoutSeconds"),
    ),
    (
        policies.every_task_retries_what_is_transient,
        "ValidateShard does not retry Lambda.TooManyRequestsException",
        lambda machine: state(machine, "ValidateShard")["Retry"].pop(0),
    ),
    (
        policies.throttling_is_waited_for_in_minutes,
        "FitFold has no retrier of its own for throttling",
        lambda machine: retry(machine, "FitFold")["ErrorEquals"].append("TransientStorageError"),
    ),
    (
        policies.throttling_is_waited_for_in_minutes,
        "ValidateShard gives up on a throttled Lambda within minutes",
        lambda machine: retry(machine, "ValidateShard").update(MaxAttempts=5, MaxDelaySeconds=10),
    ),
    (
        policies.what_crashed_is_tried_once_more,
        "Summarize tries a crashed Lambda 5 times more",
        lambda machine: state(machine, "Summarize")["Retry"][2].update(MaxAttempts=5),
    ),
    (
        policies.every_task_retries_what_is_transient,
        "CollectShards does not retry TransientStorageError",
        lambda machine: state(machine, "CollectShards").pop("Retry"),
    ),
    (
        policies.retries_are_spread_and_bounded,
        "ValidateShard retries without full jitter",
        a_task_of_the_map("JitterStrategy"),
    ),
    (
        policies.retries_are_spread_and_bounded,
        "ValidateShard retries without a cap on the delay",
        a_task_of_the_map("MaxDelaySeconds"),
    ),
    (
        policies.retries_are_spread_and_bounded,
        "Summarize retries never or without end",
        lambda machine: retry(machine, "Summarize").update(MaxAttempts=0),
    ),
    (
        policies.retries_are_spread_and_bounded,
        "Summarize retries without backoff",
        lambda machine: retry(machine, "Summarize").update(BackoffRate=1.0),
    ),
    (
        policies.only_what_is_transient_is_retried,
        "FetchAndValidate retries InvalidDatasetError",
        lambda machine: retry(machine, "FetchAndValidate")["ErrorEquals"].append("InvalidDatasetError"),
    ),
    (
        policies.only_what_is_transient_is_retried,
        "Summarize retries States.TaskFailed",
        lambda machine: retry(machine, "Summarize")["ErrorEquals"].append("States.TaskFailed"),
    ),
    (
        policies.errors_of_ours_exist,
        "Summarize names InvalidDataError, which no class has",
        lambda machine: state(machine, "Summarize")["Catch"][0]["ErrorEquals"].append("InvalidDataError"),
    ),
    (
        policies.only_permanent_errors_are_caught,
        "PublishArtifact catches States.ALL",
        lambda machine: state(machine, "PublishArtifact")["Catch"].append(
            {"ErrorEquals": ["States.ALL"], "Next": "ReadErrorMessage"}
        ),
    ),
    (
        policies.only_permanent_errors_are_caught,
        "Summarize catches TransientStorageError",
        lambda machine: state(machine, "Summarize")["Catch"][0]["ErrorEquals"].append(
            "TransientStorageError"
        ),
    ),
    (
        policies.a_caught_error_ends_the_execution_under_its_name,
        "DatasetNotFoundError caught by FetchAndValidate does not end the execution under its name",
        lambda machine: state(machine, "ReadErrorMessage")["Parameters"].pop("Error.$"),
    ),
    (
        policies.a_caught_error_ends_the_execution_under_its_name,
        "InvalidDatasetError caught by Summarize does not end the execution under its name",
        lambda machine: state(machine, "ReadErrorMessage").update(Next="Summarize"),
    ),
    (
        policies.a_caught_error_ends_the_execution_under_its_name,
        "ArtifactConflictError caught by PublishArtifact does not end the execution under its name",
        lambda machine: state(machine, "RunFailed").update(ErrorPath="$.Exception.errorType"),
    ),
    (
        policies.every_fail_state_has_its_error_and_cause_from_what_happened,
        "RunFailed has no ErrorPath or no CausePath",
        lambda machine: state(machine, "RunFailed").pop("CausePath"),
    ),
    (
        policies.an_error_that_a_state_makes_up_exists,
        "RejectModel makes up ModelRejected, which no class has",
        lambda machine: state(machine, "RejectModel")["Parameters"].update(Error="ModelRejected"),
    ),
    (
        policies.every_state_is_reached,
        "RejectModel is never reached",
        lambda machine: state(machine, "IsModelGoodEnough").update(Default="PublishArtifact"),
    ),
    (
        policies.every_state_is_reached,
        "Tidy is never reached",
        lambda machine: state(machine, "ValidateShards")["ItemProcessor"]["States"].update(
            Tidy={"Type": "Succeed"}
        ),
    ),
    (
        policies.every_target_exists,
        "Publish does not exist",
        lambda machine: state(machine, "IsModelGoodEnough")["Choices"][0].update(Next="Publish"),
    ),
    (
        policies.every_state_leads_to_an_end,
        "Summarize leads to no end",
        lambda machine: (
            state(machine, "IsModelGoodEnough").update(Default="Summarize"),
            state(machine, "IsModelGoodEnough")["Choices"][0].update(Next="Summarize"),
            state(machine, "Summarize").pop("Catch"),
        ),
    ),
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_the_definition_keeps_the_policy(policy):
    assert policy(MACHINE) == []


@pytest.mark.parametrize(("policy", "finding", "breaks"), BROKEN, ids=[finding for _, finding, _ in BROKEN])
def test_a_definition_that_breaks_the_policy_is_found(policy, finding, breaks):
    machine = deepcopy(MACHINE)
    breaks(machine)

    assert finding in policy(machine)


def test_each_policy_is_tried_on_a_broken_definition():
    assert {policy for policy, _, _ in BROKEN} == set(POLICIES)


def test_our_own_errors_are_either_permanent_or_transient():
    assert {error for error in TRANSIENT if "." not in error} == ERRORS - PERMANENT
    assert set().union(*(caught(task) for _, task in policies.tasks(MACHINE))) == PERMANENT


@pytest.mark.parametrize("task", NOT_BY_AN_UNCONDITIONAL_WRITE)
def test_a_task_catches_exactly_what_the_code_of_its_step_can_raise(task):
    """What a fold raises is caught around the Map, which ends with the error of its item."""
    catching = {"FitFold": "FitFolds"}.get(task, task)
    assert caught(state(MACHINE, catching)) == can_raise(task)


def test_every_task_can_meet_the_transient_error():
    for task, (step, entries) in CALLS.items():
        assert "TransientStorageError" in Source(step).errors_of(entries), task
    assert CALLS.keys() == dict(policies.tasks(MACHINE)).keys()


@pytest.mark.parametrize("step", ["fetch_and_validate", "summarize", "publish_artifact"])
def test_the_handler_calls_what_the_tasks_are_said_to_call(step):
    """In the state machine every event is a step's output, so nothing is sent to the step before."""
    said = set().union(*(entries for of, entries in CALLS.values() if of == step))

    assert entries_of(step) - RAISES_NOTHING_HERE == said


def test_every_placeholder_is_filled_in_by_terraform():
    wanted = set(re.findall(r"\$\{(\w+)\}", TEXT))
    steps = set(
        re.findall(r"^    ([\w-]+) += \{\s+previous +=", (ROOT / "infra/functions.tf").read_text(), re.M)
    )
    given = {f"{step.replace('-', '_')}_arn" for step in steps}
    given |= set(re.findall(r"\{ (\w+) = (?:local|var)\.\w+ \}", TERRAFORM))

    assert (
        'for step, function in aws_lambda_function.step : "${replace(step, "-", "_")}_arn" => function.qualified_arn'
        in TERRAFORM
    )
    assert wanted == given
