"""The guard kills what is registered when its parent goes, and nothing else."""

import subprocess
import sys

import pytest

from local_cloud.guard import ProcessGuard, kill_group

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper():
    started = []

    def start() -> subprocess.Popen:
        process = subprocess.Popen(SLEEP, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        kill_group(process.pid)
        process.wait()


def test_closing_kills_what_is_watched_and_spares_what_was_released(sleeper):
    guard, watched, released = ProcessGuard(), sleeper(), sleeper()
    for process in (watched, released):
        guard.watch(process.pid)
    guard.release(released.pid)
    guard.close()
    assert watched.wait(5) == -9
    assert released.poll() is None


def test_a_parent_that_is_killed_takes_its_groups_along(sleeper):
    watched = sleeper()
    program = (
        "import sys, time\n"
        "from local_cloud.guard import ProcessGuard\n"
        f"guard = ProcessGuard(); guard.watch({watched.pid}); print('watching', flush=True); time.sleep(60)\n"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    with parent.stdout:
        assert parent.stdout.readline() == b"watching\n"
        parent.kill()
        parent.wait()
    assert watched.wait(5) == -9


def test_a_group_that_has_ended_is_no_error(sleeper):
    process = sleeper()
    kill_group(process.pid)
    process.wait()
    kill_group(process.pid)
    assert process.returncode == -9
