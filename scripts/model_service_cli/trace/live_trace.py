"""The trace of a run while it runs: written when it starts, anew as its states end, and whole when it has ended.

It is a help for a person who watches. Where it cannot be written or read, the run goes on without it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from model_service_cli.cloud import Deployed
from model_service_cli.files import write_whole
from model_service_cli.runs.follow import Execution
from model_service_cli.trace.definition import Machine, read_machine
from model_service_cli.trace.page import page
from model_service_cli.trace.timeline import timeline
from model_service_cli.trace.write_trace import whole_page

SELDOM = 0.5  # seconds between two pages: states may end faster than anybody reads


class LiveTrace:
    """Writes one page. `problem` says why there is none any more; it is empty while all is well."""

    def __init__(
        self, states: Any, deployed: Deployed, path: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._states = states
        self._deployed = deployed
        self._path = path
        self._clock = clock
        self._machine: Machine | None = None
        self._written_at = float("-inf")
        self.problem = ""

    @property
    def where(self) -> str:
        """Where the page is, or why there is none."""
        return f"there is no trace: {self.problem}" if self.problem else self._path.resolve().as_uri()

    def begin(self, execution: Execution) -> None:
        """The first page, of the machine before anything ran."""

        def write() -> None:
            said = self._states.describe_state_machine_for_execution(executionArn=execution.arn)
            self._machine = read_machine(said["definition"])
            self._write(execution)

        self._try(write)

    def renew(self, execution: Execution) -> None:
        """The page as far as the run is now, unless one was written a moment ago."""
        if not self.problem and self._clock() - self._written_at >= SELDOM:
            self._try(lambda: self._write(execution))

    def end(self, execution: Execution) -> None:
        """The last page: with the calls from the functions' logs, and links to what was published."""
        if not self.problem:
            self._try(lambda: write_whole(self._path, whole_page(execution, self._deployed, self._path)))

    def _write(self, execution: Execution) -> None:
        now = timeline(execution, [], datetime.now(UTC))
        write_whole(self._path, page(now, machine=self._machine, is_renewed=True))
        self._written_at = self._clock()

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (OSError, ClientError, BotoCoreError) as error:
            self.problem = " ".join(str(error).split())
