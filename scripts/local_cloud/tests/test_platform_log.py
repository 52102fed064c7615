"""Lambda's own log lines, to the letter."""

import json

from local_cloud.platform_log import JsonLog, Report, TextLog


def test_a_report_of_a_cold_start():
    report = Report("id", duration_ms=12.345, memory_size_mib=128, max_memory_mib=40.2, init_ms=100.0)
    assert TextLog().end(report) == (
        "END RequestId: id\n"
        "REPORT RequestId: id\tDuration: 12.35 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 41 MB\tInit Duration: 100.00 ms\n"
    )


def test_a_report_of_a_fault():
    report = Report("id", 5, 128, 128, status="error", error_type="Runtime.OutOfMemory")
    assert (
        TextLog()
        .end(report)
        .endswith(
            "\tDuration: 5.00 ms\tBilled Duration: 5 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB"
            "\tStatus: error\tError Type: Runtime.OutOfMemory\n"
        )
    )


def test_a_failed_init():
    line = TextLog().init_failure("init", 98.765, "error", "Runtime.Unknown")
    assert line == (
        "INIT_REPORT Init Duration: 98.77 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n"
    )
    assert (
        TextLog().init_failure("init", 10_000, "timeout", None).endswith("\tPhase: init\tStatus: timeout\n")
    )


def test_json_events_are_one_document_a_line():
    log = JsonLog()
    report = Report("id", 12.3456, 128, 40.2, init_ms=100.0, status="timeout")
    lines = [log.start("id", "3"), log.end(report), log.fault("id", "why", "Runtime.ExitError")]
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in lines)
    start, end, fault = map(json.loads, lines)
    assert (start["type"], start["record"]) == ("platform.start", {"requestId": "id", "version": "3"})
    assert end["type"] == "platform.report"
    assert end["record"] == {
        "requestId": "id",
        "metrics": {
            "durationMs": 12.346,
            "billedDurationMs": 113,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 41,
            "initDurationMs": 100.0,
        },
        "status": "timeout",
    }
    assert (fault["level"], fault["errorType"]) == ("ERROR", "Runtime.ExitError")


def test_a_system_log_level_above_info_leaves_only_faults():
    log = JsonLog("WARN")
    assert log.start("id", "1") == log.end(Report("id", 1, 128, 1)) == ""
    assert "Task timed out after 3.00 seconds" in log.timeout("id", 3)
