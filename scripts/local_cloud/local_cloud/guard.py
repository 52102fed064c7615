"""A process that outlives its parent just long enough to end what the parent watched over.

LocalStack may be killed with SIGKILL, and then cannot stop its Lambda processes itself. The guard holds the
read end of a pipe: when the parent is gone, however it went, the pipe ends and the guard kills every process
group still registered. That works on any POSIX system, and also where a function keeps its interpreter busy
in C code, when a thread inside the function's process could not act. (Linux's PR_SET_PDEATHSIG follows the
thread that started the child rather than the process, and does not reach grandchildren.)
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable


class ProcessGuard:
    """Starts the guard process with the first registration; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, group: int) -> None:
        """Kill this process group should the calling process go away."""
        self._send(f"+{group}\n")

    def release(self, group: int) -> None:
        """The group has ended: its number may be given to someone else."""
        self._send(f"-{group}\n")

    def close(self) -> None:
        """End the guard process, and with it everything still registered."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()

    def _send(self, line: str) -> None:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", __file__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={},
                    cwd="/",
                    start_new_session=True,  # a signal to the parent's group must not end the guard first
                )
            pipe = self._process.stdin
            assert pipe is not None  # it was asked for above
            pipe.write(line.encode())
            pipe.flush()


def kill_group(group: int) -> None:
    """SIGKILL to a process group; one that has already ended is fine."""
    # macOS answers EPERM for a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _guard(registrations: Iterable[str]) -> None:
    groups: set[int] = set()
    for line in registrations:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        kill_group(group)


if __name__ == "__main__":
    _guard(sys.stdin)
