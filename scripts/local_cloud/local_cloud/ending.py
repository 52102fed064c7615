"""Ends a process with all its descendants, and waits until they are gone."""

import contextlib
import time

import psutil

STOP_GRACE_SECONDS = 15.0

_POLL_SECONDS = 0.05


def end(process: psutil.Process) -> None:
    """SIGTERM, then SIGKILL after the grace time; returns when the process and all descendants are gone."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
        process.resume()  # one that was stopped (Ctrl-Z, a debugger) acts on it only then
        if _wait_until_gone(family, STOP_GRACE_SECONDS):
            return
        # LocalStack first: its guard then ends the Lambda processes.
        process.kill()
        if _wait_until_gone(family, 2):
            return
    except psutil.NoSuchProcess:
        return
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    _wait_until_gone(family, STOP_GRACE_SECONDS)


def _wait_until_gone(processes: list[psutil.Process], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
