"""A competitor as a process: spawned, waited for, its wall time and its peak memory taken from the kernel."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_FOLDER = Path(__file__).resolve().parent
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in one ru_maxrss

OURS = _ROOT / ".venv-lambda" / "bin" / "python"  # what the Lambda processes of the local cloud run on
PEERS = _ROOT / ".venv-benchmark" / "bin" / "python"


class BenchmarkError(Exception):
    """The benchmark cannot go on. The message is one line for a person."""


@dataclass(frozen=True)
class Finished:
    """whole_seconds: from spawn to exit; peak_mb: the process's largest resident set in 10**6 bytes."""

    output: str
    errors: str
    whole_seconds: float
    peak_mb: float


def run(python: Path, *arguments: str) -> Finished:
    """Runs a Python process to its end; raises BenchmarkError with its last words when it fails."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS_"))
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT / "functions"), str(_FOLDER)])
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result")
        launched = subprocess.run(
            [python, "-I", "-S", _FOLDER / "launcher.py", result, python, *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )
        if launched.returncode:
            raise BenchmarkError(f"the launcher failed: {_last_line(launched.stderr)}")
        seconds, peak, status = result.read_text().split()
    if code := os.waitstatus_to_exitcode(int(status)):
        raise BenchmarkError(
            f"{' '.join(map(str, arguments[:3]))}: {_last_line(launched.stderr) or f'exit status {code}'}"
        )
    return Finished(launched.stdout, launched.stderr, float(seconds), int(peak) * _RSS_UNIT / 1e6)


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def work(python: Path, module: str, function: str, csv: Path, root: Path) -> dict[str, Any]:
    """One run of worker.py: what it prints, with whole_seconds and peak_mb."""
    finished = run(python, str(_FOLDER / "worker.py"), module, function, str(csv), str(root))
    return json.loads(finished.output) | {
        "whole_seconds": finished.whole_seconds,
        "peak_mb": finished.peak_mb,
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    if sys.platform == "darwin":
        name = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(name, capture_output=True, text=True, check=True).stdout.strip()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
