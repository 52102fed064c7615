"""History to steps. The events have the shapes that GetExecutionHistory documents."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from model_service_cli.runs.history import map_runs, steps
from model_service_cli.runs.steps import Failure, Step, changes, failed_step, message

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class History:
    """Writes a history: each call appends an event, linked to the one before unless `after` says otherwise."""

    def __init__(self):
        self.events = []

    def add(self, kind: str, after: int | None = None, at: float | None = None, **details) -> int:
        number = len(self.events) + 1
        event = {
            "type": kind,
            "id": number,
            "previousEventId": number - 1 if after is None else after,
            "timestamp": BEGIN + timedelta(seconds=number if at is None else at),
        }
        if kind.endswith(("StateEntered", "StateExited")):
            event[f"state{kind.rpartition('State')[2]}EventDetails"] = details
        elif details:
            event[f"{kind[0].lower()}{kind[1:]}EventDetails"] = details
        self.events.append(event)
        return number

    def task(self, name: str, *outcomes: str | None, exits: bool = True) -> "History":
        """A Task with an attempt per outcome: an error's name, or None for success. 1 s per event."""
        self.add("TaskStateEntered", name=name)
        for error in outcomes:
            self.add("TaskScheduled")
            self.add("TaskStarted")
            if error:
                self.add("TaskFailed", error=error, cause=f"{error} happened")
            else:
                self.add("TaskSucceeded")
        if exits:
            self.add("TaskStateExited", name=name)
        return self

    def __call__(self) -> list[Step]:
        return steps(self.events)


@pytest.fixture
def history():
    history = History()
    history.add("ExecutionStarted")
    return history


def summary(found: list[Step]) -> list[tuple]:
    return [(step.name, step.status, step.duration_ms, step.attempts) for step in found]


def test_no_events_are_no_steps():
    assert steps([]) == []


def test_a_chain_of_tasks_in_order_with_durations(history):
    history.task("First", None).task("Second", None).add("ExecutionSucceeded")
    assert summary(history()) == [("First", "SUCCEEDED", 4000, 1), ("Second", "SUCCEEDED", 4000, 1)]


def test_a_state_that_has_not_ended_is_running(history):
    history.task("First", None)
    history.add("TaskStateEntered", name="Second")
    assert summary(history())[1] == ("Second", "RUNNING", None, 1)


def test_retries_are_attempts_and_the_last_failure_stays_known(history):
    history.task("First", "TransientStorageError", "TransientStorageError", None)
    (step,) = history()
    assert (step.status, step.attempts) == ("SUCCEEDED", 3)
    assert step.failure == Failure("TransientStorageError", "TransientStorageError happened")


def test_a_caught_error_makes_the_step_failed_while_the_execution_goes_on(history):
    history.task("First", "InvalidDatasetError")
    history.add("PassStateEntered", name="Read")
    history.add("PassStateExited", name="Read")
    history.add("ChoiceStateEntered", name="Which")
    history.add("ChoiceStateExited", name="Which")
    history.add("FailStateEntered", name="InvalidDataset")
    history.add("ExecutionFailed", error="InvalidDatasetError", cause="line 3")
    found = history()
    assert [(step.name, step.kind, step.status) for step in found] == [
        ("First", "Task", "FAILED"),
        ("Read", "Pass", "SUCCEEDED"),
        ("Which", "Choice", "SUCCEEDED"),
        ("InvalidDataset", "Fail", "FAILED"),
    ]
    assert failed_step(found, "InvalidDatasetError").name == "First"


def test_an_uncaught_error_leaves_the_step_failed_without_an_exit_event(history):
    history.task("First", "Lambda.Unknown", exits=False)
    history.add("ExecutionFailed", error="Lambda.Unknown", cause="crashed")
    (step,) = history()
    assert (step.status, step.duration_ms) == ("FAILED", 4000)
    assert step.failure == Failure("Lambda.Unknown", "Lambda.Unknown happened")


@pytest.mark.parametrize(
    ("event", "status"), [("ExecutionTimedOut", "TIMED_OUT"), ("ExecutionAborted", "ABORTED")]
)
def test_the_end_of_the_execution_ends_what_runs(history, event, status):
    history.task("First", exits=False)
    history.add(event)
    assert summary(history()) == [("First", status, 1000, 1)]


def test_a_task_that_times_out_is_states_timeout(history):
    history.add("TaskStateEntered", name="First")
    history.add("TaskScheduled")
    history.add("TaskStarted")
    history.add("TaskTimedOut", resource="invoke", resourceType="lambda", error="States.Timeout")
    history.add("ExecutionFailed", error="States.Timeout")
    (step,) = history()
    assert (step.status, step.failure) == ("FAILED", Failure("States.Timeout", ""))


def test_a_fail_state_reached_without_an_error_is_the_one_to_blame(history):
    history.task("First", "TransientStorageError", None)
    history.add("FailStateEntered", name="ModelRejected")
    history.add("ExecutionFailed", error="ModelRejectedError", cause="accuracy is 0.4")
    found = history()
    assert failed_step(found, "ModelRejectedError").name == "ModelRejected"
    assert failed_step(found[:1], None) is None


def test_a_state_visited_twice_is_two_steps(history):
    history.task("Wait", None).task("Wait", None)
    assert [step.name for step in history()] == ["Wait", "Wait"]


def test_a_distributed_map_is_one_step(history):
    history.add("MapStateEntered", name="ParseShards")
    history.add("MapStateStarted", length=3)
    history.add("MapRunStarted", mapRunArn="arn:run")
    history.add("MapRunSucceeded")
    history.add("MapStateSucceeded")
    history.add("MapStateExited", name="ParseShards")
    history.task("Summarize", None)
    assert summary(history()) == [("ParseShards", "SUCCEEDED", 5000, 1), ("Summarize", "SUCCEEDED", 4000, 1)]


def test_a_failed_map_run_fails_the_map(history):
    history.add("MapStateEntered", name="ParseShards")
    history.add("MapStateStarted", length=3)
    history.add("MapRunStarted", mapRunArn="arn:run")
    history.add("MapRunFailed", error="States.ExceedToleratedFailureThreshold", cause="1 of 3 failed")
    history.add("MapStateFailed")
    history.add("ExecutionFailed", error="States.ExceedToleratedFailureThreshold", cause="1 of 3 failed")
    (step,) = history()
    assert step.status == "FAILED"
    assert step.failure == Failure("States.ExceedToleratedFailureThreshold", "1 of 3 failed")


def test_states_inside_an_inline_map_with_interleaved_iterations_are_not_steps(history):
    history.add("MapStateEntered", name="EachPart")
    started = history.add("MapStateStarted", length=2)
    one = history.add("MapIterationStarted", after=started, name="EachPart", index=0)
    two = history.add("MapIterationStarted", after=started, name="EachPart", index=1)
    inner_one = history.add("TaskStateEntered", after=one, name="Parse")
    inner_two = history.add("TaskStateEntered", after=two, name="Parse")
    tried_two = history.add("TaskScheduled", after=inner_two)
    failed_two = history.add("TaskFailed", after=tried_two, error="TransientStorageError", cause="")
    left_one = history.add("TaskStateExited", after=inner_one, name="Parse")
    history.add("MapIterationSucceeded", after=left_one, name="EachPart", index=0)
    left_two = history.add("TaskStateExited", after=failed_two, name="Parse")
    last = history.add("MapIterationSucceeded", after=left_two, name="EachPart", index=1)
    history.add("MapStateSucceeded", after=last)
    history.add("MapStateExited", name="EachPart")
    history.task("Summarize", None)
    assert [(step.name, step.status) for step in history()] == [
        ("EachPart", "SUCCEEDED"),
        ("Summarize", "SUCCEEDED"),
    ]


def test_an_inline_map_says_how_many_items_are_done_and_ends_when_all_are(history):
    history.add("MapStateEntered", name="FitFolds")
    started = history.add("MapStateStarted", length=2)
    looks = [history()]
    for index in range(2):
        begun = history.add("MapIterationStarted", after=started, name="FitFolds", index=index)
        entered = history.add("TaskStateEntered", after=begun, name="FitFold")
        left = history.add("TaskStateExited", after=entered, name="FitFold")
        ended = history.add("MapIterationSucceeded", after=left, name="FitFolds", index=index)
        looks.append(history())
    assert [step.items for (step,) in looks] == [(0, 2), (1, 2), (2, 2)]
    assert [step.name for before, after in pairwise(looks) for step in changes(before, after)] == [
        "FitFolds"
    ] * 2
    (step,) = looks[-1]
    assert (step.status, step.attempts, step.tries[0].ended_at) == ("RUNNING", 1, None)
    all_done = history.add("MapStateSucceeded", after=ended)
    history.add("MapStateExited", name="FitFolds")
    (step,) = history()
    assert (step.status, step.attempts) == ("SUCCEEDED", 1)
    assert step.tries[0].ended_at == BEGIN + timedelta(seconds=all_done)


def test_a_distributed_map_counts_no_items_in_the_history(history):
    map_begins(history)
    (step,) = history()
    assert step.items is None


def test_changes_are_what_began_ended_or_was_tried_again(history):
    history.task("First", None)
    before = history()
    history.add("TaskStateEntered", name="Second")
    entered = history()
    assert [step.name for step in changes(before, entered)] == ["Second"]
    assert list(changes(entered, entered)) == []
    history.add("TaskScheduled")
    assert list(changes(entered, history())) == []
    history.add("TaskFailed", error="TransientStorageError", cause="slow down")
    history.add("TaskScheduled")
    assert [(step.name, step.attempts) for step in changes(entered, history())] == [("Second", 2)]


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (
            json.dumps({"errorMessage": "line 3:\n no number", "errorType": "X", "stackTrace": []}),
            "line 3: no number",
        ),
        ("plain  text", "plain text"),
        ('{"other": 1}', '{"other": 1}'),
        ("[1]", "[1]"),
        ("", ""),
    ],
)
def test_the_message_of_a_cause(cause, text):
    assert message(cause) == text


def map_begins(history: History) -> None:
    history.add("MapStateEntered", name="ValidateShards", input='{"run": {"run_id": "r"}}')
    history.add("MapStateStarted", length=0)
    history.add("MapRunStarted", mapRunArn="arn:run")


def test_a_distributed_map_is_one_step_and_a_map_run(history):
    map_begins(history)
    (run,) = map_runs(history.events)
    assert (run.arn, run.step, run.input, run.running) == (
        "arn:run",
        "ValidateShards",
        '{"run": {"run_id": "r"}}',
        True,
    )
    history.add("MapRunSucceeded")
    history.add("MapStateSucceeded")
    history.add("MapStateExited", name="ValidateShards")
    history.task("CollectShards", None).add("ExecutionSucceeded")
    assert [run.running for run in map_runs(history.events)] == [False]
    assert summary(history()) == [
        ("ValidateShards", "SUCCEEDED", 5000, 1),
        ("CollectShards", "SUCCEEDED", 4000, 1),
    ]


def test_there_is_no_map_run_before_a_distributed_map_begins(history):
    history.task("First", None)
    history.add("MapStateEntered", name="Inline")
    assert map_runs(history.events) == []


def test_maps_that_follow_one_another_are_runs_of_their_own(history):
    map_begins(history)
    history.add("MapRunSucceeded")
    history.add("MapStateExited", name="ValidateShards")
    history.add("MapStateEntered", name="SummarizeShards", input='{"spread": {}}')
    history.add("MapStateStarted", length=0)
    history.add("MapRunStarted", mapRunArn="arn:second")
    assert [(run.arn, run.step, run.running) for run in map_runs(history.events)] == [
        ("arn:run", "ValidateShards", False),
        ("arn:second", "SummarizeShards", True),
    ]


@pytest.mark.parametrize("end", ["MapRunFailed", "ExecutionAborted", "ExecutionTimedOut"])
def test_a_map_run_ends_with_its_failure_or_with_the_execution(history, end):
    map_begins(history)
    history.add(end, error="States.ExceedToleratedFailureThreshold", cause="too many")
    assert [run.running for run in map_runs(history.events)] == [False]


def test_a_failed_map_run_is_the_maps_failure(history):
    map_begins(history)
    history.add("MapRunFailed", error="States.ExceedToleratedFailureThreshold", cause="too many")
    history.add("ExecutionFailed", error="States.ExceedToleratedFailureThreshold", cause="too many")
    (step,) = history()
    assert (step.status, step.failure.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")
