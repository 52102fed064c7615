#!/usr/bin/env python3
"""The same job four ways: a plain script, a Metaflow flow, this pipeline in one process and in the local cloud.

    .venv/bin/python benchmarks/three_ways.py [--repeat 5]

Writes tmp/comparison.json and prints it as a table. Cold: the first run after the environments are made (of the
cloud: after the deployment). Warm: the fastest of the repeats. Peak memory: the largest process of the run.
"""

import argparse
import ast
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import processes
from model_service_cli.door import run_command
from scale_cloud import scale_cloud

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / "comparison"
CSV = ROOT / "data" / "btc_candles_labeled_sample.csv"
PYTHON = ROOT / ".venv-comparison" / "bin" / "python"
RESULT = ROOT / "tmp" / "comparison.json"
LAMBDAS = {"fetch-and-validate": 1, "summarize": 1, "publish-artifact": 1}
SCRIPT, FLOW = "pandas and scikit-learn, a script", "Metaflow, a local flow"
HANDLERS, CLOUD = "this, three handlers in one process", "this, the state machine in the local cloud"


def code_lines(path: Path) -> int:
    """Lines that somebody wrote and the interpreter reads: no blank ones, comments or docstrings."""
    text = path.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    lines = {
        n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def metrics_in(output: str) -> Json:
    """The metrics a run prints as its one line of JSON. Raises BenchmarkError where there is none."""
    for line in reversed(output.splitlines()):
        if (begin := line.find('{"accuracy"')) >= 0:
            return json.loads(line[begin:])
    raise processes.BenchmarkError("a run printed no metrics")


def run_processes(repeat: int, command: Callable[[Path], list[str]], python: Path) -> Json:
    """A process a run, each in an empty folder of its own: cold is the first, warm the fastest of the others."""
    runs = []
    for _ in range(repeat + 1):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(processes.run(python, *command(Path(folder))))
    return {
        "cold_seconds": runs[0].whole_seconds,
        "warm_seconds": min(run.whole_seconds for run in runs[1:]),
        "peak_mb": max(run.peak_mb for run in runs),
        "metrics": metrics_in(runs[0].output),
    }


def run_flow(repeat: int) -> Json:
    """Metaflow keeps its store where the variable says, and wants a user's name."""
    with tempfile.TemporaryDirectory() as store:
        os.environ |= {"METAFLOW_DATASTORE_SYSROOT_LOCAL": store, "METAFLOW_USER": "comparison"}
        arguments = [str(FOLDER / "flow.py"), "run", "--csv", str(CSV)]
        return run_processes(repeat, lambda folder: arguments, PYTHON)


def run_cloud(repeat: int) -> Json:
    """The state machine: the CSV is uploaded before, as the others' lies on the disk."""
    work = ROOT / "tmp" / "comparison"
    work.mkdir(parents=True, exist_ok=True)
    seconds, peaks, outputs = [], [], []
    with tempfile.TemporaryDirectory(dir=work) as folder, scale_cloud(Path(folder)) as cloud:
        cloud.deploy()
        key = cloud.upload(CSV)
        for seed in range(
            repeat + 1
        ):  # of a shuffled split, so without effect, but another run: nothing is cached
            execution = cloud.execute({"key": key, "seed": seed})
            invocations = cloud.invocations(execution, LAMBDAS)
            seconds.append((execution.duration_ms or 0) / 1000)
            peaks += [ran.peak_mb for of_one in invocations.values() for ran in of_one]
            outputs.append(json.loads(execution.output or "{}"))
    return {
        "cold_seconds": seconds[0],
        "warm_seconds": min(seconds[1:]),
        "peak_mb": max(peaks),
        "metrics": {name: outputs[0]["metrics"][name] for name in ("accuracy", "f1")},
    }


def table(result: Json) -> tuple[list[str], list[list[str]]]:
    """Head and rows."""
    head = ["", "cold, s", "warm, s", "peak memory, MB", "lines you write", "accuracy", "F1"]
    rows = [
        [
            name,
            f"{way['cold_seconds']:.2f}",
            f"{way['warm_seconds']:.2f}",
            f"{way['peak_mb']:.0f}",
            str(way["lines"]),
            f"{way['metrics']['accuracy']:.4f}",
            f"{way['metrics']['f1']:.4f}",
        ]
        for name, way in result["ways"].items()
    ]
    return head, rows


def markdown(result: Json) -> str:
    """The machine and the table."""
    machine = result["machine"]
    load = " to ".join(f"{value:.1f}" for value in result["load"])
    line = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}, "
        f"{result['started_at'][:10]}; load average {load} before and after; warm is the best of {result['repeat']}."
    )
    head, rows = table(result)
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return line + "\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def run(repeat: int) -> int:
    """The whole command; returns the exit status."""
    if not PYTHON.exists():
        raise processes.BenchmarkError("the comparison's environment is missing: scripts/setup.sh comparison")
    started, before = datetime.now(UTC).isoformat(timespec="seconds"), os.getloadavg()[0]
    ways = {
        SCRIPT: lambda: run_processes(
            repeat, lambda folder: [str(FOLDER / "script.py"), str(CSV), str(folder)], PYTHON
        ),
        FLOW: lambda: run_flow(repeat),
        HANDLERS: lambda: run_processes(
            repeat, lambda folder: [str(FOLDER / "three_handlers.py"), str(CSV), str(folder)], processes.OURS
        ),
        CLOUD: lambda: run_cloud(repeat),
    }
    lines = {
        SCRIPT: code_lines(FOLDER / "script.py"),
        FLOW: code_lines(FOLDER / "flow.py"),
        HANDLERS: 0,
        CLOUD: 0,
    }
    result = {"started_at": started, "machine": processes.machine(), "repeat": repeat, "ways": {}}
    for name, measured in ways.items():
        print(f"comparison: {name}", file=sys.stderr, flush=True)
        result["ways"][name] = measured() | {"lines": lines[name]}
    result["load"] = [before, os.getloadavg()[0]]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(markdown(result))
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="warm runs of each (default: 5)")
    try:
        return run(max(1, parser.parse_args(arguments).repeat))
    except processes.BenchmarkError as error:
        print(f"comparison: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(run_command("comparison", main))
