"""Lambda functions in a real local cloud, through boto3, as a user meets them."""

import base64
import contextlib
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError, HTTPClientError


@pytest.fixture(scope="module")
def behaviour(cloud) -> str:
    return cloud.deploy(Timeout=20)


def log_of(answer) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def messages(cloud, name) -> list[str]:
    logs = cloud.client("logs")
    try:
        return [
            event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        ]
    except logs.exceptions.ResourceNotFoundException:
        return []


def test_a_function_answers_and_its_environment_stays_warm(cloud, behaviour):
    first, second = cloud.invoke(behaviour), cloud.invoke(behaviour)
    assert (first["StatusCode"], first["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in first
    assert second["Payload"]["pid"] == first["Payload"]["pid"]
    assert second["Payload"]["invocations"] == first["Payload"]["invocations"] + 1


def test_a_cold_start_takes_less_than_a_second_and_a_warm_one_a_fraction(cloud):
    """The best of several of each: what else the machine does meanwhile does not count."""

    def seconds(name: str) -> float:
        started = time.monotonic()
        cloud.invoke(name)
        return time.monotonic() - started

    names = [cloud.deploy("def handler(event, context): return 1") for _ in range(5)]
    cold = [seconds(name) for name in names]
    warm = [seconds(name) for name in names * 4]
    assert min(cold) < 1
    assert min(warm) < 0.2


def test_the_tail_of_the_log_comes_with_the_answer(cloud):
    lines = log_of(cloud.invoke(cloud.deploy(), do="tell")).splitlines()
    assert re.fullmatch(r"START RequestId: [0-9a-f-]{36} Version: \$LATEST", lines[0])
    assert lines[1] == "printed tell"
    assert lines[2].endswith("\tlogged tell")
    assert lines[3].startswith("END RequestId: ")
    assert re.fullmatch(
        r"REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB"
        r"\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms",
        lines[4],
    )


def test_the_log_group_has_the_same_lines_in_a_stream_of_the_environment(cloud, eventually):
    name = cloud.deploy()
    tail = log_of(cloud.invoke(name))
    eventually(lambda: any(line.startswith("REPORT") for line in messages(cloud, name)))
    assert "".join(line.rstrip("\n") + "\n" for line in messages(cloud, name)) == tail
    streams = cloud.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert [
        bool(re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", s["logStreamName"])) for s in streams
    ] == [True]


def test_json_logging_writes_documents_and_the_platform_events(cloud):
    name = cloud.deploy(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"})
    answer = cloud.invoke(name, do="refuse")
    documents = [json.loads(line) for line in log_of(answer).splitlines() if line.startswith("{")]
    assert [d.get("type") or d["level"] for d in documents] == [
        "platform.start",
        "INFO",
        "ERROR",
        "platform.report",
    ]
    assert documents[1]["message"] == "logged refuse"
    record = documents[-1]["record"]
    assert (record["status"], record["errorType"]) == ("error", "LookupError")
    assert set(record["metrics"]) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }


def test_concurrent_invocations_get_environments_of_their_own(cloud):
    name = cloud.deploy()
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: cloud.invoke(name, do="sleep", seconds=2), range(4)))
    assert len({answer["Payload"]["pid"] for answer in answers}) == 4
    assert time.monotonic() - started < 4 * 2  # what they take one after the other


def test_eighty_invocations_from_eight_threads_all_answer(cloud):
    name = cloud.deploy()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cloud.invoke(name), range(80)))
    assert all("FunctionError" not in answer for answer in answers)
    pids = [answer["Payload"]["pid"] for answer in answers]
    assert len(set(pids)) <= 8


def test_the_timeout_is_enforced(cloud):
    name = cloud.deploy(Timeout=1)
    answer = cloud.invoke(name, do="sleep", seconds=20)
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(
        r"RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds",
        answer["Payload"]["errorMessage"],
    )
    assert "Status: timeout" in log_of(answer)
    assert cloud.invoke(name)["Payload"]["invocations"] == 1


def test_the_memory_limit_is_enforced(cloud):
    name = cloud.deploy(MemorySize=128)
    answer = cloud.invoke(name, do="allocate", mib=400, seconds=10)
    assert answer["Payload"]["errorType"] == "Runtime.OutOfMemory"
    assert answer["Payload"]["errorMessage"].endswith(" Error: Runtime exited with error: signal: killed")
    assert "\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t" in log_of(answer)
    assert cloud.invoke(name)["Payload"]["invocations"] == 1


@pytest.mark.parametrize(
    ("event", "error_type", "message"),
    [
        (
            {"do": "leave", "status": 7},
            "Runtime.ExitError",
            "Error: Runtime exited with error: exit status 7",
        ),
        ({"do": "crash"}, "Runtime.ExitError", "Error: Runtime exited with error: signal: aborted"),
        ({"do": "refuse"}, "LookupError", "no such thing"),
    ],
)
def test_a_handler_that_exits_crashes_or_raises_is_reported(cloud, behaviour, event, error_type, message):
    answer = cloud.invoke(behaviour, **event)
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == error_type
    assert answer["Payload"]["errorMessage"].endswith(message)
    assert "FunctionError" not in cloud.invoke(behaviour)


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import absent", "behaviour.handler", "Runtime.ImportModuleError", "No module named 'absent'"),
        (
            "",
            "behaviour.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'behaviour'",
        ),
        ("", "nowhere.handler", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
    ],
)
def test_an_init_that_fails_is_reported_with_its_log(cloud, source, handler, error_type, message):
    name = cloud.deploy(source, handler)
    for _ in range(2):
        answer = cloud.invoke(name)
        assert answer["FunctionError"] == "Unhandled"
        assert answer["Payload"]["errorType"] == error_type
        assert message in answer["Payload"]["errorMessage"]
        assert f"[ERROR] {error_type}: " in log_of(answer)


def test_a_function_invokes_another(cloud, behaviour):
    outer = cloud.deploy()
    answer = cloud.invoke(outer, do="invoke", function=behaviour)["Payload"]
    assert json.loads(answer["inner"])["function"] == behaviour
    assert answer["outer"]["function"] == outer


def test_a_process_has_lambdas_variables_and_its_own_and_none_of_the_host(cloud):
    name = cloud.deploy(Environment={"Variables": {"TRAINING_DATA_BUCKET": "ml-data-demo", "TZ": "UTC"}})
    variables = cloud.invoke(name, do="variables")["Payload"]
    assert variables["TRAINING_DATA_BUCKET"] == "ml-data-demo"
    assert variables["TZ"] == "UTC"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert variables["AWS_ENDPOINT_URL"] == cloud.endpoint.replace("localhost", "127.0.0.1")
    assert variables["HOME"] == variables["TMPDIR"]
    assert sorted(set(variables) - {"LC_CTYPE", "_X_AMZN_TRACE_ID"}) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "HOME",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "PATH",
        "TMPDIR",
        "TRAINING_DATA_BUCKET",
        "TZ",
        "_AWS_XRAY_DAEMON_ADDRESS",
        "_AWS_XRAY_DAEMON_PORT",
        "_HANDLER",
    ]


def test_new_code_replaces_the_environments_and_lets_the_old_code_finish(cloud, zip_of, eventually):
    name = cloud.deploy()
    pid = cloud.invoke(name)["Payload"]["pid"]
    busy = Path(cloud.invoke(name, do="scratch")["Payload"]["folder"])
    answers = []
    thread = threading.Thread(target=lambda: answers.append(cloud.invoke(name, do="sleep", seconds=2)))
    thread.start()
    runtime = psutil.Process(pid)
    eventually(lambda: (busy / "sleeping").exists())
    new_code = zip_of("def handler(event, context): return 'new'")
    cloud.client("lambda").update_function_code(FunctionName=name, ZipFile=new_code)
    cloud.until(name, "LastUpdateStatus", "Successful")
    assert cloud.invoke(name)["Payload"] == "new"
    thread.join(15)
    assert answers[0]["Payload"]["version"] == "1"
    eventually(lambda: not runtime.is_running())


def test_an_alias_keeps_running_the_version_it_names(cloud, zip_of):
    name = cloud.deploy("def handler(event, context): return context.function_version")
    client = cloud.client("lambda")
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version)
    assert cloud.invoke(f"{name}:live")["Payload"] == version == "1"


def test_reserved_concurrency_throttles(cloud):
    name = cloud.deploy()
    client = cloud.client("lambda")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException):
        cloud.invoke(name)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"Runtime": "nodejs22.x"}, "Python functions only")],
)
def test_what_a_process_cannot_run_is_refused_when_it_is_created(cloud, zip_of, eventually, settings, reason):
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="other-runtime",
        Role="arn:aws:iam::000000000000:role/function",
        Handler="index.handler",
        Code={"ZipFile": zip_of("")},
        **settings,
    )

    def failed():
        function = client.get_function_configuration(FunctionName="other-runtime")
        return function if function["State"] == "Failed" else None

    assert reason in eventually(failed)["StateReason"]


@pytest.fixture(scope="module")
def narrow_cloud(start_cloud, tmp_path_factory):
    """A cloud that has room for two environments of 256 MB; the last test ends it."""
    return start_cloud(tmp_path_factory.mktemp("narrow"), "--set", "LOCAL_CLOUD_MEMORY_MB=512")


def runtimes(cloud) -> int:
    found = 0
    for process in psutil.Process(cloud.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += "awslambdaric" in process.cmdline()
    return found


def test_more_invocations_than_the_memory_has_room_for_wait_and_none_is_lost(narrow_cloud):
    names = [narrow_cloud.deploy() for _ in range(2)]
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(narrow_cloud.invoke, names[n % 2], do="sleep", seconds=0.1) for n in range(20)]
        most = 0
        while not all(each.done() for each in asked):
            most = max(most, runtimes(narrow_cloud))
            time.sleep(0.02)
    assert all("FunctionError" not in each.result() for each in asked)
    assert 1 <= most <= 2


def test_functions_that_invoke_functions_do_not_wait_for_each_other(narrow_cloud):
    inner = narrow_cloud.deploy()
    outer = narrow_cloud.deploy()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: narrow_cloud.invoke(outer, do="invoke", function=inner), range(6)))
    assert [json.loads(answer["Payload"]["inner"])["function"] for answer in answers] == [inner] * 6


def test_a_cloud_with_waiting_invocations_ends_at_once(narrow_cloud, local_cloud, eventually):
    name = narrow_cloud.deploy(Timeout=60)

    def ask():
        with contextlib.suppress(ClientError, HTTPClientError):  # the cloud goes away underneath
            narrow_cloud.invoke(name, do="sleep", seconds=50)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: runtimes(narrow_cloud) == 2)
    begin = time.monotonic()
    assert local_cloud("down", "--state-dir", narrow_cloud.state).returncode == 0
    assert time.monotonic() - begin < 14  # it is killed after 15
