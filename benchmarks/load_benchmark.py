"""Many executions at once on a local cloud of its own: `make benchmark-load`. None may be lost, and memory has a bound.

Prints executions, seconds, the peak memory of the whole process tree (LocalStack and every Lambda process, resident
pages of each added up) and how many processes there were. Each execution is {"model": "gaussian"} on the sample. Then
the same on a cloud without a bound on its environments' memory, as it was before there was one, and the ratio.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from model_service_cli.cloud import client
from model_service_cli.door import run_command
from processes import BenchmarkError
from scale_cloud import ROOT, ScaleCloud, scale_cloud

SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
REQUEST = {"model": "gaussian"}
DEADLINE_SECONDS = 900.0
MOST_GB = 6.0
WITHOUT_BOUND = "LOCAL_CLOUD_MEMORY_MB=1000000"
_LOOK_SECONDS = 0.1


class Tree:
    """A process and its descendants: the most memory and processes seen at once."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self.peak_mb = 0.0
        self.processes = 0

    def look(self) -> None:
        sizes = []
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue  # it has just ended
        self.peak_mb = max(self.peak_mb, sum(sizes) / 1e6)
        self.processes = max(self.processes, len(sizes))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Looks ten times a second while the block runs."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_LOOK_SECONDS):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def load(cloud: ScaleCloud, count: int) -> tuple[float, Counter[str]]:
    """Starts the executions without waiting between them. Seconds until the last has ended; how each ended."""
    states = client("stepfunctions")
    begin = time.monotonic()
    running = [
        states.start_execution(stateMachineArn=cloud.outputs["state_machine_arn"], input=json.dumps(REQUEST))[
            "executionArn"
        ]
        for _ in range(count)
    ]
    ended: Counter[str] = Counter()
    while running:
        arn = running[0]
        status = states.describe_execution(executionArn=arn)["status"]
        if status != "RUNNING":
            ended[status] += 1
            running.pop(0)
            continue
        if time.monotonic() - begin > DEADLINE_SECONDS:
            raise BenchmarkError(f"{len(running)} executions still run after {DEADLINE_SECONDS:.0f} s")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - begin, ended


@dataclass(frozen=True)
class Outcome:
    """seconds: until the last execution has ended; lost: executions that did not succeed; most_gb: of all processes."""

    seconds: float
    lost: int
    most_gb: float
    processes: int


def measured(count: int, work: Path, *settings: str) -> Outcome:
    """So many executions at once on a cloud with these settings, as a line tells too."""
    with (
        tempfile.TemporaryDirectory(prefix="load-", dir=work) as folder,
        scale_cloud(Path(folder), *settings) as cloud,
    ):
        cloud.deploy()
        cloud.upload(SAMPLE)
        before, tree = os.getloadavg()[0], Tree(cloud.pid)
        with tree.watched():
            seconds, ended = load(cloud, count)
    lost = count - ended["SUCCEEDED"]
    print(
        f"benchmark-load: {count} executions at once{' with ' + ' '.join(settings) if settings else ''} in "
        f"{seconds:.1f} s, {lost} lost; at most {tree.peak_mb / 1000:.2f} GB in {tree.processes} processes "
        f"(load average {before:.1f} before)",
        flush=True,
    )
    if lost:
        print(f"benchmark-load: {dict(ended)}", file=sys.stderr)
    return Outcome(seconds, lost, tree.peak_mb / 1000, tree.processes)


def run(options: argparse.Namespace) -> int:
    """The whole command; returns the exit status: 1 where an execution was lost or memory was not enough."""
    work = ROOT / "tmp" / "benchmark"
    work.mkdir(parents=True, exist_ok=True)
    bounded = measured(options.executions, work)
    unbounded = measured(options.executions, work, WITHOUT_BOUND)
    print(
        f"benchmark-load: {bounded.seconds / unbounded.seconds:.2f} times as long with the bound as without, in "
        f"{bounded.most_gb / unbounded.most_gb:.2f} of the memory; allowed are {MOST_GB:g} GB"
    )
    return 1 if bounded.lost or bounded.most_gb > MOST_GB else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100, help="default: 100")
    try:
        return run(parser.parse_args(arguments))
    except BenchmarkError as error:
        print(f"benchmark-load: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(run_command("benchmark-load", main))
