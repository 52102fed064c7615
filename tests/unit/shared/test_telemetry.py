"""JSON log lines, and the decorator of every handler."""

import json
import time
from types import SimpleNamespace

import pytest

from shared import telemetry
from shared.errors import InvalidRequestError

CONTEXT = SimpleNamespace(aws_request_id="request-1")


def lines(capsys: pytest.CaptureFixture) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def without_times(line: dict) -> dict:
    return {
        name: value
        for name, value in line.items()
        if name not in ("timestamp", "duration_ms", "exception", "_aws", "state_machine")
    }


def test_a_handler_that_succeeds_writes_a_line_at_its_start_and_one_at_its_end(capsys):
    @telemetry.observed("Summarize")
    def handler(event, context):
        return {"run": {"run_id": "run-1"}, "event": event}

    assert handler({"seed": 1}, CONTEXT) == {"run": {"run_id": "run-1"}, "event": {"seed": 1}}
    started, succeeded = lines(capsys)
    common = {
        "level": "INFO",
        "step": "Summarize",
        "task": "Summarize",
        "request_id": "request-1",
        "execution_arn": None,
    }
    assert without_times(started) == common | {"message": "started", "run_id": None}
    assert without_times(succeeded) == common | {"message": "succeeded", "run_id": "run-1"}
    assert succeeded["duration_ms"] >= 0


def test_run_and_execution_of_the_event_are_in_every_line(capsys):
    @telemetry.observed("Summarize")
    def handler(event, context):
        return {"run": {"run_id": "run-1"}}

    handler({"run": {"run_id": "run-1", "execution_arn": "arn:1"}}, CONTEXT)
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
        "task": "FetchAndValidate",
        "request_id": "request-1",
        "run_id": None,
        "execution_arn": None,
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
        "task": "FetchAndValidate",
        "request_id": None,
        "run_id": None,
        "execution_arn": None,
        "error": "ZeroDivisionError",
    }
    assert "ZeroDivisionError: oops" in failed["exception"]


@pytest.mark.parametrize("item", ["shard", "fold"])
def test_the_item_of_a_map_is_in_every_line(item, capsys):
    @telemetry.observed("Summarize")
    def handler(event, context):
        return {}

    handler({item: {"index": 3, "count": 5}}, None)
    assert [line[item] for line in lines(capsys)] == [3, 3]


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


ARN = "arn:aws:states:us-east-1:000000000000:execution:pipeline:run"
DATASET = {"run": {"run_id": "run-1", "execution_arn": ARN}, "dataset": {"rows": 9, "invalid_rows": 2}}


def metrics_of(capsys, step: str, output: dict) -> tuple[dict[str, float], dict]:
    """What CloudWatch makes of the last line of a step with this output: metrics and dimensions."""
    telemetry.observed(step)(lambda event, context: output)({"execution_arn": ARN}, CONTEXT)
    line = lines(capsys)[-1]
    if "_aws" not in line:
        return {}, {}
    assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 60_000
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == telemetry.METRICS_NAMESPACE
    (dimensions,) = directive["Dimensions"]
    names = [metric["Name"] for metric in directive["Metrics"]]
    return {name: line[name] for name in names}, {name: line[name] for name in dimensions}


def test_the_last_line_of_a_dataset_is_a_metric_of_its_rows(capsys):
    metrics, dimensions = metrics_of(capsys, "FetchAndValidate", DATASET)

    assert metrics.pop("duration_ms") >= 0
    assert metrics == {"rows": 9, "rejected_rows": 2}
    assert dimensions == {"state_machine": "pipeline", "step": "FetchAndValidate"}


def test_a_shard_and_a_plan_count_no_rows_the_collected_dataset_does(capsys):
    shard = {"run": {"run_id": "run-1", "cached": []}, "shard": 0, "rows": 5, "invalid_rows": 1}
    plan = {"run": {"run_id": "run-1"}, "dataset": {"bucket": "b"}, "shards": {"count": 2}}

    assert list(metrics_of(capsys, "FetchAndValidate", shard)[0]) == ["duration_ms"]
    assert list(metrics_of(capsys, "FetchAndValidate", plan)[0]) == ["duration_ms"]


def test_quality_is_measured_by_the_step_that_found_it_and_rows_are_not_counted_again(capsys):
    output = DATASET | {"metrics": {"accuracy": 0.75, "f1": 0.5, "rows": 9}}

    metrics, _ = metrics_of(capsys, "Summarize", output)
    assert metrics | {"duration_ms": 0} == {"accuracy": 0.75, "f1": 0.5, "duration_ms": 0}
    assert list(metrics_of(capsys, "PublishArtifact", output)[0]) == ["duration_ms"]


def cached(*tasks: str) -> dict:
    return DATASET | {"run": DATASET["run"] | {"cached": list(tasks)}}


def test_a_step_that_found_its_work_done_measures_nothing(capsys):
    assert metrics_of(capsys, "FetchAndValidate", cached("FetchAndValidate")) == ({}, {})


def test_a_task_that_found_its_work_done_measures_nothing(capsys):
    output = cached("ValidateShard")
    telemetry.observed("FetchAndValidate")(lambda event, context: output)({"task": "ValidateShard"}, CONTEXT)
    last = lines(capsys)[-1]
    assert (last["step"], last["task"], last["cached"]) == ("FetchAndValidate", "ValidateShard", True)
    assert "_aws" not in last


@pytest.mark.parametrize("event", [{"run": 7}, {"run": {"run_id": None}}, {"task": ["x"]}, {"run": []}])
def test_whatever_the_event_is_its_line_is_written(capsys, event):
    telemetry.observed("Summarize")(lambda event, context: {})(event, CONTEXT)
    assert [(line["run_id"], line["task"]) for line in lines(capsys)] == [(None, "Summarize")] * 2


def test_a_fault_that_is_survived_is_a_warning_with_its_traceback(capsys):
    telemetry.observed("Summarize")(lambda event, context: {})({}, CONTEXT)
    capsys.readouterr()
    try:
        raise KeyError("metrics")
    except KeyError:
        telemetry.log_fault("no card", attempt=1)
    (line,) = lines(capsys)
    assert without_times(line) == {"level": "WARNING", "message": "no card", "attempt": 1}
    assert "KeyError: 'metrics'" in line["exception"]


def test_what_an_earlier_step_found_done_does_not_silence_this_one(capsys):
    output = cached("FetchAndValidate") | {"metrics": {"accuracy": 0.75, "f1": 0.5}}

    assert metrics_of(capsys, "Summarize", output)[0]["accuracy"] == 0.75


def test_a_run_that_becomes_known_is_in_every_further_line_and_in_no_other_invocation(capsys):
    @telemetry.observed("FetchAndValidate")
    def handler(event, context):
        telemetry.log("before")
        telemetry.bind(run_id="run-1")
        telemetry.log("after")
        raise InvalidRequestError("seed is -1")

    for _ in range(2):
        with pytest.raises(InvalidRequestError):
            handler({"execution_arn": ARN}, CONTEXT)
        found = lines(capsys)
        assert [line["run_id"] for line in found] == [None, None, "run-1", "run-1"]
        assert {line["execution_arn"] for line in found} == {ARN}
