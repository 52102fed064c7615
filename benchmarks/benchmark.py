"""What the steps cost, in time and memory, beside what else could do their job: `make benchmark`.

Prints tables and the targets, and for a target that is missed the profile that says why. Writes
tmp/benchmark.json and tmp/benchmark.svg. How it is measured: docs/benchmark.md.
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import measurements
import processes
from explanations import explain, size_to_profile
from processes import PEERS, BenchmarkError
from result_tables import as_text, disturbances, machine_line, tables
from targets import targets

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1.0, 10.0, 100.0, 1000.0)
QUICK_SIZES = (1.0, 10.0)
_IMPORT_ROUNDS = 10
_WIDE_ROUNDS = 3
_LARGEST_WIDE = 20  # MB: 5,000 rows of 500 columns
_LARGEST_PARSED = 100  # MB: longer takes longer and says nothing more


def measure(sizes: list[float], repeat: int | None, root: Path) -> dict[str, Any]:
    """Everything, in order; `repeat`: how often, None for as often as suits the size."""
    machine = processes.machine()
    before = measurements.load()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    measurements.warm_up(root, sizes[0])
    parsed = max([size for size in sizes if size <= _LARGEST_PARSED], default=sizes[0])
    result = {
        "started_at": started,
        "machine": machine,
        "versions": measurements.versions(),
        "bare_interpreter_mb": measurements.bare_interpreter_mb(),
        "imports": measurements.import_times(repeat or _IMPORT_ROUNDS, _progress),
        "parsing": measurements.parsing(root, parsed, repeat or measurements.repetitions(parsed), _progress),
        "mixed": measurements.mixed(root, parsed, repeat or measurements.repetitions(parsed), _progress),
        "wide": measurements.wide(
            root, min(parsed, _LARGEST_WIDE), min(repeat or _WIDE_ROUNDS, _WIDE_ROUNDS), _progress
        ),
        "sizes": [
            measurements.one_size(root, size, repeat or measurements.repetitions(size), _progress)
            for size in sizes
        ],
    }
    return result | {"load": [before, measurements.load()]}


def explanations(result: dict[str, Any], root: Path) -> list[str]:
    """One text for all missed targets that have the same reason."""
    missed: dict[str, list[str]] = {}
    for target in targets(result):
        if not target.met and target.explain:
            missed.setdefault(target.explain, []).append(target.name)
    megabytes = size_to_profile(result)
    return [
        "\n".join([*(f"MISSED: {name}" for name in names), explain(what, result, root, megabytes)])
        for what, names in missed.items()
    ]


def _progress(message: str) -> None:
    print(f"benchmark: {message}", file=sys.stderr, flush=True)


def _sizes(text: str) -> list[float]:
    try:
        sizes = sorted({float(word) for word in text.replace(",", " ").split()})
    except ValueError:
        sizes = [0.0]
    if not all(0.01 <= size <= 100_000 for size in sizes):
        raise BenchmarkError(f"SIZES is {text!r}; allowed: sizes in MB, such as '1 10 100'")
    return sizes


def _repeat(text: str) -> int | None:
    if text and not (text.isdecimal() and int(text) > 0):
        raise BenchmarkError(f"REPEAT is {text!r}; allowed: a whole number from 1")
    return int(text) if text else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="", help='in MB, such as "1 10"; default: 1 10 100 1000')
    parser.add_argument("--repeat", default="", help="how often; default: more often at small sizes")
    parser.add_argument("--quick", action="store_true", help="1 and 10 MB, twice: about a minute")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "tmp", help="folder of the result; default: tmp"
    )
    options = parser.parse_args(arguments)
    target = options.output / "benchmark.json"
    try:
        sizes = _sizes(options.sizes) or list(QUICK_SIZES if options.quick else SIZES)
        repeat = _repeat(options.repeat) or (2 if options.quick else None)
        with measurements.work_folder(options.output / "benchmark", max(sizes)) as root:
            result = measure(sizes, repeat, root)
            target.write_text(json.dumps(result, indent=1) + "\n")
            chart = str(Path(__file__).with_name("chart.py"))
            processes.run(PEERS, chart, str(target), str(target.with_suffix(".svg")))
            print("\n".join([machine_line(result), *disturbances(result)]))
            for table in tables(result):
                print(f"\n{as_text(table)}")
            for text in explanations(result, root):
                print(f"\n{text}")
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("benchmark: interrupted", file=sys.stderr)
        return 130
    print(f"\n{os.path.relpath(target)}, {os.path.relpath(target.with_suffix('.svg'))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
