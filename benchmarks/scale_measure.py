"""What one execution through the state machine took: from its history and the functions' logs. Pure.

For a Map of n shards at concurrency c, with k = min(c, n) environments at work:

  map        entering to leaving the Map state, by the execution's history
  handler    the handler's own time for one shard, by its log line: S3 included, runtime and start not
  idle       at the end of the Map: the time from each of the k last finished shards to the last of all,
             when no shard is left to give out
  overhead   (map * k - sum(handler) - idle) / n: what a shard costs beside its handler: Step Functions,
             invoking, the runtime, starting environments, reading the list of shards
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.runs.steps import Step

Json = dict[str, Any]

MAP = "ValidateShards"
FUNCTIONS = ("fetch-and-validate", "summarize", "publish-artifact")


@dataclass(frozen=True)
class Invocation:
    """ended: by the handler's last line; seconds: the handler's own; init_seconds: of a cold start, else 0;
    peak_mb: as Lambda reports it (MiB, rounded up)."""

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

    An execution without a Map (a CSV of one shard) has None for the Map's figures.
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
                "peak_mb": max((one.peak_mb for one in ran), default=None),
                "cold_starts": sum(one.init_seconds > 0 for one in ran),
            }
            for name, ran in found.items()
        },
        "map": None,
    }
    if MAP in durations:
        shards = found[FUNCTIONS[0]][1:-1]  # the first one made the plan, the last one collected
        result["map"] = map_figures(shards, durations[MAP], concurrency) | {
            "mb_per_second": size / 1e6 / durations[MAP]
        }
    return result


def map_figures(shards: Sequence[Invocation], seconds: float, concurrency: int) -> Json:
    """The Map's figures (see above); shards: their invocations in the order of their ends."""
    environments = min(concurrency, len(shards))
    handlers = sum(shard.seconds for shard in shards)
    last = shards[-1].ended
    idle = sum((last - shard.ended).total_seconds() for shard in shards[-environments:])
    beside = seconds * environments - handlers
    return {
        "shards": len(shards),
        "environments": environments,
        "seconds": seconds,
        "handler_seconds": handlers,
        "handler_seconds_per_shard": handlers / len(shards),
        "idle_seconds": idle,
        "cold_start_seconds": sum(shard.init_seconds for shard in shards),
        "overhead_ms": 1000 * (beside - idle) / len(shards),
        "overhead_with_idle_ms": 1000 * beside / len(shards),
    }
