"""A trace while the run goes on: there from the start, renewed, whole at the end; its troubles are not the run's."""

import json
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from traced_runs import ARN, ARTIFACT, BEGIN, DEFINITION, SHA256, History, published

from model_service_cli.cloud import Deployed
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps
from model_service_cli.trace import live_trace
from model_service_cli.trace.beside import fetched, links_of, trace_path
from model_service_cli.trace.live_trace import LiveTrace

DEPLOYED = Deployed("arn:aws:states:us-east-1:000000000000:stateMachine:m", "b", "data/k.csv")
MACHINE = {
    "stateMachineArn": DEPLOYED.state_machine_arn, "name": "m", "roleArn": "arn:aws:iam::1:role/r", "updateDate": BEGIN,
    "definition": DEFINITION.read_text(),
}  # fmt: skip


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def running(*events: dict) -> Execution:
    return Execution(ARN, "RUNNING", "{}", None, None, BEGIN, None, tuple(steps(events)))


@pytest.fixture
def states():
    client = boto3.client("stepfunctions")
    with Stubber(client) as stub:
        stub.add_response("describe_state_machine_for_execution", MACHINE, {"executionArn": ARN})
        yield client


def test_the_page_is_there_before_anything_has_run(states, tmp_path):
    path = trace_path("run-1", tmp_path)
    trace = LiveTrace(states, DEPLOYED, path)
    trace.begin(running())
    assert "FetchAndValidate: not entered" in path.read_text()
    assert trace.where == path.as_uri() == f"file://{tmp_path}/traces/run-1.html"


def test_it_is_renewed_with_the_states_but_not_more_often_than_one_reads(states, tmp_path):
    path, clock = tmp_path / "run.html", Clock()
    trace = LiveTrace(states, DEPLOYED, path, clock)
    trace.begin(running())
    history = History()
    history.task("FetchAndValidate", "fetch-and-validate", 0, 1, {})
    trace.renew(running(*history.events))
    assert "FetchAndValidate: not entered" in path.read_text()
    clock.now = live_trace.SELDOM
    trace.renew(running(*history.events))
    assert "FetchAndValidate: 1.00 s" in path.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["run.html"]


def test_the_last_page_is_the_whole_one(states, tmp_path, monkeypatch):
    monkeypatch.setattr(
        live_trace, "whole_page", lambda execution, deployed, path: f"whole {execution.status}"
    )
    trace = LiveTrace(states, DEPLOYED, tmp_path / "run.html")
    trace.begin(running())
    trace.end(Execution(ARN, "SUCCEEDED", "{}", "{}", None, BEGIN, 1, ()))
    assert (tmp_path / "run.html").read_text() == "whole SUCCEEDED"


def test_a_page_that_cannot_be_written_is_said_and_the_run_goes_on(states, tmp_path):
    (tmp_path / "file").touch()
    trace = LiveTrace(states, DEPLOYED, tmp_path / "file" / "run.html")
    trace.begin(running())
    assert trace.where.startswith("there is no trace: ")
    trace.renew(running())
    trace.end(running())


def test_a_service_that_refuses_is_said_and_the_run_goes_on(tmp_path):
    client = boto3.client("stepfunctions")
    with Stubber(client) as stub:
        stub.add_client_error("describe_state_machine_for_execution", "AccessDeniedException")
        trace = LiveTrace(client, DEPLOYED, tmp_path / "run.html")
        trace.begin(running())
    assert "AccessDenied" in trace.problem
    assert list(tmp_path.iterdir()) == []


def ended(output: str) -> Execution:
    return Execution(ARN, "SUCCEEDED", "{}", output, None, datetime(2026, 1, 1, tzinfo=UTC), 1, ())


def test_card_and_artifact_lie_beside_the_pages_under_the_models_name(s3, tmp_path):
    s3.put_object(Bucket="artifacts", Key=ARTIFACT["version_key"], Body=b"{}")
    s3.put_object(Bucket="artifacts", Key="the.card.html", Body=b"card")
    output = {"artifact": ARTIFACT, "card": {"bucket": "artifacts", "key": "the.card.html"}}
    page = trace_path("run-1", tmp_path)
    found = links_of(s3, ended(json.dumps(output)), page)
    name = SHA256[:12]
    assert [link.href for link in found] == [f"../cards/{name}.html", f"../artifacts/{name}.json"]
    assert (tmp_path / "cards" / f"{name}.html").read_bytes() == b"card"
    # Of a page elsewhere they lie beside it; what is there is not fetched again.
    s3.delete_object(Bucket="artifacts", Key="the.card.html")
    assert [link.href for link in links_of(s3, ended(json.dumps(output)), tmp_path / "trace.html")] == [
        f"cards/{name}.html",
        f"artifacts/{name}.json",
    ]


def test_what_is_gone_has_no_link(s3, tmp_path):
    history, _ = published()
    assert links_of(s3, ended(history.value), tmp_path / "trace.html") == []
    assert not fetched(s3, "artifacts", "nope", Path(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


def test_the_index_is_linked_where_there_is_one(s3, tmp_path):
    (tmp_path / "index.html").touch()
    (link,) = links_of(s3, ended("{}"), trace_path("run-1", tmp_path))
    assert link.href == "../index.html"
