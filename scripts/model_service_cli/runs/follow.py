"""Follow an execution: read its history piece by piece until it ends. Says nothing to the user itself."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_service_cli.runs.history import ENDINGS, map_runs, steps
from model_service_cli.runs.steps import RUNNING, Failure, MapRun, Step, changes, milliseconds

# Seconds between two looks: short after news, longer while nothing happens. AWS allows an account 20 reads of
# histories a second, and several people may share it.
SHORTEST, LONGEST, GROWTH = 0.1, 2.0, 1.5
LONGEST_IN_A_MAP = 1.0  # its history is silent while its items are worked on
PAGE = 100


@dataclass(frozen=True)
class Execution:
    """An execution at one look. The texts are the service's own; duration_ms is None while it runs."""

    arn: str
    status: str
    input: str
    output: str | None
    failure: Failure | None
    started_at: datetime
    duration_ms: int | None
    steps: tuple[Step, ...]


class Follower:
    """Reads one execution through a Step Functions client."""

    def __init__(
        self,
        states: Any,
        arn: str,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ):
        self._states = states
        self._arn = arn
        self._clock = clock
        self._pause = pause
        self._events: list[dict[str, Any]] = []

    def look(self) -> Execution:
        """The execution now."""
        # Status first: when it says that the execution has ended, the history read after it is whole.
        said = self._states.describe_execution(executionArn=self._arn)
        self._read_news()
        stopped = said.get("stopDate")
        return Execution(
            arn=self._arn,
            status=said["status"],
            input=said["input"],
            output=said.get("output"),
            failure=Failure(said.get("error", ""), said.get("cause", "")) if "error" in said else None,
            started_at=said["startDate"],
            duration_ms=milliseconds(stopped - said["startDate"]) if stopped else None,
            steps=tuple(steps(self._events)),
        )

    def until_done(
        self,
        deadline: float,
        on_change: Callable[[Step], None],
        on_map: Callable[[MapRun], None] = lambda run: None,
        on_news: Callable[[Execution], None] = lambda execution: None,
    ) -> Execution:
        """Look until the execution has ended, or for `deadline` seconds; the last look is the result.

        on_change is called for each step that begins, ends or is tried again, in order; on_map at every look
        while a Distributed Map runs, and once when it has ended, before on_change tells so; on_news, with the
        execution as far as its history tells it, after each look that found any.
        """
        give_up = self._clock() + deadline
        wait = SHORTEST
        known: list[Step] = []
        runs: list[MapRun] = []
        told: set[str] = set()
        while True:
            news = self._read_news()
            if news:
                now = steps(self._events)
                runs = map_runs(self._events)
                ended = {run.step: run for run in runs if not run.running and run.arn not in told}
                told |= {run.arn for run in ended.values()}
                for step in changes(known, now):
                    if step.status != RUNNING and step.name in ended:
                        on_map(ended.pop(step.name))
                    on_change(step)
                for run in ended.values():  # whose state is yet to be left
                    on_map(run)
                known = now
                on_news(self._so_far(now))
            mapping = False
            if runs and runs[-1].running:
                mapping = True
                on_map(runs[-1])
            left = give_up - self._clock()
            if left <= 0 or (self._events and self._events[-1]["type"] in ENDINGS):
                execution = self.look()
                # The status may lag behind the history for a moment.
                if left <= 0 or execution.status != RUNNING:
                    return execution
            wait = SHORTEST if news else min(wait * GROWTH, LONGEST_IN_A_MAP if mapping else LONGEST)
            self._pause(min(wait, left))

    def _so_far(self, known: list[Step]) -> Execution:
        first = self._events[0]
        given = first.get("executionStartedEventDetails", {}).get("input", "{}")
        return Execution(self._arn, RUNNING, given, None, None, first["timestamp"], None, tuple(known))

    def _read_news(self) -> bool:
        """Read the events since the last look, from the newest back to a known one; whether any came."""
        last = self._events[-1]["id"] if self._events else 0
        found: list[dict[str, Any]] = []
        for page in self._pages():
            fresh = [event for event in page["events"] if event["id"] > last]
            found.extend(fresh)
            if len(fresh) < len(page["events"]):
                break
        self._events.extend(sorted(found, key=lambda event: event["id"]))
        return bool(found)

    def _pages(self) -> Iterator[dict[str, Any]]:
        arguments = {"executionArn": self._arn, "reverseOrder": True, "maxResults": PAGE}
        while True:
            page = self._states.get_execution_history(**arguments)
            yield page
            if not page.get("nextToken"):
                return
            arguments["nextToken"] = page["nextToken"]
