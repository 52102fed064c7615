"""What a run's steps are: values, and questions about them. How they are read from a history is in `history`.

Pure: nothing here calls a service or prints.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from model_service_cli.documents import object_or_empty

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"


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
    input, output: of the state, JSON texts; tries: each attempt of a kind that has attempts. items: how many of an
    inline Map are done, and of how many; None elsewhere.
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
    items: tuple[int, int] | None = None

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


def changes(before: Sequence[Step], after: Sequence[Step]) -> Iterator[Step]:
    """The steps of `after` that began, ended, were tried again or have more items done than in `before`."""
    for index, step in enumerate(after):
        known = before[index] if index < len(before) else None
        if known is None or _news(known) != _news(step):
            yield step


def _news(step: Step) -> tuple[object, ...]:
    return step.status, step.attempts, step.items


def failed_step(after: Sequence[Step], error: str | None) -> Step | None:
    """The step to blame for an execution that ended with `error`: what raised it, else the last to fail."""
    failed = [step for step in after if step.status not in (RUNNING, SUCCEEDED)]
    raised = [step for step in failed if step.kind != "Fail" and step.failure and step.failure.error == error]
    blamed = raised or failed
    return blamed[-1] if blamed else None


def message(cause: str) -> str:
    """What a person reads of a cause, in one line. Lambda puts the exception's message into a JSON text."""
    said = object_or_empty(cause).get("errorMessage")
    return " ".join((said if isinstance(said, str) else cause).split())


def cached_steps(output: str | None) -> tuple[str, ...]:
    """The steps that an output names as found done already; none for an output that says nothing of it."""
    match object_or_empty(output):
        case {"run": {"cached": list(names)}}:
            return tuple(name for name in names if isinstance(name, str))
    return ()


def milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
