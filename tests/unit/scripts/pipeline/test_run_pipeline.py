import json
import signal
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from model_service_cli.cloud import Deployed
from model_service_cli.command_line import main
from model_service_cli.door import CommandError, run_command
from model_service_cli.pipeline import run_pipeline
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.steps import Failure, Step

BEGIN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
ARN = "arn:aws:states:us-east-1:000000000000:execution:m:run"


@pytest.fixture
def service(monkeypatch):
    """Step Functions with prepared answers, a deployment, and data that need not be uploaded."""
    client = boto3.client(
        "stepfunctions", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(run_pipeline, "client", lambda _: client)
    monkeypatch.setattr(run_pipeline.Deployed, "find", lambda: Deployed(MACHINE, "the-data", "data/k.csv"))
    with Stubber(client) as stub:
        yield stub
    stub.assert_no_pending_responses()


def begins(service, request: dict) -> None:
    expected = {"stateMachineArn": MACHINE, "name": ANY, "input": json.dumps(request)}
    service.add_response("start_execution", {"executionArn": ARN, "startDate": BEGIN}, expected)


def ends(service, status: str, request: dict, **more) -> None:
    end = {"SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed"}[status]
    events = [
        {"type": end, "id": 3, "previousEventId": 2, "timestamp": BEGIN},
        {"type": "TaskStateEntered", "id": 2, "previousEventId": 1, "timestamp": BEGIN,
         "stateEnteredEventDetails": {"name": "Summarize"}},
        {"type": "ExecutionStarted", "id": 1, "previousEventId": 0, "timestamp": BEGIN},
    ]  # fmt: skip
    common = {"executionArn": ARN, "stateMachineArn": MACHINE, "startDate": BEGIN, "stopDate": BEGIN}
    service.add_response("get_execution_history", {"events": events})
    service.add_response(
        "describe_execution", {**common, "status": status, "input": json.dumps(request), **more}
    )
    service.add_response("get_execution_history", {"events": events})


IRIS = str(run_pipeline.ROOT / "tests/data/iris.csv")
REQUEST = {"key": "data/there.csv"}
ARTIFACT = {"bucket": "artifacts", "key": "models/m.pkl", "sha256": "3f9a" + "0" * 60}


def test_a_run_that_succeeds_exits_0_with_the_metrics_and_the_record(service, tmp_path, capsys):
    begins(service, REQUEST)
    output = {"metrics": {"accuracy": 0.7}, "artifact": ARTIFACT}
    ends(service, "SUCCEEDED", REQUEST, output=json.dumps(output))
    path = tmp_path / "new" / "execution.json"
    assert run_pipeline.run("", REQUEST, 60, path) == 0
    shown = capsys.readouterr()
    assert "accuracy             0.7000" in shown.out
    assert "next       make card MODEL=3f9a00000000" in shown.out
    assert "artifact   s3://artifacts/models/m.pkl" in shown.out
    assert shown.err == ""
    assert json.loads(path.read_text())["output"] == output
    assert [file.name for file in path.parent.iterdir()] == ["execution.json"]


def test_for_a_program_the_record_is_all_that_stands_on_stdout(service, tmp_path, capsys):
    begins(service, REQUEST)
    output = {"metrics": {"accuracy": 0.7}, "artifact": ARTIFACT}
    ends(service, "SUCCEEDED", REQUEST, output=json.dumps(output))
    path = tmp_path / "execution.json"
    assert run_pipeline.run("", REQUEST, 60, path, as_json=True) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == json.loads(path.read_text())
    assert json.loads(shown.out)["output"] == output
    assert "accuracy             0.7000" in shown.err


def test_a_run_that_fails_exits_1_with_two_lines_on_stderr_and_the_record(service, tmp_path, capsys):
    begins(service, REQUEST)
    ends(service, "FAILED", REQUEST, error="InvalidDatasetError", cause="line 3: open is text")
    path = tmp_path / "execution.json"
    assert run_pipeline.run("", REQUEST, 60, path) == 1
    assert capsys.readouterr().err == "Summarize failed: InvalidDatasetError\n  line 3: open is text\n"
    assert json.loads(path.read_text()) == {
        "status": "FAILED",
        "execution_arn": ARN,
        "input": REQUEST,
        "output": None,
        "error": "InvalidDatasetError",
        "cause": "line 3: open is text",
        "started_at": "2026-01-02T03:04:05.678+00:00",
        "duration_ms": 0,
        "steps": [{"name": "Summarize", "status": "FAILED", "duration_ms": 0, "attempts": 1}],
    }


@pytest.fixture
def interruptible():
    """Ctrl-C raises KeyboardInterrupt, also where the tests were started as a background job, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_says_that_the_execution_goes_on_and_exits_130(
    service, tmp_path, capsys, monkeypatch, interruptible
):
    begins(service, REQUEST)
    ended = Execution(ARN, "RUNNING", "{}", None, None, BEGIN, None, (Step("S", "Task", "RUNNING", BEGIN),))

    def interrupt(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(run_pipeline.Follower, "until_done", interrupt)
    monkeypatch.setattr(run_pipeline.Follower, "look", lambda _: ended)
    path = tmp_path / "execution.json"
    assert run_pipeline.run("", REQUEST, 60, path) == 130
    shown = capsys.readouterr().err
    assert "the execution goes on" in shown
    assert f"stepfunctions stop-execution --execution-arn {ARN}" in shown
    assert json.loads(path.read_text())["status"] == "RUNNING"


def test_a_missing_state_machine_is_one_line_and_leaves_no_record_of_an_earlier_run(service, tmp_path):
    (tmp_path / "execution.json").write_text("{}")
    service.add_client_error("start_execution", "StateMachineDoesNotExist")
    with pytest.raises(CommandError, match="is not deployed; run: make deploy"):
        run_pipeline.run("", REQUEST, 60, tmp_path / "execution.json")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_one_line_with_exit_status_1(service, tmp_path, capsys):
    service.add_client_error("start_execution", "AccessDeniedException", "not you")
    path = tmp_path / "execution.json"
    status = run_command("run-pipeline", lambda: run_pipeline.run("", REQUEST, 60, path))
    assert status == 1
    assert (
        capsys.readouterr().err
        == "run-pipeline: StartExecution was refused: AccessDeniedException: not you\n"
    )


def test_wrong_input_is_refused_before_anything_is_called(capsys, tmp_path):
    status = main(["run-pipeline", "--input", "{", "--record", str(tmp_path / "r")])
    assert status == 2
    assert capsys.readouterr().err.startswith("run-pipeline: INPUT is not JSON: ")


def test_what_a_run_would_refuse_is_told_before_anything_is_uploaded(service, tmp_path, monkeypatch):
    monkeypatch.setattr(run_pipeline, "upload", lambda *_: pytest.fail("uploaded"))
    with pytest.raises(CommandError, match=r"unknown field \"label\" .*did you mean label_column"):
        run_pipeline.run("", {"label": "x"}, 60, tmp_path / "execution.json")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 0),
        (["--input", '{"seed": 1}', "--data", IRIS, "--label", "species"], 0),
        (["--input", "[]"], 2),
        (["--data", "/nowhere.csv"], 2),
    ],
)
def test_check_looks_at_the_options_and_calls_nothing(options, status, capsys):
    assert main(["check-request", *options]) == status
    assert capsys.readouterr().out == ""


def test_the_record_of_a_running_execution_has_nulls():
    running = Execution(ARN, "RUNNING", "{}", None, Failure("E", "c"), BEGIN, None, ())
    found = run_pipeline.record(running)
    assert (found["output"], found["duration_ms"], found["error"], found["steps"]) == (None, None, "E", [])
