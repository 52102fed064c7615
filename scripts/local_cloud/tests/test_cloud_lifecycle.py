"""`local-cloud up`, `down` and `status`, with real servers and real signals."""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from botocore.exceptions import HTTPClientError


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_sleeping(process: psutil.Process) -> bool:
    try:
        return "time.sleep(60)" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it has just ended
        return False


def status(local_cloud, state, *options):
    return json.loads(local_cloud("status", "--json", "--state-dir", state, *options).stdout)


def busy_function(cloud, eventually, apart: bool) -> list[psutil.Process]:
    """A function in the middle of an invocation, with a child process; returns all processes of the cloud."""
    name = cloud.deploy(Timeout=60)
    threading.Thread(target=_invoke_quietly, args=(cloud, name, apart), daemon=True).start()

    def at_work():
        processes = family(cloud.pid)
        return processes if any(map(is_sleeping, processes)) else None

    return eventually(at_work)


def _invoke_quietly(cloud, name, apart):
    client = cloud.client("lambda")
    event = json.dumps({"do": "spawn_and_sleep", "apart": apart})
    # The cloud goes away underneath: that is what these tests do.
    with contextlib.suppress(client.exceptions.ClientError, HTTPClientError):
        client.invoke(FunctionName=name, Payload=event)


def test_everything_listens_on_loopback_only(cloud):
    cloud.invoke(cloud.deploy())
    sockets = [s for p in family(cloud.pid) for s in p.net_connections(kind="inet")]
    listening = {s.laddr.ip for s in sockets if s.status == psutil.CONN_LISTEN or s.type == socket.SOCK_DGRAM}
    assert listening == {"127.0.0.1"}
    assert {s.raddr.ip for s in sockets if s.raddr} <= {"127.0.0.1"}  # nor does anything call out


def test_a_cloud_that_answers_already_is_used_as_it_is(cloud, local_cloud, tmp_path):
    known = cloud.keys  # as scripts/local-env.sh gives them
    result = local_cloud("up", "--endpoint", cloud.endpoint, "--state-dir", tmp_path, **known)
    assert result.returncode == 0
    assert (
        result.stdout == f"AWS already answers at {cloud.endpoint} (not started here); it is used as it is\n"
    )
    seen = status(local_cloud, tmp_path, "--endpoint", cloud.endpoint)
    assert (seen["running"], seen["ours"], seen["pid"]) == (True, False, None)
    assert local_cloud("down", "--state-dir", tmp_path).stdout == "no local cloud was running\n"
    assert status(local_cloud, cloud.state)["running"]


def test_down_waits_for_every_process_and_may_be_repeated(start_cloud, local_cloud, eventually, tmp_path):
    cloud = start_cloud(tmp_path / "state")
    processes = busy_function(cloud, eventually, apart=True)
    result = local_cloud("down", "--state-dir", cloud.state)
    assert result.stdout == f"LocalStack at {cloud.endpoint} stopped (pid {cloud.pid})\n"
    assert [p for p in processes if not is_gone(p)] == []
    assert sorted(path.name for path in cloud.state.iterdir()) == ["local-cloud.lock", "localstack.log"]
    again = local_cloud("down", "--state-dir", cloud.state)
    assert (again.returncode, again.stdout) == (0, "no local cloud was running\n")


def test_no_process_outlives_a_killed_localstack(start_cloud, local_cloud, eventually, tmp_path):
    cloud = start_cloud(tmp_path / "state")
    session = status(local_cloud, cloud.state)["session_id"]
    processes = busy_function(cloud, eventually, apart=False)
    os.kill(cloud.pid, signal.SIGKILL)
    eventually(lambda: all(is_gone(p) for p in processes))
    assert not status(local_cloud, cloud.state)["running"]
    restarted = local_cloud("up", "--endpoint", cloud.endpoint, "--state-dir", cloud.state)
    assert restarted.stdout.startswith(f"LocalStack started at {cloud.endpoint} (pid ")
    assert status(local_cloud, cloud.state)["session_id"] not in (session, None)


def test_two_ups_at_once_start_one_cloud(local_cloud, start_cloud, free_port, tmp_path):
    endpoint = f"http://localhost:{free_port()}"
    with ThreadPoolExecutor(2) as pool:
        results = list(
            pool.map(lambda _: local_cloud("up", "--endpoint", endpoint, "--state-dir", tmp_path), range(2))
        )
    pid = status(local_cloud, tmp_path)["pid"]
    assert sorted(result.stdout for result in results) == [
        f"AWS already answers at {endpoint} (started here, pid {pid}); it is used as it is\n",
        f"LocalStack started at {endpoint} (pid {pid})\n",
    ]
    local_cloud("down", "--state-dir", tmp_path)


@pytest.mark.parametrize("record", ["garbage", None])
def test_a_record_that_is_lost_deletes_nothing_under_a_running_cloud(
    start_cloud, local_cloud, tmp_path, record
):
    cloud = start_cloud(tmp_path / "state")
    path = cloud.state / "local-cloud.json"
    whole = path.read_text()
    path.write_text(record) if record else path.unlink()
    for command in (
        ("down", "--state-dir", cloud.state),
        ("up", "--state-dir", cloud.state, "--endpoint", "http://localhost:1"),
    ):
        refused = local_cloud(*command)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
        assert "nothing was stopped or removed" in refused.stderr
        assert f"as process {cloud.pid}: `kill {cloud.pid}` ends it" in refused.stderr
    cloud.client("s3").create_bucket(Bucket="there")
    path.write_text(whole)


def test_a_cloud_that_hangs_is_told_within_seconds_and_ended_by_down(start_cloud, local_cloud, tmp_path):
    cloud = start_cloud(tmp_path / "state")
    os.kill(cloud.pid, signal.SIGSTOP)
    begin = time.monotonic()
    told = local_cloud("up", "--endpoint", cloud.endpoint, "--state-dir", cloud.state)
    assert time.monotonic() - begin < 15
    assert (told.returncode, told.stderr) == (
        1,
        f"local-cloud: something takes connections at {cloud.endpoint} (pid {cloud.pid}, started here) and "
        "answers none in 10 s: it hangs; `make local-down` (`local-cloud down`) ends it\n",
    )
    ended = local_cloud("down", "--state-dir", cloud.state)
    assert ended.stdout == f"LocalStack at {cloud.endpoint} stopped (pid {cloud.pid})\n"


def test_the_cloud_of_another_state_directory_is_told_by_its_keys(cloud, local_cloud, tmp_path):
    told = local_cloud("up", "--endpoint", cloud.endpoint, "--state-dir", tmp_path)
    assert (told.returncode, told.stderr) == (
        1,
        f"local-cloud: the local cloud at {cloud.endpoint} (not started here) refuses the keys of this one: it is "
        "another user's or another checkout's; stop it there, or choose another endpoint (AWS_ENDPOINT_URL in .env)\n",
    )
    assert local_cloud("down", "--state-dir", tmp_path).stdout == "no local cloud was running\n"
    assert status(local_cloud, cloud.state)["running"]


def test_ctrl_c_while_it_starts_is_one_line_and_leaves_nothing(
    cloud_python, lambda_python, free_port, eventually, tmp_path
):
    endpoint = ["--endpoint", f"http://localhost:{free_port()}", "--lambda-python", lambda_python]
    up = [cloud_python, "-m", "local_cloud", "up", "--state-dir", tmp_path, *endpoint]
    with subprocess.Popen(up, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as starting:
        eventually(lambda: (tmp_path / "local-cloud.json").exists())
        pid = json.loads((tmp_path / "local-cloud.json").read_text())["pid"]
        starting.send_signal(signal.SIGINT)
        said = starting.communicate(timeout=60)
    assert (starting.returncode, said) == (130, ("", "local-cloud: interrupted\n"))
    assert not psutil.pid_exists(pid)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["local-cloud.lock", "localstack.log"]


def test_ctrl_c_while_modules_are_loaded_is_one_line(cloud_python, tmp_path):
    (tmp_path / "psutil.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run(
        [cloud_python, "-m", "local_cloud", "status", "--state-dir", tmp_path],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "local-cloud: interrupted\n")


@pytest.fixture
def web_server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_port_taken_by_something_else_is_one_clear_line(web_server, local_cloud, tmp_path):
    result = local_cloud("up", "--endpoint", web_server, "--state-dir", tmp_path)
    port = web_server.rpartition(":")[2]
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"local-cloud: port {port} of localhost is taken by something that is not AWS: "
        "stop it or choose another endpoint\n"
    )


def test_a_process_with_the_recorded_number_that_is_another_is_left_alone(local_cloud, tmp_path):
    mine = os.getpid()
    record = {
        "pid": mine,
        "create_time": psutil.Process(mine).create_time() - 100,
        "endpoint": "http://localhost:1",
    }
    (tmp_path / "local-cloud.json").write_text(json.dumps(record))
    assert local_cloud("down", "--state-dir", tmp_path).stdout == "no local cloud was running\n"


def test_a_folder_that_is_not_ours_is_kept(local_cloud, free_port, tmp_path):
    (tmp_path / "localstack-data").mkdir()
    endpoint = f"http://localhost:{free_port()}"
    result = local_cloud("up", "--endpoint", endpoint, "--state-dir", tmp_path)
    assert result.returncode == 1
    assert result.stderr.endswith("localstack-data is in the way: it was not made by local-cloud\n")
    local_cloud("down", "--state-dir", tmp_path)
    assert (tmp_path / "localstack-data").exists()


def test_a_localstack_that_dies_at_once_shows_the_end_of_its_log(local_cloud, free_port, tmp_path):
    endpoint = f"http://localhost:{free_port()}"
    result = local_cloud(
        "up", "--endpoint", endpoint, "--state-dir", tmp_path, "--set", "LAMBDA_KEEPALIVE_MS=soon"
    )
    assert result.returncode == 1
    assert "local-cloud: LocalStack ended while it started (exit status 1); the end of " in result.stderr
    assert "invalid literal for int() with base 10: 'soon'" in result.stderr
    assert not status(local_cloud, tmp_path)["running"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--endpoint", "http://cloud.invalid:4566"],
            "nothing answers at http://cloud.invalid:4566, and a local cloud",
        ),
        (
            ["--endpoint", "localhost:4566"],
            "'localhost:4566' is not an endpoint URL such as http://localhost:4566",
        ),
        (["--endpoint", "http://localhost:99999"], "is not an endpoint URL: Port out of range 0-65535"),
        (["--lambda-python", "/nowhere/python"], "/nowhere/python is not a Python interpreter"),
    ],
)
def test_what_cannot_work_is_one_line(local_cloud, free_port, tmp_path, options, message):
    result = local_cloud(
        "up", "--state-dir", tmp_path, "--endpoint", f"http://localhost:{free_port()}", *options
    )
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_python_without_awslambdaric_is_one_line(local_cloud, cloud_python, free_port, tmp_path):
    endpoint = f"http://localhost:{free_port()}"
    result = local_cloud(
        "up", "--state-dir", tmp_path, "--endpoint", endpoint, "--lambda-python", cloud_python
    )
    assert result.stderr == f"local-cloud: {cloud_python} has no package awslambdaric\n"
