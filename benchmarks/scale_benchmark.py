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
from processes import BenchmarkError  # noqa: E402
from result_tables import as_text  # noqa: E402
from scale_cloud import ScaleCloud, scale_cloud  # noqa: E402
from scale_measure import MAP, figures  # noqa: E402
from scale_tables import machine_line, tables  # noqa: E402
from shared.run_files import RunFiles  # noqa: E402

SIZES = (64, 256, 1000)  # MB
CONCURRENCY = (1, 2, 4)
SHARD_BYTES = 32 << 20
# The disk that the CSV, its copy in the cloud and the parts of its runs take, by the bytes of the CSV.
_DISK_PER_RUN = 0.7


def measure(
    cloud: ScaleCloud, work: Path, sizes: list[int], concurrency: list[int], repeat: int, shard_bytes: int
) -> list[dict[str, Any]]:
    """Every size at every concurrency, `repeat` times; of the first deployment on, one cloud serves all."""
    keys: dict[int, tuple[str, int]] = {}
    runs = []
    for at_once in concurrency:
        say(f"deploying with {at_once} at once")
        cloud.deploy(map_max_concurrency=at_once, shard_bytes=shard_bytes)
        for size in sizes:
            if size not in keys:
                say(f"writing and uploading {size:,} MB")
                keys[size] = _uploaded(cloud, work, size)
            key, content = keys[size]
            for attempt in range(repeat):
                run = _one(cloud, key, content, at_once, seed=at_once * 1000 + attempt)
                runs.append(run | {"megabytes": size, "attempt": attempt})
                mapped = run["map"]
                told = f", the Map {mapped['seconds']:.1f} s of {mapped['shards']} shards" if mapped else ""
                say(f"{size:,} MB, {at_once} at once: {run['seconds']:.1f} s{told}")
    return runs


def _uploaded(cloud: ScaleCloud, work: Path, megabytes: int) -> tuple[str, int]:
    path = work / f"candles-{megabytes}-mb.csv"
    write_candles(path, rows_for(megabytes))
    size = path.stat().st_size
    key = cloud.upload(path)
    path.unlink()
    return key, size


def _one(cloud: ScaleCloud, key: str, size: int, concurrency: int, seed: int) -> dict[str, Any]:
    # The seed changes nothing in a chronological split, but makes another run_id: nothing is there already.
    before = cloud.load()
    execution = cloud.execute({"key": key, "seed": seed, "model": "gaussian"})
    cores = cloud.load().since(before)
    output = json.loads(execution.output or "{}")
    mapped = any(step.name == MAP for step in execution.steps)
    shards = _shard_count(cloud, output["run"]["run_id"]) if mapped else 1
    expected = {
        "fetch-and-validate": shards + 2 if mapped else 1,
        "summarize": 1,
        "publish-artifact": 1,
    }
    found = cloud.invocations(execution, expected)
    seconds = (execution.duration_ms or 0) / 1000
    rows = output["dataset"]["rows"]
    return figures(execution.steps, found, seconds, size, concurrency) | {"rows": rows, "cores": cores}


def _shard_count(cloud: ScaleCloud, run_id: str) -> int:
    return len(cloud.read_artifact(RunFiles("", run_id).shards.key))


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
    work = ROOT / "tmp" / "benchmark"
    work.mkdir(parents=True, exist_ok=True)
    needed = sum(size * 1e6 * (1 + 1 + _DISK_PER_RUN * options.repeat * len(concurrency)) for size in sizes)
    if (free := shutil.disk_usage(work).free) < needed:
        raise BenchmarkError(f"{needed / 1e9:.1f} GB of disk are needed in {work}, {free / 1e9:.1f} are free")
    started, before = datetime.now(UTC).isoformat(timespec="seconds"), _load()
    with tempfile.TemporaryDirectory(prefix="scale-", dir=work) as folder, scale_cloud(Path(folder)) as cloud:
        runs = measure(cloud, Path(folder), sizes, concurrency, options.repeat, options.shard_bytes)
    result = {
        "started_at": started,
        "machine": processes.machine(),
        "load": [before, _load()],
        "shard_bytes": options.shard_bytes,
        "repeat": options.repeat,
        "runs": runs,
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
    parser.add_argument("--concurrency", type=_numbers, default=[], help="shards at once; default: 1 2 4")
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
