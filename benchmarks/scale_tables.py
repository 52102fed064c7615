"""A result of `make benchmark-scale` as tables, and the targets beside it."""

from collections.abc import Iterator
from typing import Any

from result_tables import Table

Json = dict[str, Any]

MOST_OVERHEAD_MS = 100
LEAST_SPEED_UP = 1.7


def tables(result: Json) -> Iterator[Table]:
    """All tables of a result, the targets last. Of repeated runs the one with the fastest Map counts."""
    runs = list(best_runs(result))
    yield Table(
        "Through the state machine",
        f"the best of {result['repeat']}; MB are 10^6 bytes of CSV; overhead: see docs/scale.md",
        (
            "CSV",
            "at once",
            "shards",
            "execution",
            "MB/s",
            "the Map",
            "MB/s",
            "a shard's handler",
            "overhead a shard",
            "with idling",
        ),
        [_row(run) for run in runs],
    )
    names = list(runs[0]["functions"]) if runs else []
    yield Table(
        "Peak memory",
        "MB as Lambda's report gives them, the largest of a function's invocations",
        ("CSV", "at once", *names),
        [(*_which(run), *(f"{run['functions'][name]['peak_mb']}" for name in names)) for run in runs],
    )
    yield Table(
        "Where the time goes",
        "seconds in each state",
        ("CSV", "at once", *STATES),
        [
            (*_which(run), *(f"{run['steps'][name]:.1f}" if name in run["steps"] else "" for name in STATES))
            for run in runs
        ],
    )
    yield Table(
        "Who used the processor",
        "cores in use on average during the execution; others: everything else on the machine, the benchmark included",
        ("CSV", "at once", *USERS),
        [(*_which(run), *(f"{run['cores'][name]:.2f}" for name in USERS)) for run in runs],
    )
    yield Table("Targets", "of the runs above", ("", "wanted", "measured", ""), list(_targets(runs)))


USERS = ("functions", "cloud", "others")
STATES = ("FetchAndValidate", "ValidateShards", "CollectShards", "Summarize", "PublishArtifact")


def machine_line(result: dict[str, Any]) -> str:
    """Where and when it was measured, in a sentence."""
    machine = result["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, LocalStack 4.14.0; {result['started_at'][:10]}, "
        f"load average {result['load'][0]:.1f} before; shards of {result['shard_bytes'] / 2**20:g} MiB"
    )


def best_runs(result: Json) -> Iterator[Json]:
    """Of each size and concurrency the run with the shortest Map."""
    best: dict[tuple[int, int], Json] = {}
    for run in result["runs"]:
        which = (run["bytes"], run["concurrency"])
        if which not in best or _map_seconds(run) < _map_seconds(best[which]):
            best[which] = run
    yield from (best[which] for which in sorted(best))


def _map_seconds(run: Json) -> float:
    return run["map"]["seconds"] if run["map"] else run["seconds"]


def _which(run: Json) -> tuple[str, str]:
    return f"{run['bytes'] / 1e6:,.0f} MB", str(run["concurrency"])


def _row(run: Json) -> tuple[str, ...]:
    total = (f"{run['seconds']:.1f} s", f"{run['mb_per_second']:.1f}")
    if not run["map"]:
        return (*_which(run), "1", *total, "", "", "", "", "")
    mapped = run["map"]
    return (
        *_which(run),
        str(mapped["shards"]),
        *total,
        f"{mapped['seconds']:.1f} s",
        f"{mapped['mb_per_second']:.1f}",
        f"{mapped['handler_seconds_per_shard']:.2f} s",
        f"{mapped['overhead_ms']:.0f} ms",
        f"{mapped['overhead_with_idle_ms']:.0f} ms",
    )


def _targets(runs: list[Json]) -> Iterator[tuple[str, str, str, str]]:
    mapped = [run for run in runs if run["map"]]
    for run in mapped:
        value = run["map"]["overhead_ms"]
        yield (
            f"overhead a shard, {_which(run)[0]}, {run['concurrency']} at once",
            f"at most {MOST_OVERHEAD_MS} ms",
            f"{value:.0f} ms",
            "reached" if value <= MOST_OVERHEAD_MS else "MISSED",
        )
    alone = {run["bytes"]: run for run in mapped if run["concurrency"] == 1}
    for run in mapped:
        if run["concurrency"] == 2 and run["bytes"] in alone:
            times = alone[run["bytes"]]["map"]["seconds"] / run["map"]["seconds"]
            yield (
                f"the Map with two environments, {_which(run)[0]}: times as fast as with one",
                f"at least {LEAST_SPEED_UP}",
                f"{times:.2f}",
                "reached" if times >= LEAST_SPEED_UP else "MISSED",
            )
