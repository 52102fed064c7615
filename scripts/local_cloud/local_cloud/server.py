"""Starts, finds and stops LocalStack as a detached process; all it writes is in one state directory."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from local_cloud.ending import end
from local_cloud.endpoint import ANSWER_SECONDS, Answer, Endpoint
from local_cloud.keys import KEY_ID, Keys, read_key_id, write_keys
from local_cloud.memory_queue import MEMORY_BOUND
from local_cloud.state import StartedCloud, StateDirectory

START_TIMEOUT_SECONDS = 60.0

_POLL_SECONDS = 0.05
_HOW_TO_END = "`make local-down` (`local-cloud down`) ends it"


class LocalCloudError(Exception):
    """Something a person has to know, in one message."""


@dataclass(frozen=True)
class Status:
    """endpoint: None when neither given nor recorded; pid and ours: of what this state directory started.

    answer: what is there, by name (see Answer); running: whether that is an AWS API.
    """

    running: bool
    endpoint: str | None
    pid: int | None
    ours: bool
    session_id: str | None
    answer: str


def up(
    endpoint: Endpoint,
    state: StateDirectory,
    lambda_python: Path,
    settings: dict[str, str],
    waited: Callable[[float], None] = lambda seconds: None,
) -> str:
    """Make sure that AWS answers at the endpoint; says in a sentence what was found or done.

    settings: LocalStack variables beside ours; waited: is told the seconds of a start so far. Raises LocalCloudError.
    """
    with state.locked():
        record = state.read_record()
        process = record.process() if record is not None else None
        ours = process is not None and _listens(process, endpoint)
        key_id = (
            (read_key_id(state.keys_path) if ours else None) or os.environ.get("AWS_ACCESS_KEY_ID") or "test"
        )
        answer = endpoint.probe(key_id)
        if answer is Answer.AWS:
            if not ours and process is None:
                state.keys_path.unlink(missing_ok=True)  # of a cloud that is gone; this one has others
            whose = f"started here, pid {process.pid}" if process and ours else "not started here"
            return f"AWS already answers at {endpoint.url} ({whose}); it is used as it is"
        if answer is not Answer.NOTHING:
            raise LocalCloudError(_in_the_way(endpoint, answer, process if ours else None))
        if endpoint.loopback_address is None or endpoint.scheme != "http":
            raise LocalCloudError(
                f"nothing answers at {endpoint.url}, and a local cloud is started only on "
                "http://localhost or http://127.0.0.1"
            )
        if record is not None and process is not None:
            if Endpoint.parse(record.endpoint) == endpoint:
                raise LocalCloudError(
                    f"the local cloud (pid {process.pid}) lives but does not listen at {endpoint.url}: "
                    f"{_HOW_TO_END}"
                )
            raise LocalCloudError(
                f"the local cloud of {state.path} runs already (pid {process.pid}, {record.endpoint}): "
                "use that endpoint or stop it first"
            )
        _check_interpreter(lambda_python)
        state.check_data_is_unused()
        state.forget()
        if state.data.exists():
            raise LocalCloudError(f"{state.data} is in the way: it was not made by local-cloud")
        state.make_data_folders()
        pid = _start(endpoint, state, lambda_python, settings, waited)
        return f"LocalStack started at {endpoint.url} (pid {pid})"


def _in_the_way(endpoint: Endpoint, answer: Answer, ours: psutil.Process | None) -> str:
    """Why what is at the endpoint cannot be used, in one line."""
    at = f"{endpoint.url} (pid {ours.pid}, started here)" if ours else f"{endpoint.url} (not started here)"
    if answer is Answer.SILENT:
        what = _HOW_TO_END if ours else "end it, or choose another endpoint (AWS_ENDPOINT_URL in .env)"
        return f"something takes connections at {at} and answers none in {ANSWER_SECONDS:.0f} s: it hangs; {what}"
    if answer is Answer.REFUSES:
        if ours:
            return f"the local cloud at {at} refuses the keys in its state directory: {_HOW_TO_END}"
        return (
            f"the local cloud at {at} refuses the keys of this one: it is another user's or another checkout's; "
            "stop it there, or choose another endpoint (AWS_ENDPOINT_URL in .env)"
        )
    return (
        f"port {endpoint.port} of {endpoint.host} is taken by something that is not AWS: "
        "stop it or choose another endpoint"
    )


def down(state: StateDirectory) -> str:
    """End the LocalStack that `up` started and all its Lambda processes; says in a sentence what was done."""
    with state.locked():
        record = state.read_record()
        process = record.process() if record is not None else None
        if record is None or process is None:
            state.check_data_is_unused()
            state.forget()
            return "no local cloud was running"
        end(process)
        state.forget()
        return f"LocalStack at {record.endpoint} stopped (pid {record.pid})"


def status(state: StateDirectory, endpoint: Endpoint | None = None) -> Status:
    """What answers at the endpoint, by default the recorded one."""
    record = state.read_record()
    process = record.process() if record is not None else None
    if endpoint is None and record is not None and process is not None:
        endpoint = Endpoint.parse(record.endpoint)
    answer = endpoint.probe() if endpoint is not None else Answer.NOTHING
    if endpoint is None or answer not in (Answer.AWS, Answer.REFUSES):
        url = endpoint.url if endpoint is not None else None
        return Status(False, url, pid=None, ours=False, session_id=None, answer=answer.value)
    ours = process is not None and _listens(process, endpoint)
    session = (endpoint.localstack_info() or {}).get("session_id")
    pid = process.pid if process and ours else None
    return Status(True, endpoint.url, pid, ours, session, answer.value)


def _start(
    endpoint: Endpoint,
    state: StateDirectory,
    lambda_python: Path,
    settings: dict[str, str],
    waited: Callable[[float], None],
) -> int:
    keys = Keys.new()
    write_keys(state.keys_path, endpoint.url, keys)
    environment = (
        localstack_environment(endpoint, state.data, lambda_python) | {KEY_ID: keys.key_id} | settings
    )
    state.log_path.unlink(missing_ok=True)
    with open(os.open(state.log_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-s", "-m", "localstack.runtime.main"],
            env=environment,
            cwd=state.data,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = psutil.Process(child.pid)
    try:
        state.write_record(StartedCloud(child.pid, process.create_time(), endpoint.url))
        _wait_until_it_answers(child, process, endpoint, state, waited)
    except BaseException:  # Ctrl-C and a full disk, too: what is half started is no use to anyone
        end(process)
        state.forget()
        raise
    return child.pid


def _wait_until_it_answers(
    child: subprocess.Popen[bytes],
    process: psutil.Process,
    endpoint: Endpoint,
    state: StateDirectory,
    waited: Callable[[float], None],
) -> None:
    """Raises LocalCloudError with the end of the log where it ends or says nothing in time."""
    begin = time.monotonic()
    deadline = begin + START_TIMEOUT_SECONDS
    while not (_listens(process, endpoint) and _is_healthy(endpoint)):
        problem = None
        if child.poll() is not None:
            problem = f"LocalStack ended while it started (exit status {child.returncode})"
        elif time.monotonic() > deadline:
            problem = f"LocalStack did not answer within {START_TIMEOUT_SECONDS:.0f} s"
        if problem is not None:
            raise LocalCloudError(f"{problem}; the end of {state.log_path}:\n{state.log_tail()}")
        waited(time.monotonic() - begin)
        time.sleep(_POLL_SECONDS)


def localstack_environment(endpoint: Endpoint, data: Path, lambda_python: Path) -> dict[str, str]:
    """LocalStack's whole environment: loopback only, no telemetry, no downloads, all files under data."""
    bound = {MEMORY_BOUND: os.environ[MEMORY_BOUND]} if MEMORY_BOUND in os.environ else {}
    return bound | {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(data / "home"),
        "TMPDIR": str(data / "tmp"),
        "FILESYSTEM_ROOT": str(data / "root"),
        "CONFIG_DIR": str(data / "home"),
        "PYTHONUNBUFFERED": "1",
        "GATEWAY_SERVER": "loopback",
        "GATEWAY_LISTEN": f"{endpoint.loopback_address}:{endpoint.port}",
        "LOCALSTACK_HOST": f"localhost:{endpoint.port}",
        "DNS_ADDRESS": "0",  # its DNS server would listen on every interface
        "EAGER_SERVICE_LOADING": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # No page in a browser reads or writes anything, S3 included, which otherwise decides for itself.
        "DISABLE_CUSTOM_CORS_S3": "1",
        "DISABLE_CUSTOM_CORS_APIGATEWAY": "1",
        "DISABLE_CORS_HEADERS": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_KEEPALIVE_MS": "300000",
        "LOCAL_CLOUD_LAMBDA_PYTHON": str(lambda_python),
    }


def _check_interpreter(lambda_python: Path) -> None:
    if not os.access(lambda_python, os.X_OK):
        raise LocalCloudError(f"{lambda_python} is not a Python interpreter")
    found = subprocess.run([lambda_python, "-s", "-c", "import awslambdaric"], capture_output=True, cwd="/")
    if found.returncode != 0:
        raise LocalCloudError(f"{lambda_python} has no package awslambdaric")


def _is_healthy(endpoint: Endpoint) -> bool:
    try:
        return endpoint.localstack_info(timeout=2) is not None
    except (OSError, http.client.HTTPException):
        return False


def _listens(process: psutil.Process, endpoint: Endpoint) -> bool:
    """Whether it is this process that listens on the endpoint's port."""
    try:
        sockets = process.net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(s.status == psutil.CONN_LISTEN and s.laddr.port == endpoint.port for s in sockets)
