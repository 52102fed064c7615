"""An execution's history, read: events in, as GetExecutionHistory gives them, steps and Map runs out.

Pure: nothing here calls a service or prints. What a step is, is in `steps`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Attempt, Failure, MapRun, Step, milliseconds

# How an execution ends, and what that makes of the states that were still open.
ENDINGS = {
    "ExecutionSucceeded": SUCCEEDED,
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
# The event that begins an attempt, by kind of state. Kinds without one have a single attempt.
ATTEMPTS = {
    "TaskScheduled",
    "LambdaFunctionScheduled",
    "ActivityScheduled",
    "MapStateStarted",
    "ParallelStateStarted",
}
# Of an inline Map: they are no attempts of the Map's own.
ITEMS = {"MapIterationStarted", "MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted"}
CONTAINERS = {"Map", "Parallel"}
MAP_RUN_ENDINGS = {"MapRunSucceeded", "MapRunFailed", "MapRunAborted", "MapRunTimedOut"}


@dataclass
class _Visit:
    """A step while its events are still being read."""

    name: str
    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    attempts: int = 0
    failure: Failure | None = None
    failed: bool = False
    status: str = RUNNING
    input: str | None = None
    output: str | None = None
    tries: list[Attempt] = field(default_factory=list)
    items: tuple[int, int] | None = None

    def begin_attempt(self, at: datetime, given: str | None) -> None:
        self.attempts += 1
        self.failed = False
        self.tries.append(Attempt(at, input=given))

    def end_attempt(self, at: datetime, output: str | None = None, failure: Failure | None = None) -> None:
        """Of several events that tell the same end, the first one's time counts."""
        if self.tries:
            last = self.tries[-1]
            self.tries[-1] = replace(
                last,
                ended_at=last.ended_at or at,
                output=output or last.output,
                failure=failure or last.failure,
            )

    def close(self, at: datetime, status: str) -> None:
        self.ended_at, self.status = at, status

    def to_step(self) -> Step:
        duration = None if self.ended_at is None else milliseconds(self.ended_at - self.started_at)
        attempts = max(self.attempts, 1)
        return Step(
            self.name,
            self.kind,
            self.status,
            self.started_at,
            duration,
            attempts,
            self.failure,
            self.input,
            self.output,
            tuple(self.tries),
            self.items,
        )


@dataclass
class _History:
    visits: dict[int, _Visit] = field(default_factory=dict)
    # Per event the visits that are open after it, outermost first: events of parallel branches interleave in
    # the history, and only the link to the event before tells them apart.
    open_after: dict[int, tuple[int, ...]] = field(default_factory=dict)
    top_level: list[int] = field(default_factory=list)

    def add(self, event: dict[str, Any]) -> None:
        kind, at = event["type"], event["timestamp"]
        stack = self.open_after.get(event.get("previousEventId", 0), ())
        if kind.endswith("StateEntered"):
            stack = self._enter(event, stack)
        elif kind.endswith("StateExited"):
            stack = self._leave(event, stack)
        elif kind in ENDINGS:
            self._end(ENDINGS[kind], _failure(event), at)
        elif stack:
            visit = self.visits[stack[-1]]
            if kind in ITEMS:
                done, total = visit.items or (0, 0)
                visit.items = done + (kind == "MapIterationSucceeded"), total
            elif kind in ATTEMPTS:
                details = _details(event)
                if kind == "MapStateStarted":
                    visit.items = 0, details.get("length", 0)
                visit.begin_attempt(at, details.get("parameters") or details.get("input"))
            elif kind == "MapRunStarted":
                visit.items = None  # a Distributed Map's are counted by its run
            elif failure := _failure(event):
                visit.failure, visit.failed = failure, True
                visit.end_attempt(at, failure=failure)
            elif kind.endswith("Succeeded"):
                visit.end_attempt(at, _details(event).get("output"))
        self.open_after[event["id"]] = stack

    def _enter(self, event: dict[str, Any], stack: tuple[int, ...]) -> tuple[int, ...]:
        while stack and self.visits[stack[-1]].kind not in CONTAINERS:
            stack = stack[:-1]
        kind = event["type"].removesuffix("StateEntered")
        entered = event["stateEnteredEventDetails"]
        self.visits[event["id"]] = _Visit(
            entered["name"], kind, event["timestamp"], input=entered.get("input")
        )
        if not stack:
            self.top_level.append(event["id"])
        return (*stack, event["id"])

    def _leave(self, event: dict[str, Any], stack: tuple[int, ...]) -> tuple[int, ...]:
        exited = event["stateExitedEventDetails"]
        for depth in range(len(stack) - 1, -1, -1):
            visit = self.visits[stack[depth]]
            if visit.name == exited["name"]:
                visit.output = exited.get("output")
                visit.close(event["timestamp"], "FAILED" if visit.failed else SUCCEEDED)
                return stack[:depth]
        return stack

    def _end(self, status: str, failure: Failure | None, at: datetime) -> None:
        for visit in self.visits.values():
            if visit.ended_at is None:
                visit.close(at, status)
                visit.failure = visit.failure if visit.failed else failure


def steps(events: Iterable[dict[str, Any]]) -> list[Step]:
    """The steps of an execution in the order they began in; events: its history so far, oldest first."""
    history = _History()
    for event in events:
        history.add(event)
    return [history.visits[visit].to_step() for visit in history.top_level]


def map_runs(events: Iterable[dict[str, Any]]) -> list[MapRun]:
    """The Distributed Maps in the order they began in; events: as `steps` takes them."""
    step, given = "", "{}"
    found: list[MapRun] = []
    for event in events:
        kind = event["type"]
        if kind == "MapStateEntered":
            entered = event["stateEnteredEventDetails"]
            step, given = entered["name"], entered.get("input", "{}")
        elif kind == "MapRunStarted":
            arn = event["mapRunStartedEventDetails"]["mapRunArn"]
            found.append(MapRun(arn, step, given, event["timestamp"], running=True))
        elif found and (kind in MAP_RUN_ENDINGS or kind in ENDINGS):
            found[-1] = replace(found[-1], running=False)  # one runs at a time
    return found


def _details(event: dict[str, Any]) -> dict[str, Any]:
    kind = event["type"]
    return event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})


def _failure(event: dict[str, Any]) -> Failure | None:
    kind = event["type"]
    details = _details(event)
    if "error" not in details and not kind.endswith(("Failed", "TimedOut", "Aborted")):
        return None
    error = details.get("error") or ("States.Timeout" if kind.endswith("TimedOut") else "")
    return Failure(error, details.get("cause", "")) if error else None
