import json
from datetime import UTC, datetime

import boto3
from botocore.stub import Stubber

from model_service_cli.runs.logs import find, parse, read

EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:machine:run-1"
NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z in milliseconds


def line(document: dict | str, source: str = "summarize", at: int = NOON) -> str:
    return str(parse(source, at, document if isinstance(document, str) else json.dumps(document)))


def test_our_json_lines_show_level_message_fields_and_what_finds_the_run():
    document = {
        "timestamp": "2026-01-01T12:00:00.250Z",
        "level": "INFO",
        "message": "succeeded",
        "step": "Summarize",
        "request_id": "q",
        "execution_arn": EXECUTION,
        "run_id": "r",
        "duration_ms": 1.5,
    }
    assert line(document) == (
        "12:00:00.250  summarize           INFO    succeeded duration_ms=1.5 run=r execution=run-1 request=q"
    )


def test_an_unexpected_error_is_shown_with_its_traceback():
    document = {"level": "ERROR", "message": "failed", "exception": "Traceback:\n  KeyError: 'x'"}
    assert line(document).endswith("ERROR   failed\n    Traceback:\n      KeyError: 'x'")


def test_the_runtimes_report_of_an_exception_is_its_name_and_message():
    document = {
        "timestamp": "2026-01-01T11:59:59Z",
        "level": "ERROR",
        "errorType": "InvalidDatasetError",
        "errorMessage": "line 3",
        "stackTrace": ["..."],
        "requestId": "q",
    }
    # Whole seconds would put it before its cause: the service's time counts.
    assert line(document) == "12:00:00.000  summarize           ERROR   InvalidDatasetError: line 3 request=q"


def test_platform_lines_show_their_metrics():
    document = {
        "time": "2026-01-01T12:00:01.000Z",
        "type": "platform.report",
        "record": {
            "requestId": "q",
            "status": "success",
            "metrics": {"durationMs": 2.5, "maxMemoryUsedMB": 57},
        },
    }
    assert line(document) == (
        "12:00:01.000  summarize                   platform.report status=success durationMs=2.5 maxMemoryUsedMB=57"
        " request=q"
    )


def test_state_machine_lines_show_the_state_and_the_execution():
    document = {
        "id": "2",
        "type": "TaskStateEntered",
        "details": {"name": "Summarize"},
        "execution_arn": EXECUTION,
    }
    assert line(document, "state-machine") == (
        "12:00:00.000  state-machine               TaskStateEntered Summarize execution=run-1"
    )


def test_for_a_program_a_line_keeps_what_was_written():
    written = '{"level": "INFO", "message": "parsed", "run_id": "r1", "request_id": "q"}'
    assert parse("summarize", 1_700_000_000_123, written).to_json() == {
        "time": "2023-11-14T22:13:20.123Z",
        "source": "summarize",
        "request": "q",
        "message": written,
    }


def test_text_lines_stay_as_they_are():
    assert line("REPORT RequestId: q Duration: 1 ms\n").endswith(
        "summarize           REPORT RequestId: q Duration: 1 ms"
    )


def test_find_keeps_the_other_lines_of_the_requests_that_match():
    lines = [
        parse("summarize", NOON, "START RequestId: q1"),
        parse("summarize", NOON, json.dumps({"request_id": "q1", "message": "m", "run_id": "r1"})),
        parse("summarize", NOON, "START RequestId: q2"),
        parse("state-machine", NOON, json.dumps({"type": "ExecutionStarted", "execution_arn": EXECUTION})),
    ]
    assert find(lines, "r1") == lines[:2]
    assert find(lines, "run-1") == lines[3:]
    assert find(lines, "nothing") == []


def test_the_lines_of_all_groups_come_in_the_order_of_time_and_a_missing_group_has_none():
    client = boto3.client("logs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    since = datetime(2026, 1, 1, tzinfo=UTC)
    start = int(since.timestamp() * 1000)
    with Stubber(client) as stub:
        for group, token, answer in (
            ("/a", None, {"events": [{"timestamp": NOON + 2, "message": "third"}], "nextToken": "t"}),
            ("/a", "t", {"events": [{"timestamp": NOON + 1, "message": "second"}]}),
            ("/b", None, {"events": [{"timestamp": NOON, "message": "first"}]}),
        ):
            expected = {"logGroupName": group, "startTime": start} | ({"nextToken": token} if token else {})
            stub.add_response("filter_log_events", answer, expected)
        stub.add_client_error("filter_log_events", "ResourceNotFoundException")
        found = read(client, {"a": "/a", "b": "/b", "c": "/c"}, since)
        stub.assert_no_pending_responses()
    assert [(line.source, line.text) for line in found] == [("b", "first"), ("a", "second"), ("a", "third")]
