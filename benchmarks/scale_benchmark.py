"""Large CSVs through the real state machine on a local cloud of its own: `make benchmark-scale`.

Prints tables and the targets, and writes tmp/benchmark-scale.json. What it means: docs/scale.md.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
import processes  # noqa: E402
from candle_files import rows_for, write_candles  # noqa: E402
from model_service_cli.door import run_command  # noqa: E402
from model_service_cli.runs.follow import Execution  # noqa: E402
from processes import BenchmarkError  # noqa: E402
from result_tables import as_text  # noqa: E402
from scale_cloud import ScaleCloud, scale_cloud  # noqa: E402
from scale_measure import FUNCTIONS, figures  # noqa: E402
from scale_tables import machine_line, tables  # noqa: E402
from shared.run_files import RunFiles  # noqa: E402

SIZES = (64, 256, 1000)  # MB, with the Gaussian
CHOSEN_SIZES = (64,)  # with "auto"
CONCURRENCY = (1, 2, 4)
SHARD_BYTES = 32 << 20
PEERS = {
    "pandas_scikit_learn": "pandas and scikit-learn",
    "polars_scikit_learn": "polars and scikit-learn",
}
# The disk that the CSV, its copy in the cloud and the parts of its runs take, by the bytes of the CSV.
_DISK_PER_RUN = 0.7


def measure(
    cloud: ScaleCloud,
    work: Path,
    sizes: list[int],
    chosen: list[int],
    concurrency: list[int],
    repeat: int,
    shard_bytes: int,
) -> list[dict[str, Any]]:
    """Every size at every concurrency, `repeat` times with the Gaussian, and of `chosen` sizes once more with "auto".

    Of the first deployment on, one cloud serves all. Each run has its `model`.
    """
    keys: dict[int, tuple[str, int]] = {}
    runs = []
    for at_once in concurrency:
        say(f"deploying with {at_once} at once")
        cloud.deploy(map_max_concurrency=at_once, range_max_concurrency=at_once, shard_bytes=shard_bytes)
        for size in sorted({*sizes, *chosen}):
            if size not in keys:
                say(f"writing and uploading {size:,} MB")
                keys[size] = _uploaded(cloud, work, size)
            key, content = keys[size]
            attempts = [("gaussian", attempt) for attempt in range(repeat) if size in sizes]
            for model, attempt in [*attempts, *[("auto", 0)] * (size in chosen)]:
                run = _one(cloud, key, content, at_once, model, seed=at_once * 1000 + attempt)
                runs.append(run | {"megabytes": size, "attempt": attempt})
                told = "".join(
                    f", {name} {mapped['seconds']:.1f} s of {mapped['items']} items"
                    for name, mapped in run["maps"].items()
                )
                say(f"{size:,} MB, {model}, {at_once} at once: {run['seconds']:.1f} s{told}")
    return runs


def _uploaded(cloud: ScaleCloud, work: Path, megabytes: int) -> tuple[str, int]:
    path = candles(work, megabytes)
    return cloud.upload(path), path.stat().st_size


def candles(work: Path, megabytes: int) -> Path:
    """The file of that size, written unless it is there."""
    path = work / "data" / f"candles-{megabytes}-mb.csv"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_candles(path, rows_for(megabytes))
    return path


def beside(work: Path, sizes: list[int]) -> list[dict[str, Any]]:
    """The same job by what most people would take, on the same files: one process that has it all in memory."""
    found = []
    for size in sizes:
        path = candles(work, size)
        for module, name in PEERS.items():
            peer: dict[str, Any] = {"bytes": path.stat().st_size, "name": name}
            try:
                done = processes.work(processes.PEERS, module, "run", path, work)
                peer |= {"seconds": done["whole_seconds"], "peak_mb": done["peak_mb"], "rows": done["rows"]}
                say(f"{size:,} MB, {name}: {peer['seconds']:.1f} s, {peer['peak_mb']:,.0f} MB")
            except BenchmarkError as error:
                peer["failed"] = str(error)
                say(f"{size:,} MB, {name}: {error}")
            found.append(peer)
    return found


def _one(cloud: ScaleCloud, key: str, size: int, concurrency: int, model: str, seed: int) -> dict[str, Any]:
    # The seed changes nothing in a chronological split, but makes another run_id: nothing is there already.
    before = cloud.load()
    execution = cloud.execute({"key": key, "seed": seed, "model": model})
    cores = cloud.load().since(before)
    output = json.loads(execution.output or "{}")
    found = cloud.invocations(execution, _expected(cloud, execution, output))
    seconds = (execution.duration_ms or 0) / 1000
    more = {"rows": output["dataset"]["rows"], "cores": cores, "model": model}
    return figures(execution.steps, found, seconds, size, concurrency) | more


def _expected(cloud: ScaleCloud, execution: Execution, output: dict[str, Any]) -> dict[str, int]:
    """How many invocations of each function the execution has made: one a task, and one an item of a Map."""
    files = RunFiles("", output["run"]["run_id"])
    counts = dict.fromkeys(FUNCTIONS, 0)
    for step in execution.steps:
        match step.kind, step.name:
            case "Task", "FetchAndValidate" | "CollectShards":
                counts["fetch-and-validate"] += 1
            case "Task", "PublishArtifact":
                counts["publish-artifact"] += 1
            case "Task", _:
                counts["summarize"] += 1
            case "Map", "ValidateShards":
                counts["fetch-and-validate"] += len(cloud.read_artifact(files.shards.key))
            case "Map", "FitFolds":
                counts["summarize"] += step.items[1] if step.items else 0
            case "Map", _:
                counts["summarize"] += len(cloud.read_artifact(files.ranges.key))
    return counts


def say(message: str) -> None:
    print(f"benchmark-scale: {message}", file=sys.stderr, flush=True)


def _numbers(text: str) -> list[int]:
    words = text.replace(",", " ").split()
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise argparse.ArgumentTypeError(f"{text!r}: whole numbers from 1, such as '1 2 4'")
    return sorted({int(word) for word in words})


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def run(options: argparse.Namespace) -> int:
    """The whole command; returns the exit status."""
    sizes, concurrency = options.sizes or list(SIZES), options.concurrency or list(CONCURRENCY)
    chosen = list(CHOSEN_SIZES) if options.auto is None else options.auto
    work = ROOT / "tmp" / "benchmark"
    work.mkdir(parents=True, exist_ok=True)
    needed = sum(size * 1e6 * (1 + 1 + _DISK_PER_RUN * options.repeat * len(concurrency)) for size in sizes)
    if (free := shutil.disk_usage(work).free) < needed:
        raise BenchmarkError(f"{needed / 1e9:.1f} GB of disk are needed in {work}, {free / 1e9:.1f} are free")
    started, before = datetime.now(UTC).isoformat(timespec="seconds"), _load()
    with tempfile.TemporaryDirectory(prefix="scale-", dir=work) as folder, scale_cloud(Path(folder)) as cloud:
        about = (concurrency, options.repeat, options.shard_bytes)
        runs = measure(cloud, Path(folder), sizes, chosen, *about)
        peers = beside(Path(folder), sizes) if options.peers else []
    result = {
        "started_at": started,
        "machine": processes.machine(),
        "load": [before, _load()],
        "shard_bytes": options.shard_bytes,
        "repeat": options.repeat,
        "runs": [run for run in runs if run["model"] == "gaussian"],
        "chosen": [run for run in runs if run["model"] != "gaussian"],
        "peers": peers,
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    print(machine_line(result))
    for table in tables(result):
        print(f"\n{as_text(table)}")
    print(f"\n{os.path.relpath(options.output)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=_numbers, default=[], help="in MB; default: 64 256 1000")
    parser.add_argument(
        "--auto", type=_numbers, default=None, help="sizes with model auto, in MB; default: 64; '' for none"
    )
    parser.add_argument(
        "--peers", action=argparse.BooleanOptionalAction, default=True, help="pandas and polars beside it"
    )
    parser.add_argument("--concurrency", type=_numbers, default=[], help="items at once; default: 1 2 4")
    parser.add_argument(
        "--repeat", type=int, default=2, choices=range(1, 10), help="how often each, 1 to 9; default: 2"
    )
    parser.add_argument("--shard-bytes", type=int, default=SHARD_BYTES, help="default: 33554432")
    parser.add_argument("--output", type=Path, default=ROOT / "tmp" / "benchmark-scale.json")
    options = parser.parse_args(arguments)
    try:
        return run(options)
    except BenchmarkError as error:
        print(f"benchmark-scale: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(run_command("benchmark-scale", main))
