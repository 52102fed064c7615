"""What one execution through the state machine took: from its history and the functions' logs. Pure.

For a Map of n items (shards, or ranges of rows) at concurrency c, with k = min(c, n) environments at work:

  map        entering to leaving the Map state, by the execution's history
  handler    the handler's own time for one item, by its log line: S3 included, runtime and start not
  idle       at the end of the Map: the time from each of the k last finished items to the last of all,
             when no item is left to give out
  overhead   (map * k - sum(handler) - idle) / n: what an item costs beside its handler: Step Functions,
             invoking, the runtime, starting environments, reading the list of items
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.runs.steps import Step

Json = dict[str, Any]

# Distributed Map -> the task of its items.
MAPS = {
    "ValidateShards": "ValidateShard",
    "SummarizeShards": "SummarizeShard",
    "GatherMoments": "GatherShardMoments",
    "EvaluateShards": "EvaluateShard",
}
MAP = "ValidateShards"
FUNCTIONS = ("fetch-and-validate", "summarize", "publish-artifact")


@dataclass(frozen=True)
class Invocation:
    """task: what the state machine asked for; ended: by the handler's last line; seconds: the handler's own;
    init_seconds: of a cold start, else 0; peak_mb: as Lambda reports it (MiB, rounded up)."""

    task: str
    ended: datetime
    seconds: float
    init_seconds: float
    peak_mb: int


def invocations(messages: Iterable[str]) -> list[Invocation]:
    """The finished invocations that a function's log tells of, in the order of their ends.

    An invocation counts once both its own last line and Lambda's report are there.
    """
    ends: dict[str, Json] = {}
    reports: dict[str, Json] = {}
    for message in messages:
        line = json.loads(message)
        if line.get("type") == "platform.report":
            reports[line["record"]["requestId"]] = line["record"]["metrics"]
        elif "duration_ms" in line:
            ends[line["request_id"]] = line
    found = [
        Invocation(
            task=end["task"],
            ended=datetime.fromisoformat(end["timestamp"]),
            seconds=end["duration_ms"] / 1000,
            init_seconds=reports[request].get("initDurationMs", 0) / 1000,
            peak_mb=reports[request]["maxMemoryUsedMB"],
        )
        for request, end in ends.items()
        if request in reports
    ]
    return sorted(found, key=lambda invocation: invocation.ended)


def figures(
    steps: Sequence[Step], found: dict[str, list[Invocation]], seconds: float, size: int, concurrency: int
) -> Json:
    """The figures of one execution. seconds: of the execution; size: bytes of the CSV; found: by function.

    maps: by the name of a Map that the execution went through; map: of the Map over shards, None where the CSV is one.
    tasks: by what was asked of the functions.
    """
    durations = {step.name: step.duration_ms / 1000 for step in steps if step.duration_ms is not None}
    result: Json = {
        "bytes": size,
        "concurrency": concurrency,
        "seconds": seconds,
        "mb_per_second": size / 1e6 / seconds,
        "steps": durations,
        "functions": {
            name: {
                "seconds": sum(one.seconds for one in ran),
                "peak_mb": _peak(ran),
                "cold_starts": sum(one.init_seconds > 0 for one in ran),
            }
            for name, ran in found.items()
        },
        "tasks": {
            task: {"count": len(ran), "seconds": sum(one.seconds for one in ran), "peak_mb": _peak(ran)}
            for task, ran in _by_task(found).items()
        },
        "maps": {
            name: map_figures(_by_task(found)[task], durations[name], concurrency)
            | {"mb_per_second": size / 1e6 / durations[name]}
            for name, task in MAPS.items()
            if name in durations
        },
    }
    return result | {"map": result["maps"].get(MAP)}


def _by_task(found: dict[str, list[Invocation]]) -> dict[str, list[Invocation]]:
    """Invocations by task, in the order of their ends."""
    by_task: dict[str, list[Invocation]] = {}
    for ran in found.values():
        for one in ran:
            by_task.setdefault(one.task, []).append(one)
    return by_task


def _peak(ran: Sequence[Invocation]) -> int | None:
    return max((one.peak_mb for one in ran), default=None)


def map_figures(items: Sequence[Invocation], seconds: float, concurrency: int) -> Json:
    """A Map's figures (see above); items: their invocations in the order of their ends."""
    environments = min(concurrency, len(items))
    handlers = sum(item.seconds for item in items)
    last = items[-1].ended
    idle = sum((last - item.ended).total_seconds() for item in items[-environments:])
    beside = seconds * environments - handlers
    return {
        "items": len(items),
        "environments": environments,
        "seconds": seconds,
        "handler_seconds": handlers,
        "handler_seconds_per_item": handlers / len(items),
        "idle_seconds": idle,
        "cold_start_seconds": sum(item.init_seconds for item in items),
        "overhead_ms": 1000 * (beside - idle) / len(items),
        "overhead_with_idle_ms": 1000 * beside / len(items),
    }
