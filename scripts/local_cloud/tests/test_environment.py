"""One execution environment on a real awslambdaric process, without LocalStack."""

import json
import os
import re
import threading
import time

import psutil
import pytest

from local_cloud.environment import EnvironmentStoppedError
from local_cloud.faults import exit_reason

ARN = "arn:aws:lambda:us-east-1:000000000000:function:behaviour"


def invoke(environment, **event):
    return environment.invoke("request-1", json.dumps(event).encode(), ARN)


def answer(outcome):
    assert not outcome.is_error, outcome.payload
    return json.loads(outcome.payload)


def test_an_environment_is_reused_by_the_next_invocation(make_environment):
    environment = make_environment()
    assert environment.start() is None
    first, second = answer(invoke(environment)), answer(invoke(environment))
    assert (second["pid"], second["invocations"]) == (first["pid"], 2)
    assert first["arn"] == ARN


def test_the_log_holds_start_output_end_and_report_with_init_on_the_cold_start_only(make_environment):
    environment = make_environment()
    environment.start()
    cold, warm = invoke(environment), invoke(environment)
    lines = cold.logs.splitlines()
    assert lines[0] == "START RequestId: request-1 Version: $LATEST"
    assert lines[1] == "printed None"
    assert re.fullmatch(r"\[INFO\]\t[\dTZ:.-]+\trequest-1\tlogged None", lines[2])
    assert lines[3] == "END RequestId: request-1"
    report = (
        r"REPORT RequestId: request-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB"
        r"\tMax Memory Used: (\d+) MB"
    )
    match = re.fullmatch(report + r"\tInit Duration: [\d.]+ ms", lines[4])
    assert match
    assert 5 < int(match[1]) < 200
    assert re.fullmatch(report, warm.logs.splitlines()[-1])


def test_the_context_knows_the_deadline(make_environment):
    environment = make_environment(timeout_seconds=7)
    environment.start()
    assert 6000 < answer(invoke(environment))["remaining_ms"] <= 7000


def test_a_timeout_ends_the_process_and_the_next_invocation_gets_a_new_one(make_environment):
    environment = make_environment(timeout_seconds=1)
    environment.start()
    before = answer(invoke(environment))["pid"]
    started = time.monotonic()
    outcome = invoke(environment, do="sleep", seconds=30)
    assert 1 <= time.monotonic() - started < 15  # of 30, on a machine that may be busy
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: request-1 Error: Task timed out after 1.00 seconds",
    }
    assert "request-1 Task timed out after 1.00 seconds\nEND" in outcome.logs
    assert outcome.logs.endswith("\tStatus: timeout\n")
    assert "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t" in outcome.logs
    assert not psutil.pid_exists(before)
    after = answer(invoke(environment))
    assert after["pid"] != before
    assert after["invocations"] == 1


@pytest.mark.parametrize("event", [{"do": "allocate"}, {"do": "allocate_in_child"}])
def test_too_much_memory_is_killed_also_in_a_child_process(make_environment, event):
    environment = make_environment(memory_mib=160)
    environment.start()
    outcome = invoke(environment, mib=600, seconds=30, **event)
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: request-1 Error: Runtime exited with error: signal: killed",
    }
    assert "\tMemory Size: 160 MB\tMax Memory Used: 160 MB\t" in outcome.logs
    assert outcome.logs.endswith("\tStatus: error\tError Type: Runtime.OutOfMemory\n")
    assert answer(invoke(environment))["invocations"] == 1


def test_the_report_follows_what_the_handler_allocates(make_environment):
    environment = make_environment(memory_mib=512)
    environment.start()
    small, large = invoke(environment), invoke(environment, do="allocate", mib=100, seconds=0.1)

    def used(outcome):
        return int(re.search(r"Max Memory Used: (\d+) MB", outcome.logs)[1])

    assert 95 <= used(large) - used(small) <= 115


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"do": "leave", "status": 3}, "Runtime exited with error: exit status 3"),
        ({"do": "leave", "status": 0}, "Runtime exited without providing a reason"),
        ({"do": "crash"}, "Runtime exited with error: signal: aborted"),
    ],
)
def test_a_runtime_that_exits_is_reported(make_environment, event, reason):
    environment = make_environment()
    environment.start()
    outcome = invoke(environment, **event)
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: request-1 Error: {reason}",
    }
    assert f"RequestId: request-1 Error: {reason}\nRuntime.ExitError\nEND" in outcome.logs
    assert outcome.logs.endswith("\tStatus: error\tError Type: Runtime.ExitError\n")
    assert answer(invoke(environment))["invocations"] == 1


def test_a_runtime_killed_while_it_is_idle_is_started_anew(make_environment, eventually):
    environment = make_environment()
    environment.start()
    process = psutil.Process(environment.pid)
    process.kill()
    eventually(lambda: process.status() == psutil.STATUS_ZOMBIE)
    assert answer(invoke(environment))["invocations"] == 1


def test_an_exception_of_the_handler_keeps_the_environment(make_environment):
    environment = make_environment()
    environment.start()
    outcome = invoke(environment, do="refuse")
    document = json.loads(outcome.payload)
    assert (document["errorType"], document["errorMessage"]) == ("LookupError", "no such thing")
    assert "[ERROR] LookupError: no such thing" in outcome.logs
    assert answer(invoke(environment))["invocations"] == 2


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("import no_such_module", "Runtime.ImportModuleError", "Unable to import module 'function'"),
        ("def other(): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'function'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'function'"),
        ("raise KeyError('early')", "KeyError", "'early'"),
        ("import sys; sys.exit(4)", "Runtime.ExitError", "Runtime exited with error: exit status 4"),
    ],
)
def test_a_failing_init_is_told_at_once_and_by_every_invocation(
    make_environment, source, error_type, message
):
    environment = make_environment(source)
    assert environment.start().error_type == error_type
    for _ in range(2):
        outcome = invoke(environment)
        document = json.loads(outcome.payload)
        assert document["errorType"] == outcome.error_type == error_type
        assert message in document["errorMessage"]
        assert outcome.logs.endswith(f"\tStatus: error\tError Type: {error_type}\n")
    assert "START RequestId: request-1" in outcome.logs


def test_an_init_that_succeeds_at_the_second_try_serves_the_invocation(make_environment, tmp_path):
    source = f"""
from pathlib import Path
flag = Path({str(tmp_path / "tried")!r})
if not flag.exists():
    flag.touch()
    raise OSError("not yet")
handler = lambda event, context: "served"
"""
    environment = make_environment(source)
    assert environment.start().error_type == "OSError"
    outcome = invoke(environment)
    assert answer(outcome) == "served"
    assert "\tPhase: init\tStatus: error\tError Type: OSError\n" in outcome.logs


def test_an_init_above_its_limit_is_cut_off_and_tried_again_within_the_timeout(make_environment, monkeypatch):
    monkeypatch.setattr("local_cloud.environment.INIT_TIMEOUT_SECONDS", 0.3)
    source = "import time; time.sleep(1)\nhandler = lambda event, context: 'served'"
    patient, hasty = make_environment(source, timeout_seconds=10), make_environment(source, timeout_seconds=1)
    assert patient.start().error_type == hasty.start().error_type == "Sandbox.Timedout"
    outcome = invoke(patient)
    assert answer(outcome) == "served"
    assert re.match(r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: timeout\n", outcome.logs)
    assert invoke(hasty).error_type == "Sandbox.Timedout"


def test_an_answer_above_the_quota_is_an_error_and_the_next_invocation_works(make_environment):
    environment = make_environment()
    environment.start()
    outcome = invoke(environment, do="answer_bytes", bytes=7_000_000)
    assert outcome.error_type == "Function.ResponseSizeTooLarge"
    assert len(answer(invoke(environment, do="answer_bytes", bytes=6_000_000))) == 6_000_000


def test_a_function_that_writes_more_than_a_pipe_holds_is_not_blocked(make_environment):
    environment = make_environment()
    environment.start()
    outcome = invoke(environment, do="write_lines", lines=20_000)
    assert answer(outcome) == 20_000
    assert outcome.logs.count("\nline ") == 20_000


def test_output_without_end_is_cut_with_a_note(make_environment):
    environment = make_environment()
    environment.start()
    outcome = invoke(environment, do="write_lines", lines=120_000)
    assert len(outcome.logs) < 9_000_000
    assert re.search(r"\n\[local-cloud\] \d+ more bytes of output were not kept\n", outcome.logs)


def test_the_scratch_directory_is_kept_between_invocations_and_removed_at_the_end(make_environment):
    environment = make_environment()
    environment.start()
    first, second = (answer(invoke(environment, do="scratch")) for _ in range(2))
    assert first["found"] == []
    assert second == {"folder": first["folder"], "found": ["left"]}
    environment.stop()
    assert not os.path.exists(first["folder"])


def test_the_process_gets_the_given_variables_and_no_others(make_environment, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HOST", "hidden")
    environment = make_environment()
    environment.start()
    names = set(answer(invoke(environment, do="variables")))
    given = {"PATH", "AWS_DEFAULT_REGION", "AWS_LAMBDA_RUNTIME_API", "HOME", "TMPDIR"}
    assert names - {"LC_CTYPE"} == given  # the interpreter itself sets LC_CTYPE where there is no locale


def test_stop_interrupts_an_invocation(make_environment, eventually):
    environment = make_environment()
    environment.start()
    pid = environment.pid
    failures = []

    def work():
        try:
            invoke(environment, do="sleep", seconds=30)
        except EnvironmentStoppedError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    eventually(lambda: environment.is_busy)
    environment.stop()
    thread.join(5)
    assert len(failures) == 1
    assert not psutil.pid_exists(pid)


def test_a_stopped_environment_does_not_start_again(make_environment):
    environment = make_environment()
    environment.start()
    environment.stop()
    environment.stop()
    with pytest.raises(EnvironmentStoppedError):
        invoke(environment)


def test_stop_ends_descendants_in_sessions_of_their_own(make_environment, eventually):
    environment = make_environment(timeout_seconds=1)
    environment.start()
    process = psutil.Process(environment.pid)
    children = []
    watcher = threading.Thread(target=lambda: children.extend(eventually(process.children)))
    watcher.start()
    assert invoke(environment, do="spawn_and_sleep", apart=True).error_type == "Sandbox.Timedout"
    watcher.join(5)
    eventually(lambda: children and not any(child.is_running() for child in children))


@pytest.mark.parametrize(
    ("exit_code", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (129, "Runtime exited with error: exit status 129"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_exit_reasons_have_lambdas_wording(exit_code, reason):
    assert exit_reason(exit_code) == reason
