"""A run on a time axis: its history joined with the functions' log lines. Pure: values in, values out.

The functions' logs tell what the history does not: when the handler ran, whether the environment was new, and
each item of a Distributed Map (its items are executions of their own, which the history does not hold).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from model_service_cli.documents import object_or_empty
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.logs import Line
from model_service_cli.runs.steps import RUNNING, Attempt, Failure, Step

NOTHING = timedelta(0)
ITEMS = ("shard", "range", "fold")  # what the items of a Map are called, as the functions log them
_REPORT = re.compile(r"^REPORT RequestId: .*?\tDuration: ([\d.]+) ms")
_INIT = re.compile(r"Init Duration: ([\d.]+) ms")


@dataclass(frozen=True)
class Invocation:
    """One call of a function, as its log tells it.

    started_at: when the handler was called; init: the cold start before it, None in a warm environment;
    source: the step, as `logs` names it; item: the number of the shard, range or fold, where the log says it; kind:
    which.
    """

    request: str
    source: str
    started_at: datetime
    ended_at: datetime
    init: timedelta | None
    lines: tuple[Line, ...]
    memory_mb: int | None = None
    failure: Failure | None = None
    item: int | None = None
    kind: str = "shard"

    @property
    def begun_at(self) -> datetime:
        """With the cold start."""
        return self.started_at - (self.init or NOTHING)


def _order(item: Invocation) -> tuple[int, datetime]:
    """By number where the log says it, else by time."""
    return (-1 if item.item is None else item.item), item.started_at


@dataclass(frozen=True)
class Try:
    """An attempt at a state, and the calls that it made."""

    attempt: Attempt
    ended_at: datetime
    invocations: tuple[Invocation, ...] = ()


@dataclass(frozen=True)
class Row:
    """A state on the axis. tries: of a Task; lanes: a Map's items, side by side; no two of a lane overlap."""

    step: Step
    ended_at: datetime
    tries: tuple[Try, ...] = ()
    lanes: tuple[tuple[Invocation, ...], ...] = ()

    @property
    def items(self) -> list[Invocation]:
        return sorted((item for lane in self.lanes for item in lane), key=_order)


@dataclass(frozen=True)
class Timeline:
    execution: Execution
    started_at: datetime
    ended_at: datetime
    rows: tuple[Row, ...]


@dataclass
class _Call:
    lines: list[Line] = field(default_factory=list)
    start: datetime | None = None
    duration_ms: float | None = None
    init_ms: float | None = None
    memory: int | None = None
    failure: Failure | None = None
    item: int | None = None
    kind: str = "shard"

    def add(self, line: Line) -> None:
        self.lines.append(line)
        document = object_or_empty(line.raw)
        record = document.get("record")
        if isinstance(record, dict):
            if document.get("type") == "platform.start":
                self.start = line.time
            metrics = record.get("metrics") or {}
            self.duration_ms = metrics.get("durationMs", self.duration_ms)
            self.init_ms = metrics.get("initDurationMs", self.init_ms)
            self.memory = metrics.get("maxMemoryUsedMB", self.memory)
            if record.get("errorType") and not self.failure:
                self.failure = Failure(record["errorType"], "")
        elif report := _REPORT.search(line.raw):
            self.duration_ms = float(report[1])
            init = _INIT.search(line.raw)
            self.init_ms = float(init[1]) if init else None
        elif line.raw.startswith("START RequestId:"):
            self.start = line.time
        elif document.get("errorType"):
            self.failure = Failure(document["errorType"], str(document.get("errorMessage", "")))
        else:
            for kind in ITEMS:
                match document.get(kind):
                    case int(number) | {"index": int(number)}:
                        self.item, self.kind = number, kind

    def to_invocation(self, request: str) -> Invocation:
        start = self.start or self.lines[0].time
        end = self.lines[-1].time
        if self.duration_ms is not None:
            end = start + timedelta(milliseconds=self.duration_ms)
        init = None if self.init_ms is None else timedelta(milliseconds=self.init_ms)
        source = self.lines[0].source
        return Invocation(
            request,
            source,
            start,
            end,
            init,
            tuple(self.lines),
            self.memory,
            self.failure,
            self.item,
            self.kind,
        )


def invocations(lines: Iterable[Line], wanted: Iterable[str]) -> list[Invocation]:
    """The calls whose lines hold one of the wanted texts (an execution's ARN, a request's id), in order of time."""
    calls: dict[str, _Call] = {}
    for line in lines:
        if line.request:
            calls.setdefault(line.request, _Call()).add(line)
    texts = [text for text in wanted if text]
    found = [
        call.to_invocation(request)
        for request, call in calls.items()
        if any(text in line.raw for line in call.lines for text in texts)
    ]
    return sorted(found, key=lambda one: one.started_at)


def timeline(execution: Execution, lines: Sequence[Line], now: datetime) -> Timeline:
    """The run's states with their attempts, calls and items; now: the end of what still runs."""
    started = execution.started_at
    ended = now
    if execution.duration_ms is not None:
        ended = started + timedelta(milliseconds=execution.duration_ms)
    elif execution.status != RUNNING:
        ended = max((_end(step, started) for step in execution.steps), default=started)
    texts = {execution.arn} | {
        request for step in execution.steps for one in step.tries for request in _requests(one.failure)
    }
    calls: dict[tuple[int, int], list[Invocation]] = {}
    for call in invocations(lines, texts):
        if place := _place(call, execution.steps, ended):
            calls.setdefault(place, []).append(call)
    rows = [_row(number, step, calls, ended) for number, step in enumerate(execution.steps)]
    return Timeline(execution, started, max([ended, *(row.ended_at for row in rows)]), tuple(rows))


def _row(number: int, step: Step, calls: dict[tuple[int, int], list[Invocation]], ended: datetime) -> Row:
    end = _end(step, ended)
    if step.kind == "Map":
        items = [call for (row, _), found in calls.items() if row == number for call in found]
        return Row(step, end, lanes=tuple(lanes_of(items)))
    tries = tuple(
        Try(attempt, attempt.ended_at or end, tuple(calls.get((number, index), ())))
        for index, attempt in enumerate(step.tries)
    )
    return Row(step, end, tries)


def lanes_of(items: Iterable[Invocation]) -> list[tuple[Invocation, ...]]:
    """As few lanes as hold the items without two at the same time in one lane; first come, first lane."""
    lanes: list[list[Invocation]] = []
    for item in sorted(items, key=lambda one: one.begun_at):
        free = next((lane for lane in lanes if lane[-1].ended_at <= item.begun_at), None)
        if free is None:
            lanes.append([item])
        else:
            free.append(item)
    return [tuple(lane) for lane in lanes]


def _place(call: Invocation, steps: Sequence[Step], ended: datetime) -> tuple[int, int] | None:
    """Which attempt of which step made the call: the nearest in time among those of its function."""

    def distance(place: tuple[int, int]) -> timedelta:
        step = steps[place[0]]
        attempt = step.tries[place[1]]
        end = attempt.ended_at or _end(step, ended)
        # Clocks differ a little between services.
        return max(attempt.started_at - call.begun_at, call.started_at - end, NOTHING)

    places = [
        (row, index)
        for row, step in enumerate(steps)
        for index, attempt in enumerate(step.tries)
        if step.kind == "Map" or _calls(attempt, call.source)
    ]
    return min(places, key=distance, default=None)


def _calls(attempt: Attempt, source: str) -> bool:
    function = object_or_empty(attempt.input or "{}").get("FunctionName")
    return not isinstance(function, str) or any(part.endswith(source) for part in function.split(":"))


def _requests(failure: Failure | None) -> Iterator[str]:
    """The id of the request that a failure's cause names."""
    if failure:
        request = object_or_empty(failure.cause).get("requestId")
        if isinstance(request, str):
            yield request
        elif found := re.search(r"RequestId: ([0-9a-f-]{36})", failure.cause):
            yield found[1]


def _end(step: Step, otherwise: datetime) -> datetime:
    if step.duration_ms is None:
        return otherwise
    return step.started_at + timedelta(milliseconds=step.duration_ms)
