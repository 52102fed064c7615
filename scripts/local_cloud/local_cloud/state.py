"""What is kept on disk of a started local cloud: who it is, its keys, its log, its data."""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_LOG_LINES_SHOWN = 15


class StateError(Exception):
    """What is on disk does not say what runs, so that nothing may be stopped or removed. One line for a person."""


@dataclass(frozen=True)
class StartedCloud:
    """The record of a start. create_time tells the process from a later one with the same number."""

    pid: int
    create_time: float
    endpoint: str

    def process(self) -> psutil.Process | None:
        """The process if it still is the one that was started."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (psutil.NoSuchProcess, OverflowError):
            return None


class StateDirectory:
    """The files of one local cloud."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.record_path = self.path / "local-cloud.json"
        self.keys_path = self.path / "keys.env"
        self.log_path = self.path / "localstack.log"
        self.data = self.path / "localstack-data"
        self._data_mark = self.data / ".local-cloud"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time; the lock goes with the process that holds it."""
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / "local-cloud.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read_record(self) -> StartedCloud | None:
        """The record of the last start; None where there is none. Raises StateError for one that cannot be read."""
        try:
            match json.loads(self.record_path.read_bytes()):
                case {"pid": int(pid), "create_time": float(created), "endpoint": str(endpoint)} if pid > 0:
                    return StartedCloud(pid, created, endpoint)
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            pass
        raise StateError(
            f"{self.record_path} cannot be read: what runs is not known, so nothing was stopped or removed; "
            + (self._told_processes() or "no LocalStack runs on the data beside it")
            + ". Remove that file, and start again"
        )

    def check_data_is_unused(self) -> None:
        """Raises StateError while a process that no record tells of runs on the data."""
        if told := self._told_processes():
            raise StateError(f"nothing was stopped or removed: {told}")

    def _told_processes(self) -> str:
        """The processes that run on the data, with what ends them, as a part of a sentence; empty for none."""
        found = []
        for process in psutil.process_iter():
            # Of others' processes the folder is not to be seen: they cannot use this one either.
            with contextlib.suppress(psutil.Error, OSError):
                if process.cwd() == str(self.data):
                    found.append(process.pid)
        if not found:
            return ""
        pids = " ".join(map(str, sorted(found)))
        return f"LocalStack runs on {self.data} as process {pids}: `kill {pids}` ends it"

    def write_record(self, record: StartedCloud) -> None:
        partial = self.record_path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(record)) + "\n")
        partial.replace(self.record_path)

    def log_tail(self) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:])

    def make_data_folders(self) -> None:
        """An empty home and temporary directory for LocalStack, marked as ours."""
        self.data.mkdir(parents=True, mode=0o700)  # others' requests may be in it
        for name in ("home", "tmp"):
            (self.data / name).mkdir()
        self._data_mark.touch()

    def forget(self) -> None:
        """Remove the record, the keys and LocalStack's data, which it could not read again anyway; the log stays.

        A folder of that name that `make_data_folders` did not make is somebody else's and stays.
        """
        self.record_path.unlink(missing_ok=True)
        self.keys_path.unlink(missing_ok=True)
        if self._data_mark.exists():
            shutil.rmtree(self.data, ignore_errors=True)
