"""The measurements of `make benchmark`, each a JSON value: processes are spawned here, nothing is printed."""

import json
import math
import os
import shutil
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mixed_table
import processes
import wide_table
from candle_files import QUOTING, rows_for, write_candles
from processes import OURS, PEERS, BenchmarkError

Json = dict[str, Any]

HANDLERS = ("fetch_and_validate", "summarize", "publish_artifact")
# Name in the tables -> interpreter, module.
COMPETITORS = {
    "model service": (OURS, "model_service"),
    "model service with boto3": (OURS, "model_service_with_boto3"),
    "pandas + scikit-learn": (PEERS, "pandas_scikit_learn"),
    "polars + scikit-learn": (PEERS, "polars_scikit_learn"),
    "DuckDB + scikit-learn": (PEERS, "duckdb_scikit_learn"),
    "bare standard library": (OURS, "standard_library"),
}
_BUCKET = "ml-data-demo"
WIDTHS = (10, 500)
COVARIANCES = ("diagonal", "pooled")
_TOLERANCE = 1e-9  # between two competitors' accuracies, and F1
_IMPORT_TIMES = """\
import sys, time
from importlib import import_module
a = time.perf_counter()
import boto3
b = time.perf_counter()
import_module(sys.argv[1])
print(b - a, time.perf_counter() - b)
"""

Say = Callable[[str], None]


def repetitions(megabytes: float) -> int:
    """How often a measurement at this size is repeated: the small ones are the noisy ones."""
    return 7 if megabytes <= 1 else 5 if megabytes <= 10 else 3 if megabytes <= 100 else 1


@contextmanager
def work_folder(root: Path, largest: float) -> Iterator[Path]:
    """The folder that the CSVs and what the steps write go to; it is removed at the end."""
    shutil.rmtree(root, ignore_errors=True)
    (root / _BUCKET).mkdir(parents=True)
    needed = 4 * largest * 1e6  # the CSV, its parts, and the quoted ones
    if (free := shutil.disk_usage(root).free) < needed:
        raise BenchmarkError(f"{root} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB are needed")
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def csv_file(root: Path, megabytes: float, quoting: str = "unquoted") -> Path:
    """The candle CSV of this size, written if it is not there yet."""
    path = root / _BUCKET / f"{megabytes:g}-mb-{quoting.replace(' ', '-')}.csv"
    if not path.exists():
        write_candles(path, rows_for(megabytes), quoting)
    return path


def warm_up(root: Path, megabytes: float) -> None:
    """Every competitor once: compiled modules and file caches are there before the first measurement."""
    for python, module in COMPETITORS.values():
        processes.work(python, module, "run", csv_file(root, megabytes), root)


def one_size(root: Path, megabytes: float, repeat: int, say: Say) -> Json:
    """All competitors, and our two steps as processes of their own, on one CSV; they take turns."""
    csv = csv_file(root, megabytes)
    runs: dict[str, list[Json]] = {name: [] for name in COMPETITORS}
    steps: dict[str, list[Json]] = {"FetchAndValidate": [], "Summarize": []}
    for turn in range(1, repeat + 1):
        for name, (python, module) in COMPETITORS.items():
            say(f"{megabytes:g} MB, {turn} of {repeat}: {name}")
            runs[name].append(processes.work(python, module, "run", csv, root))
        for step, function in (("FetchAndValidate", "fetch_and_validate"), ("Summarize", "summarize_alone")):
            say(f"{megabytes:g} MB, {turn} of {repeat}: {step} alone")
            steps[step].append(processes.work(OURS, "model_service_with_boto3", function, csv, root))
        shutil.rmtree(root / "artifacts", ignore_errors=True)
    figures = agreed(megabytes, {name: found[0] for name, found in (runs | steps).items()})
    result = {
        "megabytes": megabytes,
        "bytes": csv.stat().st_size,
        "repeat": repeat,
        **figures,
        "competitors": {name: _summaries(found) for name, found in runs.items()},
        "steps": {name: _summaries(found) for name, found in steps.items()},
    }
    csv.unlink()
    return result


def agreed(megabytes: float, found: dict[str, Json]) -> Json:
    """rows, accuracy and f1 that all competitors found; raises BenchmarkError where one found another."""
    reference = found["model service"]
    figures = {figure: reference[figure] for figure in ("rows", "accuracy", "f1")}
    for name, other in found.items():
        for figure, value in figures.items():
            if figure in other and not math.isclose(other[figure], value, rel_tol=0, abs_tol=_TOLERANCE):
                raise BenchmarkError(
                    f"{megabytes:g} MB: {figure} is {value!r} for model service, {other[figure]!r} for {name}"
                )
    return figures


def _summaries(runs: list[Json]) -> Json:
    """Each figure of the runs that measures something, as best, median and all."""
    measured = [name for name in runs[0] if name.endswith(("_seconds", "_mb"))]
    return {name: summary(run[name] for run in runs) for name in measured}


def summary(values: Iterable[float]) -> Json:
    values = list(values)
    return {"best": min(values), "median": statistics.median(values), "all": values}


def parsing(root: Path, megabytes: float, rounds: int, say: Say) -> Json:
    """Rows and MB of CSV a second of step 1 on each kind of quoting, and of the bare bound on the unquoted file.

    ratio: our rows a second by the bound's, which has no quotes to look at: the same cells, whatever the bytes.
    """
    say(f"parsing {megabytes:g} MB, {rounds} rounds")
    files = {quoting: csv_file(root, megabytes, quoting) for quoting in QUOTING}
    script = str(Path(__file__).with_name("parsing.py"))
    finished = processes.run(OURS, script, str(rounds), str(root), *map(str, files.values()))
    found = json.loads(finished.output)
    block, bound = min(found["bound"].items(), key=lambda item: min(item[1]))
    size = files["unquoted"].stat().st_size
    seconds = dict(zip(files, found["validated"], strict=True)) | {
        "unquoted, parts written": found["written"]
    }
    result = {
        "megabytes": megabytes,
        "rows": rows_for(megabytes),
        "rounds": rounds,
        "part_mb": found["part_mb"],
        "bound": {
            "block_kib": int(block),
            "seconds": summary(bound),
            "mb_per_second": size / 1e6 / min(bound),
        },
        "bound_seconds_by_block_kib": found["bound"],
        "validated": {
            quoting: {
                "seconds": summary(taken),
                "mb_per_second": files.get(quoting, files["unquoted"]).stat().st_size / 1e6 / min(taken),
                "ratio": min(bound) / min(taken),
                # Each round's own ratio: it does not mix a quiet moment of one with a busy one of the other.
                "median_ratio": statistics.median(b / t for b, t in zip(bound, taken, strict=True)),
            }
            for quoting, taken in seconds.items()
        },
    }
    for path in files.values():
        path.unlink()
    return result


def mixed(root: Path, megabytes: float, rounds: int, say: Say) -> Json:
    """Step 1 on a table of text, dates and holes, beside a bare loop over its rows, and readers that are not Python."""
    say(f"a table of text, dates and holes of {megabytes:g} MB, {rounds} rounds")
    csv = root / _BUCKET / "mixed.csv"
    rows = mixed_table.rows_for(megabytes)
    mixed_table.write_mixed(csv, rows)
    here = Path(__file__)
    arguments = str(rounds), str(root), str(csv)
    ours = json.loads(processes.run(OURS, str(here.with_name("mixed_parsing.py")), *arguments).output)
    peers = json.loads(
        processes.run(PEERS, str(here.with_name("mixed_peers.py")), str(rounds), str(csv)).output
    )
    size = csv.stat().st_size / 1e6
    csv.unlink()
    seconds = {"bare loop": ours["bound"], "FetchAndValidate": ours["validated"], **peers}
    return {
        "megabytes": megabytes,
        "rows": rows,
        "rounds": rounds,
        "peak_mb": ours["peak_mb"],
        "readers": {
            name: {
                "seconds": summary(taken),
                "mb_per_second": size / min(taken),
                "ratio": min(ours["bound"]) / min(taken),
            }
            for name, taken in seconds.items()
        },
    }


def wide(root: Path, megabytes: float, rounds: int, say: Say) -> Json:
    """Both steps on tables of few and of many columns, equally large, with and without covariances between columns."""
    found = []
    for columns in WIDTHS:
        csv = root / _BUCKET / "wide.csv"
        rows = wide_table.rows_for(megabytes, columns)
        wide_table.write_wide(csv, rows, columns)
        size = csv.stat().st_size / 1e6
        for covariance in COVARIANCES:
            say(f"{columns} columns, {covariance}, {rounds} rounds")
            arguments = covariance, str(root), str(csv)
            script = str(Path(__file__).with_name("wide_steps.py"))
            runs = [json.loads(processes.run(OURS, script, *arguments).output) for _ in range(rounds)]
            best = {name: min(run[name] for run in runs) for name in runs[0]}
            found.append(
                {"columns": columns, "covariance": covariance, "rows": rows, "peak_mb": best["peak_mb"]}
                | {f"{step}_mb_per_second": size / best[step] for step in ("validated", "summarized")}
            )
        csv.unlink()
    return {"megabytes": megabytes, "rounds": rounds, "tables": found}


def import_times(rounds: int, say: Say) -> Json:
    """boto3's import, and each handler's after it, in milliseconds, each time in a fresh process."""
    boto3: list[float] = []
    handlers: dict[str, list[float]] = {name: [] for name in HANDLERS}
    for turn in range(rounds):
        say(f"import times, {turn + 1} of {rounds}")
        for name, found in handlers.items():
            output = processes.run(OURS, "-c", _IMPORT_TIMES, f"{name}.handler").output
            of_boto3, of_handler = (1e3 * float(word) for word in output.split())
            boto3.append(of_boto3)
            found.append(of_handler)
    return {
        "boto3_ms": summary(boto3),
        "handlers_ms": {name: summary(found) for name, found in handlers.items()},
    }


def bare_interpreter_mb() -> float:
    """Peak memory of a Python process that does nothing."""
    return processes.run(OURS, "-c", "pass").peak_mb


def versions() -> dict[str, str]:
    """The peers' releases, and boto3's."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    found = {}
    for python, names in (
        (PEERS, ("pandas", "polars", "duckdb", "scikit-learn", "numpy")),
        (OURS, ("boto3",)),
    ):
        found |= dict(zip(names, processes.run(python, "-c", code, *names).output.split(), strict=True))
    return found


def load() -> float:
    """Processes that want a core, averaged over the last minute."""
    return os.getloadavg()[0]
