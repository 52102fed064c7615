"""An execution's history as steps: what a person, a trace or a JSON file wants to know of it.

Pure: events in (as GetExecutionHistory gives them), values out. Nothing here calls a service or prints.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"

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
CONTAINERS = {"Map", "Parallel"}
MAP_RUN_ENDINGS = {"MapRunSucceeded", "MapRunFailed", "MapRunAborted", "MapRunTimedOut"}


@dataclass(frozen=True)
class Failure:
    """error: the name that ErrorEquals matches; cause: the service's text, often JSON (see `message`)."""

    error: str
    cause: str

    @property
    def message(self) -> str:
        return message(self.cause)


@dataclass(frozen=True)
class Attempt:
    """One try at a state's work. input, output: JSON texts, None where the history has none; ended_at: None
    while it runs, or where it ended with the state."""

    started_at: datetime
    ended_at: datetime | None = None
    input: str | None = None
    output: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Step:
    """One visit of a state at the machine's top level; the states inside a Map or Parallel are part of it.

    kind: the state's Type; status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; duration_ms: entered to
    left, None while it runs; attempts: 1 and the retries; failure: of the latest attempt that failed, also
    where a retry then succeeded. A state whose error was caught is FAILED, although the execution goes on.
    input, output: of the state, JSON texts; tries: each attempt of a kind that has attempts.
    """

    name: str
    kind: str
    status: str
    started_at: datetime
    duration_ms: int | None = None
    attempts: int = 1
    failure: Failure | None = None
    input: str | None = None
    output: str | None = None
    tries: tuple[Attempt, ...] = ()

    @property
    def cached(self) -> bool:
        """Whether the step says that it found its work done by an earlier run."""
        return self.name in cached_steps(self.output)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "duration_ms": self.duration_ms,
            "attempts": self.attempts,
        }


@dataclass(frozen=True)
class MapRun:
    """A Distributed Map's run. step: the Map state's name; input: that state's, JSON; running: not ended yet."""

    arn: str
    step: str
    input: str
    started_at: datetime
    running: bool


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
            if kind in ATTEMPTS:
                details = _details(event)
                visit.begin_attempt(at, details.get("parameters") or details.get("input"))
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


def newest_map_run(events: Iterable[dict[str, Any]]) -> MapRun | None:
    """The Distributed Map that began last, None before the first; events: as `steps` takes them."""
    step, given = "", "{}"
    newest = None
    for event in events:
        kind = event["type"]
        if kind == "MapStateEntered":
            entered = event["stateEnteredEventDetails"]
            step, given = entered["name"], entered.get("input", "{}")
        elif kind == "MapRunStarted":
            arn = event["mapRunStartedEventDetails"]["mapRunArn"]
            newest = MapRun(arn, step, given, event["timestamp"], running=True)
        elif newest and (kind in MAP_RUN_ENDINGS or kind in ENDINGS):
            newest = replace(newest, running=False)
    return newest


def changes(before: Sequence[Step], after: Sequence[Step]) -> Iterator[Step]:
    """The steps of `after` that began, ended or were tried again since `before`, an earlier look."""
    for index, step in enumerate(after):
        known = before[index] if index < len(before) else None
        if known is None or (known.status, known.attempts) != (step.status, step.attempts):
            yield step


def failed_step(after: Sequence[Step], error: str | None) -> Step | None:
    """The step to blame for an execution that ended with `error`: what raised it, else the last to fail."""
    failed = [step for step in after if step.status not in (RUNNING, SUCCEEDED)]
    raised = [step for step in failed if step.kind != "Fail" and step.failure and step.failure.error == error]
    return (raised or failed or [None])[-1]


def message(cause: str) -> str:
    """What a person reads of a cause, in one line. Lambda puts the exception's message into a JSON text."""
    text = cause
    try:
        document = json.loads(cause)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("errorMessage"), str):
        text = document["errorMessage"]
    return " ".join(text.split())


def cached_steps(output: str | None) -> tuple[str, ...]:
    """The steps that an output names as found done already; none for an output that says nothing of it."""
    try:
        document = json.loads(output or "{}")
    except ValueError:
        return ()
    match document:
        case {"run": {"cached": list(names)}}:
            return tuple(name for name in names if isinstance(name, str))
    return ()


def milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))


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
