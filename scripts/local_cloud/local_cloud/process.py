"""One runtime process: started, its output read, its memory measured, and killed with all its descendants."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from local_cloud.guard import ProcessGuard, kill_group

_MIB = 1024 * 1024
_RESCAN_SECONDS = 0.25  # looking for new child processes reads the whole process table


class RuntimeProcess:
    """A process in a session of its own, with standard output and error in one pipe.

    Nothing reads the pipe in the background: the owner calls `read_log` while it waits for the function.
    """

    def __init__(self, command: list[str], env: dict[str, str], cwd: Path, guard: ProcessGuard) -> None:
        self._guard = guard
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        guard.watch(self._process.pid)
        assert self._process.stdout is not None  # it was asked for above
        self._output = self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._stats = psutil.Process(self._process.pid)
        self._children: list[psutil.Process] = []
        self._scanned_at = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative for the number of the signal that ended it."""
        return self._process.poll()

    def read_log(self) -> bytes:
        """What the process has written and nobody has read yet, without waiting."""
        chunks = []
        while True:
            try:
                chunk = os.read(self._output.fileno(), 65536)
            except BlockingIOError:
                break
            if not chunk:
                break
            chunks.append(chunk)
        return b"".join(chunks)

    def measure_memory(self) -> float:
        """Resident memory of the process and its descendants in MiB."""
        if time.monotonic() - self._scanned_at >= _RESCAN_SECONDS:
            self._children = self._descendants()
            self._scanned_at = time.monotonic()
        return sum(_resident_bytes(process) for process in [self._stats, *self._children]) / _MIB

    def kill(self) -> None:
        """End the process and all its descendants, and wait until it is gone; idempotent."""
        if self._output.closed:
            return
        # Descendants in sessions of their own are not in the group.
        strays = self._descendants() + self._children
        kill_group(self.pid)
        for stray in strays:
            with contextlib.suppress(psutil.NoSuchProcess):
                stray.kill()
        self._process.wait()
        self._guard.release(self.pid)
        self._output.close()

    def _descendants(self) -> list[psutil.Process]:
        try:
            return self._stats.children(recursive=True)
        except psutil.NoSuchProcess:
            return []


class ScratchDirectory:
    """The environment's own /tmp: empty at first, kept over restarts of the process, removed at the end."""

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="lambda-", dir=parent))

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
