"""Why a target is missed: the top of a profile, the largest imports, or where the memory goes."""

import re
from pathlib import Path
from typing import Any

import processes
from measurements import csv_file

Json = dict[str, Any]

_IMPORTS_SHOWN = 10
_IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


def explain(what: str, result: Json, root: Path, megabytes: float) -> str:
    """A few lines; `what` is a Target's `explain`, `megabytes` the size of the CSV that is profiled."""
    kind, _, name = what.partition(" ")
    if kind == "memory":
        return _memory(result)
    if kind == "import":
        return _imports(f"{name}.handler")
    csv = csv_file(root, megabytes, name or "unquoted")
    if kind == "run":
        return _halves(result) + "\n" + _profile("run", csv, root)
    if kind == "summarize":
        processes.work(processes.OURS, "model_service", "fetch_and_validate", csv, root)
        return _profile("summarize_alone", csv, root)
    return _profile("fetch_and_validate", csv, root)


def _profile(function: str, csv: Path, root: Path) -> str:
    script = str(Path(__file__).with_name("profile_step.py"))
    return processes.run(processes.OURS, script, function, str(csv), str(root)).output.rstrip()


def _halves(result: Json) -> str:
    lines = []
    for size in result["sizes"]:
        for name in ("model service", "pandas + scikit-learn"):
            found = size["competitors"][name]
            lines.append(
                f"{size['megabytes']:g} MB, {name}: imports {found['import_seconds']['best']:.2f} s, "
                f"read {found['read_seconds']['best']:.2f} s, model {found['model_seconds']['best']:.2f} s"
            )
    return "\n".join(lines)


def _memory(result: Json) -> str:
    """Peaks of processes that do more and more, in MB."""
    lines = [f"a Python process that does nothing: {result['bare_interpreter_mb']:.1f} MB"]
    for size in result["sizes"]:
        ours = size["competitors"]["model service"]
        heavy = size["competitors"]["model service with boto3"]
        steps = ", ".join(
            f"{name} {found['peak_mb']['best']:.1f} MB" for name, found in size["steps"].items()
        )
        lines.append(
            f"{size['megabytes']:g} MB: our imports {ours['import_peak_mb']['best']:.1f} MB, "
            f"with boto3 {heavy['import_peak_mb']['best']:.1f} MB; both steps in one process "
            f"{ours['peak_mb']['best']:.1f} MB, with boto3 {heavy['peak_mb']['best']:.1f} MB; each alone, "
            f"with boto3: {steps}"
        )
    return "\n".join(lines)


def _imports(module: str) -> str:
    """The modules that take most time of their own when a handler is imported after boto3."""
    code = f"import boto3, sys; print('--', file=sys.stderr); import {module}"
    said = processes.run(processes.OURS, "-X", "importtime", "-c", code).errors
    own = sorted(
        ((int(own), name) for own, _, name in _IMPORT_LINE.findall(said.partition("\n--\n")[2])), reverse=True
    )
    return "\n".join(f"{microseconds / 1e3:6.1f} ms  {name}" for microseconds, name in own[:_IMPORTS_SHOWN])


def size_to_profile(result: Json) -> float:
    """A size that takes a few seconds under the profiler."""
    return min(10.0, result["parsing"]["megabytes"])
