"""JSON log lines, and the decorator of every handler."""

import json
from types import SimpleNamespace

import pytest

from shared import telemetry
from shared.errors import InvalidRequestError

CONTEXT = SimpleNamespace(aws_request_id="request-1")


def lines(capsys: pytest.CaptureFixture) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def without_times(line: dict) -> dict:
    return {
        name: value for name, value in line.items() if name not in ("timestamp", "duration_ms", "exception")
    }


def test_a_handler_that_succeeds_writes_a_line_at_its_start_and_one_at_its_end(capsys):
    @telemetry.observed("Summarize")
    def handler(event, context):
        return {"run_id": "run-1", "event": event}

    assert handler({"seed": 1}, CONTEXT) == {"run_id": "run-1", "event": {"seed": 1}}
    started, succeeded = lines(capsys)
    common = {"level": "INFO", "step": "Summarize", "request_id": "request-1"}
    assert without_times(started) == common | {"message": "started"}
    assert without_times(succeeded) == common | {"message": "succeeded", "run_id": "run-1"}
    assert succeeded["duration_ms"] >= 0


def test_run_and_execution_of_the_event_are_in_every_line(capsys):
    @telemetry.observed("Summarize")
    def handler(event, context):
        return {"run_id": "run-1"}

    handler({"run_id": "run-1", "execution_arn": "arn:1"}, CONTEXT)
    assert [(line["run_id"], line["execution_arn"]) for line in lines(capsys)] == [("run-1", "arn:1")] * 2


def test_a_domain_error_passes_unchanged_and_is_one_warning_with_its_cause(capsys):
    error = InvalidRequestError("seed is -1")

    @telemetry.observed("FetchAndValidate")
    def handler(event, context):
        raise error

    with pytest.raises(InvalidRequestError) as caught:
        handler({}, CONTEXT)
    assert caught.value is error
    _, rejected = lines(capsys)
    assert without_times(rejected) == {
        "level": "WARNING",
        "message": "rejected",
        "step": "FetchAndValidate",
        "request_id": "request-1",
        "error": "InvalidRequestError",
        "cause": "seed is -1",
    }
    assert "exception" not in rejected


def test_a_fault_passes_unchanged_and_is_an_error_with_its_traceback_in_one_line(capsys):
    error = ZeroDivisionError("oops")

    @telemetry.observed("FetchAndValidate")
    def handler(event, context):
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        handler([], None)
    assert caught.value is error
    _, failed = lines(capsys)
    assert without_times(failed) == {
        "level": "ERROR",
        "message": "failed",
        "step": "FetchAndValidate",
        "request_id": None,
        "error": "ZeroDivisionError",
    }
    assert "ZeroDivisionError: oops" in failed["exception"]


def test_log_writes_its_fields(capsys):
    telemetry.observed("FetchAndValidate")(lambda event, context: {})({}, CONTEXT)
    capsys.readouterr()
    telemetry.log("part written", rows=3, name="größe")
    (line,) = lines(capsys)
    assert without_times(line) == {"level": "INFO", "message": "part written", "rows": 3, "name": "größe"}


def test_the_time_is_utc_with_milliseconds(capsys):
    telemetry.observed("Summarize")(lambda event, context: {})({}, CONTEXT)
    for line in lines(capsys):
        date, _, clock = line["timestamp"].partition("T")
        assert len(date) == len("2026-01-31")
        assert len(clock) == len("12:00:00.000Z")
        assert clock.endswith("Z")


def test_a_line_is_written_once_however_often_handlers_are_decorated(capsys):
    for _ in range(3):
        telemetry.observed("Summarize")(lambda event, context: {})({}, CONTEXT)
    assert len(lines(capsys)) == 6


def test_the_decorated_handler_keeps_its_name():
    def handler(event, context):
        return {}

    assert telemetry.observed("Summarize")(handler).__name__ == "handler"
