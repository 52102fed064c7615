"""A result of `make benchmark-scale` as tables, and the targets beside it."""

from collections.abc import Iterator
from typing import Any

from result_tables import Table
from scale_measure import MAP, MAPS

Json = dict[str, Any]

MOST_OVERHEAD_MS = 100
LEAST_SPEED_UP = 1.6  # of the whole execution, two environments against one, at the largest size
MOST_MEMORY_MB = 300
USERS = ("functions", "cloud", "others")


def tables(result: Json) -> Iterator[Table]:
    """All tables of a result, the targets last. Of repeated runs the one with the fastest Map counts."""
    runs = list(best_runs(result))
    yield Table(
        "Through the state machine",
        f"the best of {result['repeat']}; MB are 10^6 bytes of CSV",
        ("CSV", "model", "at once", "shards", "ranges", "execution", "MB/s"),
        [_row(run) for run in runs],
    )
    yield Table(
        "The Maps",
        "overhead: see docs/scale.md",
        (
            *("CSV", "model", "at once", "Map", "items", "seconds", "MB/s"),
            *("an item's handler", "overhead an item", "with idling"),
        ),
        [(*_which(run), *cells) for run in runs for cells in _maps(run)],
    )
    if result.get("peers"):
        yield Table(
            "Beside it",
            "one process on the same machine, the file read from disk: seconds from its start to its end, peak memory",
            ("CSV", "with", "seconds", "MB/s", "peak memory"),
            [_peer(peer) for peer in result["peers"]],
        )
    tasks = list(dict.fromkeys(task for run in runs for task in run["tasks"]))
    yield Table(
        "Peak memory",
        "MB as Lambda's report gives them, the largest of a task's invocations",
        ("CSV", "model", "at once", *tasks),
        [
            (*_which(run), *(_figure(run["tasks"].get(task), "peak_mb", "{}") for task in tasks))
            for run in runs
        ],
    )
    working = {*MAPS, "FitFolds"}.union(*(run["tasks"] for run in runs))  # what only decides takes no time
    states = list(dict.fromkeys(name for run in runs for name in run["steps"] if name in working))
    yield Table(
        "Where the time goes",
        "seconds in each state",
        ("CSV", "model", "at once", *states),
        [
            (*_which(run), *(f"{run['steps'][name]:.1f}" if name in run["steps"] else "" for name in states))
            for run in runs
        ],
    )
    yield Table(
        "Who used the processor",
        "cores in use on average during the execution; others: everything else on the machine, the benchmark included",
        ("CSV", "model", "at once", *USERS),
        [(*_which(run), *(f"{run['cores'][name]:.2f}" for name in USERS)) for run in runs],
    )
    yield Table("Targets", "of the runs above", ("", "wanted", "measured", ""), list(_targets(runs)))


def machine_line(result: dict[str, Any]) -> str:
    """Where and when it was measured, in a sentence."""
    machine = result["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, LocalStack 4.14.0; {result['started_at'][:10]}, "
        f"load average {result['load'][0]:.1f} before; shards of {result['shard_bytes'] / 2**20:g} MiB"
    )


def best_runs(result: Json) -> Iterator[Json]:
    """Of each model, size and concurrency the shortest run."""
    best: dict[tuple[str, int, int], Json] = {}
    for run in [*result["runs"], *result.get("chosen", ())]:
        which = (run["model"], run["bytes"], run["concurrency"])
        if which not in best or run["seconds"] < best[which]["seconds"]:
            best[which] = run
    yield from (best[which] for which in sorted(best, key=lambda which: (which[0] != "gaussian", which)))


def _which(run: Json) -> tuple[str, str, str]:
    return f"{run['bytes'] / 1e6:,.0f} MB", run["model"], str(run["concurrency"])


def _row(run: Json) -> tuple[str, ...]:
    ranges = max((mapped["items"] for name, mapped in run["maps"].items() if name != MAP), default=1)
    shards = run["map"]["items"] if run["map"] else 1
    return (*_which(run), str(shards), str(ranges), f"{run['seconds']:.1f} s", f"{run['mb_per_second']:.1f}")


def _maps(run: Json) -> Iterator[tuple[str, ...]]:
    for name, mapped in run["maps"].items():
        yield (
            name,
            str(mapped["items"]),
            f"{mapped['seconds']:.1f} s",
            f"{mapped['mb_per_second']:.1f}",
            f"{mapped['handler_seconds_per_item']:.2f} s",
            f"{mapped['overhead_ms']:.0f} ms",
            f"{mapped['overhead_with_idle_ms']:.0f} ms",
        )


def _peer(peer: Json) -> tuple[str, ...]:
    megabytes = peer["bytes"] / 1e6
    if peer.get("failed"):
        return f"{megabytes:,.0f} MB", peer["name"], peer["failed"], "", ""
    seconds = peer["seconds"]
    return (
        f"{megabytes:,.0f} MB",
        peer["name"],
        f"{seconds:.1f} s",
        f"{megabytes / seconds:.1f}",
        f"{peer['peak_mb']:,.0f} MB",
    )


def _figure(of: Json | None, name: str, form: str) -> str:
    return "" if of is None or of[name] is None else form.format(of[name])


def _targets(runs: list[Json]) -> Iterator[tuple[str, str, str, str]]:
    gaussian = [run for run in runs if run["model"] == "gaussian"]
    for run in gaussian:
        for name, mapped in run["maps"].items():
            value = mapped["overhead_ms"]
            size, _, at_once = _which(run)
            yield (
                f"overhead an item of {name}, {size}, {at_once} at once",
                f"at most {MOST_OVERHEAD_MS} ms",
                f"{value:.0f} ms",
                _reached(value <= MOST_OVERHEAD_MS),
            )
    largest = max((run["bytes"] for run in gaussian if run["maps"]), default=None)
    seconds = {run["concurrency"]: run["seconds"] for run in gaussian if run["bytes"] == largest}
    if largest is not None and {1, 2} <= seconds.keys():
        times = seconds[1] / seconds[2]
        yield (
            f"the execution with two environments, {largest / 1e6:,.0f} MB: times as fast as with one",
            f"at least {LEAST_SPEED_UP}",
            f"{times:.2f}",
            _reached(times >= LEAST_SPEED_UP),
        )
    for size in sorted({run["bytes"] for run in gaussian}):
        peaks = [
            of["peak_mb"] or 0 for run in gaussian if run["bytes"] == size for of in run["tasks"].values()
        ]
        yield (
            f"peak memory of any Lambda, {size / 1e6:,.0f} MB",
            f"at most {MOST_MEMORY_MB} MB",
            f"{max(peaks)} MB",
            _reached(max(peaks) <= MOST_MEMORY_MB),
        )


def _reached(is_reached: bool) -> str:
    return "reached" if is_reached else "MISSED"
