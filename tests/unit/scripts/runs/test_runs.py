"""Finding, listing and comparing executions, against botocore's own model of the services' answers."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

from model_service_cli.door import CommandError
from model_service_cli.runs.compare import choose
from model_service_cli.runs.listed_runs import ListedRun, find, newest

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:m:"
BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def output(number: int, cached: tuple[str, ...] = (), **more) -> dict:
    return {
        "run": {"run_id": f"run-id-{number}", "cached": list(cached)},
        "dataset": {"version_id": f"v{number}", "rows": 10 * number},
        "metrics": {"accuracy": 0.5 + number / 100, "f1": 0.25},
        **more,
    }


def described(number: int, status: str = "SUCCEEDED", given: object = None) -> dict:
    said = {
        "executionArn": f"{EXECUTION}run-{number}",
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": BEGIN + timedelta(minutes=number),
        "input": "{}",
    }
    if status != "RUNNING":
        said["stopDate"] = said["startDate"] + timedelta(seconds=2)
    if status == "SUCCEEDED":
        said["output"] = json.dumps(output(number) if given is None else given)
    if status == "FAILED":
        said |= {"error": "InvalidDatasetError", "cause": "line 3"}
    return said


class Service:
    def __init__(self):
        self.client = boto3.client("stepfunctions")
        self.stub = Stubber(self.client)

    def lists(self, *numbers: int) -> None:
        listed = [
            {
                "executionArn": f"{EXECUTION}run-{number}",
                "stateMachineArn": MACHINE,
                "name": f"run-{number}",
                "status": "SUCCEEDED",
                "startDate": BEGIN + timedelta(minutes=number),
            }
            for number in numbers
        ]
        expected = {"stateMachineArn": MACHINE, "maxResults": 100}
        self.stub.add_response("list_executions", {"executions": listed}, expected)

    def describes(self, said: dict) -> None:
        self.stub.add_response("describe_execution", said, {"executionArn": said["executionArn"]})

    def knows_not(self, name: str) -> None:
        expected = {"executionArn": f"{EXECUTION}{name}"}
        self.stub.add_client_error("describe_execution", "ExecutionDoesNotExist", expected_params=expected)


@pytest.fixture
def service():
    service = Service()
    with service.stub:
        yield service
        service.stub.assert_no_pending_responses()


def test_runs_come_newest_first(service):
    service.lists(1, 3, 2)
    for number in (3, 2, 1):
        service.describes(described(number))
    assert [run.name for run in newest(service.client, MACHINE)] == ["run-3", "run-2", "run-1"]


@pytest.mark.parametrize("wanted", ["run-1", f"{EXECUTION}run-1"])
def test_a_run_is_found_by_its_name_or_its_arn(service, wanted):
    service.describes(described(1))
    found = find(service.client, MACHINE, wanted)
    assert (found.name, found.run_id, found.duration_ms) == ("run-1", "run-id-1", 2000)


def test_a_run_is_found_by_its_run_id_and_the_newest_of_equal_ones_counts(service):
    service.knows_not("run-id-1")
    service.lists(3, 2, 1)
    service.describes(described(3))
    service.describes(described(2, given=output(1)))
    assert find(service.client, MACHINE, "run-id-1").name == "run-2"


def test_no_name_is_the_newest_run(service):
    service.lists(1, 2)
    service.describes(described(2, "FAILED"))
    assert find(service.client, MACHINE, "").error == "InvalidDatasetError"


def test_an_unknown_name_is_one_line(service):
    service.knows_not("nope")
    service.lists(1)
    service.describes(described(1))
    with pytest.raises(
        CommandError, match=r"^no execution is named 'nope', and none of the newest 200 has"
    ) as error:
        find(service.client, MACHINE, "nope")
    assert error.value.exit_status == 2


def test_an_unknown_arn_is_one_line_and_nothing_is_searched(service):
    service.knows_not("nope")
    with pytest.raises(CommandError, match="there is no execution arn:aws:states"):
        find(service.client, MACHINE, f"{EXECUTION}nope")


def test_before_the_first_run_it_says_how_to_make_one(service):
    service.lists()
    with pytest.raises(CommandError, match="run: make run-pipeline"):
        find(service.client, MACHINE, "")


def run(number: int, status: str = "SUCCEEDED", **more) -> ListedRun:
    given = output(number, **more) if status == "SUCCEEDED" else {}
    error = "InvalidDatasetError" if status == "FAILED" else None
    duration = None if status == "RUNNING" else 1500
    return ListedRun(f"{EXECUTION}run-{number}", status, BEGIN, duration, {"seed": number}, given, error)


def names(runs: list[ListedRun]) -> list[str]:
    return [run.name for run in runs]


def test_without_names_the_newest_two_that_succeeded_are_compared_the_older_one_first(service):
    service.lists(4, 3, 2, 1)
    for said in (described(4, "RUNNING"), described(3), described(2, "FAILED"), described(1)):
        service.describes(said)
    assert names(choose(service.client, MACHINE, [])) == ["run-1", "run-3"]


def test_one_name_is_compared_with_the_newest_other_run(service):
    service.describes(described(3))
    service.lists(3, 2)
    service.describes(described(3))
    service.describes(described(2))
    assert names(choose(service.client, MACHINE, ["run-3"])) == ["run-2", "run-3"]


def test_several_runs_are_compared_in_the_order_given_also_those_that_failed(service):
    for said in (described(3), described(1, "FAILED"), described(2)):
        service.describes(said)
    assert names(choose(service.client, MACHINE, ["run-3", "run-1", "run-2"])) == ["run-3", "run-1", "run-2"]


def test_a_model_names_the_newest_run_that_published_it(service):
    published = {**output(1), "artifact": {"sha256": "abcdef" + "0" * 58}}
    service.lists(3, 2, 1)
    service.describes(described(3))
    service.describes(described(2, given=published))
    service.describes(described(1))
    assert names(choose(service.client, MACHINE, ["ABCDEF", "run-1"])) == ["run-2", "run-1"]


def test_a_run_named_twice_is_refused(service):
    service.describes(described(1))
    service.describes(described(1))
    with pytest.raises(CommandError, match="RUNS names a run twice"):
        choose(service.client, MACHINE, ["run-1", "run-1"])


def test_a_single_run_cannot_be_compared(service):
    service.lists(1)
    service.describes(described(1))
    with pytest.raises(CommandError, match="not two executions to compare"):
        choose(service.client, MACHINE, [])
