"""Following an execution, against botocore's own model of the service's answers."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

from model_service_cli.runs.follow import LONGEST, LONGEST_IN_A_MAP, PAGE, SHORTEST, Follower
from model_service_cli.runs.steps import Failure

ARN = "arn:aws:states:us-east-1:000000000000:execution:machine:run"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, kind: str, **details) -> dict:
    common = {"id": number, "previousEventId": number - 1, "timestamp": BEGIN + timedelta(seconds=number)}
    return {"type": kind, **common, **details}


STARTED = event(1, "ExecutionStarted")
ENTERED = event(2, "TaskStateEntered", stateEnteredEventDetails={"name": "First"})
SCHEDULED = event(3, "TaskScheduled")
EXITED = event(4, "TaskStateExited", stateExitedEventDetails={"name": "First"})
ENDED = event(5, "ExecutionSucceeded")


class Service:
    """A stubbed client, and a clock that only pauses move."""

    def __init__(self):
        self.client = boto3.client(
            "stepfunctions", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.client)
        self.now = 0.0
        self.pauses = []

    def follower(self) -> Follower:
        return Follower(self.client, ARN, clock=lambda: self.now, pause=self.pause)

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def history(self, *events: dict, token: str | None = None, next_token: str | None = None) -> None:
        expected = {"executionArn": ARN, "reverseOrder": True, "maxResults": PAGE}
        answer = {"events": sorted(events, key=lambda one: -one["id"])}
        self.stub.add_response(
            "get_execution_history",
            answer | ({"nextToken": next_token} if next_token else {}),
            expected | ({"nextToken": token} if token else {}),
        )

    def describe(self, status: str, **more) -> None:
        common = {"executionArn": ARN, "stateMachineArn": "arn:machine", "startDate": BEGIN, "input": "{}"}
        self.stub.add_response(
            "describe_execution", {**common, "status": status, **more}, {"executionArn": ARN}
        )


@pytest.fixture
def service():
    service = Service()
    with service.stub:
        yield service
    service.stub.assert_no_pending_responses()


def test_changes_are_told_once_each_and_the_end_is_the_result(service):
    service.history(STARTED, ENTERED)
    service.history(STARTED, ENTERED)
    service.history(STARTED, ENTERED, SCHEDULED, EXITED, ENDED)
    service.describe("SUCCEEDED", stopDate=BEGIN + timedelta(seconds=1.5), output='{"a": 1}')
    service.history(ENDED, EXITED)
    told = []
    execution = service.follower().until_done(60, lambda step: told.append((step.name, step.status)))
    assert told == [("First", "RUNNING"), ("First", "SUCCEEDED")]
    assert (execution.status, execution.duration_ms, execution.output) == ("SUCCEEDED", 1500, '{"a": 1}')
    assert execution.failure is None


def test_after_each_look_with_news_the_execution_is_told_as_far_as_it_is(service):
    begun = event(1, "ExecutionStarted", executionStartedEventDetails={"input": '{"a": 1}'})
    service.history(begun, ENTERED)
    service.history(begun, ENTERED)
    service.history(begun, ENTERED, SCHEDULED, EXITED, ENDED)
    service.describe("SUCCEEDED", stopDate=BEGIN, output="{}")
    service.history(ENDED)
    told = []
    service.follower().until_done(60, lambda _: None, on_news=told.append)
    assert [[step.status for step in one.steps] for one in told] == [["RUNNING"], ["SUCCEEDED"]]
    assert (told[0].arn, told[0].input, told[0].started_at) == (ARN, '{"a": 1}', begun["timestamp"])


def test_only_the_pages_with_news_are_read(service):
    service.history(EXITED, SCHEDULED, next_token="older")
    service.history(ENTERED, STARTED, token="older")
    # The newest page reaches back to a known event, so its older pages are left alone.
    service.history(ENDED, EXITED, next_token="older still")
    service.describe("SUCCEEDED", stopDate=BEGIN, output="{}")
    service.history(ENDED, next_token="older")
    execution = service.follower().until_done(60, lambda _: None)
    assert [step.name for step in execution.steps] == ["First"]


def test_pauses_grow_while_nothing_happens_and_are_short_after_news(service):
    for _ in range(12):
        service.history(STARTED)
    service.history(STARTED, ENTERED)
    service.history(ENTERED, ENDED)
    service.describe("FAILED", stopDate=BEGIN, error="E", cause="because")
    service.history(ENDED)
    execution = service.follower().until_done(600, lambda _: None)
    assert service.pauses[0] == SHORTEST
    assert service.pauses[:12] == sorted(service.pauses[:12])
    assert service.pauses[11] == LONGEST
    assert service.pauses[12] == SHORTEST
    assert execution.failure == Failure("E", "because")


def test_a_status_that_lags_behind_the_history_is_waited_for(service):
    service.history(STARTED, ENDED)
    service.describe("RUNNING")
    service.history(ENDED)
    service.history(ENDED)
    service.describe("SUCCEEDED", stopDate=BEGIN, output="{}")
    service.history(ENDED)
    assert service.follower().until_done(60, lambda _: None).status == "SUCCEEDED"


def test_the_deadline_ends_the_watch_not_the_execution(service):
    for _ in range(4):
        service.history(STARTED)
    service.describe("RUNNING")
    service.history(STARTED)
    execution = service.follower().until_done(0.4, lambda _: None)
    assert (execution.status, execution.duration_ms) == ("RUNNING", None)
    assert service.now == pytest.approx(0.4)


def test_a_running_map_is_told_of_at_every_look_and_once_when_it_has_ended(service):
    begun = [
        event(2, "MapStateEntered", stateEnteredEventDetails={"name": "Shards", "input": "{}"}),
        event(3, "MapRunStarted", mapRunStartedEventDetails={"mapRunArn": "arn:map"}),
    ]
    ended = [
        event(4, "MapRunSucceeded"),
        event(5, "MapStateExited", stateExitedEventDetails={"name": "Shards"}),
    ]
    service.history(STARTED, *begun)
    for _ in range(8):
        service.history(*begun)
    service.history(*begun, *ended)
    service.history(*ended, event(6, "ExecutionSucceeded"))
    service.describe("SUCCEEDED", stopDate=BEGIN, output="{}")
    service.history(event(6, "ExecutionSucceeded"))
    told = []
    service.follower().until_done(
        60, lambda step: told.append(step.status), lambda run: told.append((run.step, run.running))
    )
    assert told == ["RUNNING", *[("Shards", True)] * 9, ("Shards", False), "SUCCEEDED"]
    assert max(service.pauses) == LONGEST_IN_A_MAP


def test_a_map_that_began_and_ended_between_two_looks_is_told_of_before_its_step(service):
    """The one after it may have begun by then."""
    first = [
        event(2, "MapStateEntered", stateEnteredEventDetails={"name": "Summaries", "input": "{}"}),
        event(3, "MapRunStarted", mapRunStartedEventDetails={"mapRunArn": "arn:1"}),
        event(4, "MapRunSucceeded"),
        event(5, "MapStateExited", stateExitedEventDetails={"name": "Summaries"}),
    ]
    second = [
        event(6, "MapStateEntered", stateEnteredEventDetails={"name": "Moments", "input": "{}"}),
        event(7, "MapRunStarted", mapRunStartedEventDetails={"mapRunArn": "arn:2"}),
    ]
    ended = [event(8, "MapRunSucceeded"), event(9, "ExecutionSucceeded")]
    service.history(STARTED, *first, *second)
    service.history(*ended)
    service.describe("SUCCEEDED", stopDate=BEGIN, output="{}")
    service.history(*ended)
    told = []
    service.follower().until_done(
        60,
        lambda step: told.append((step.name, step.status)),
        lambda run: told.append((run.step, run.running)),
    )
    assert told[:4] == [
        ("Summaries", False),
        ("Summaries", "SUCCEEDED"),
        ("Moments", "RUNNING"),
        ("Moments", True),
    ]
    assert [one for one in told if one == ("Moments", False)] == [("Moments", False)]
