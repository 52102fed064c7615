"""A run as it goes, for a person who watches: on a terminal with rich, elsewhere as plain lines.

On a terminal what still runs is drawn below the lines that stay, with its clock, and a bar for a Map. Elsewhere every
piece of news is a line, and a Map tells how far it is every few seconds.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import IO, Any, TextIO

from botocore.exceptions import ClientError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from model_service_cli.cloud import explain
from model_service_cli.documents import object_or_empty
from model_service_cli.door import CommandError
from model_service_cli.runs.coloured_lines import step_text
from model_service_cli.runs.data_lines import data_lines, overview_in
from model_service_cli.runs.failed_items import MAP_FAILED, failed_item
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.map_progress import MapWatcher, progress_line, progress_words
from model_service_cli.runs.map_progress import Progress as MapProgress
from model_service_cli.runs.result_blocks import judged_blocks, published_lines
from model_service_cli.runs.run_documents import read_document
from model_service_cli.runs.run_lines import failure_lines, output_of, rejected_summary, step_line
from model_service_cli.runs.steps import RUNNING, SUCCEEDED, MapRun, Step
from model_service_cli.terminal.figures import seconds
from model_service_cli.terminal.lines import is_terminal
from model_service_cli.terminal.tables import FAILED
from shared.event_fields import printable

REDRAW_SECONDS = 0.25
PLAIN_SECONDS = 5.0
# Kinds of state that do work. What decides or reshapes alone (Choice, Pass) is no news, unless it fails.
WORKING = {"Task", "Map", "Parallel", "Wait"}


def display_for(stream: TextIO, states: Any, s3: Any) -> "Display":
    return (
        TerminalDisplay(states, s3, Console(file=stream))
        if is_terminal(stream)
        else Display(states, s3, stream)
    )


class Display:
    """Plain lines."""

    pause = PLAIN_SECONDS

    def __init__(
        self, states: Any, s3: Any, stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic
    ):
        self._states = states
        self._s3 = s3
        self._stream = stream or sys.stdout
        self._clock = clock
        self._arn = ""
        self._watcher: MapWatcher | None = None
        self._shown_at = 0.0
        self._data_told = False

    def say(self, line: str) -> None:
        """A line that stays."""
        print(printable(line), file=self._stream, flush=True)

    def show_step(self, step: Step) -> None:
        """A step that began, was tried again, has another item done, or ended."""
        if step.kind in WORKING or step.status not in (RUNNING, SUCCEEDED):
            self.draw_step(step)
        if step.status == SUCCEEDED and not self._data_told:
            self.tell_data(object_or_empty(step.output))

    def tell_data(self, output: dict[str, Any]) -> None:
        """What the run says of its data, once, as soon as a step's output holds it."""
        if dataset := overview_in(output):
            self._data_told = True
            self.say("")
            for line in data_lines(dataset):
                self.say(line)
            self.say("")

    def show_map(self, run: MapRun) -> None:
        """The progress of a Map run, unless it was shown a moment ago; of one that has ended, always."""
        if run.arn != self._arn:
            self._arn, self._watcher = run.arn, MapWatcher(self._states, self._s3, run, self._clock)
            self._shown_at = self.first_shown()
        if self._watcher is None or (run.running and self._clock() - self._shown_at < self.pause):
            return
        try:
            progress = self._watcher.look(ended=not run.running)
        except ClientError as error:
            self._watcher = None
            self.say(f"  progress is not shown: {explain(error)}")
            return
        self._shown_at = self._clock()
        if not run.running:
            self._watcher = None
        self.draw_map(run, progress)

    def show_result(self, execution: Execution) -> None:
        """How the execution ended, what its model is worth and where it is; or on stderr the failure in two lines."""
        output = output_of(execution) if execution.status == SUCCEEDED else rejected_summary(execution)
        if execution.status == SUCCEEDED:
            self.draw(Text(f"succeeded in {seconds(execution.duration_ms or 0).strip()}", style="bold green"))
        published = published_lines(output, execution.arn.rpartition(":")[2])
        blocks = [*judged_blocks(output, self._summary(output)), list(published)]
        for line in (line for block in blocks if block for line in (Text(""), *block)):
            self.draw(line)
        if execution.status != SUCCEEDED:
            if any(blocks):
                self.draw(Text(""))
            self.draw_failure(*failure_lines(execution), *self._of_an_item(execution))

    def _of_an_item(self, execution: Execution) -> Iterator[str]:
        """Of a run that ended because items of a Map failed: why one of them did."""
        error = execution.failure.error if execution.failure else ""
        if error == MAP_FAILED and self._arn and (found := failed_item(self._states, self._arn)):
            yield f"  one of them: {found.error}: {found.message}"

    def _summary(self, output: dict[str, Any]) -> dict[str, Any]:
        """The run's document with the figures that an output has no room for; {} where it cannot be read."""
        try:
            return read_document(self._s3, output.get("summary"))
        except (ClientError, CommandError) as error:
            self.say(f"  not all is shown: {explain(error)}")
            return {}

    def close(self) -> None:
        """Nothing is drawn in place any more."""

    def first_shown(self) -> float:
        # As plain lines only when there is something to tell.
        return self._clock()

    def draw_step(self, step: Step) -> None:
        self.say(f"  {step_line(step)}")

    def draw_map(self, run: MapRun, progress: MapProgress) -> None:
        self.say(progress_line(run.step, progress))

    def draw(self, line: Text) -> None:
        self.say(line.plain)

    def draw_failure(self, error: str, *causes: str) -> None:
        for line in (error, *causes):
            print(printable(line), file=sys.stderr)


class _Bar(BarColumn):
    """A bar for what has parts; nothing for the rest."""

    def render(self, task: Task) -> Any:
        return super().render(task) if task.total is not None else Text("")


class TerminalDisplay(Display):
    """What runs is redrawn in place; what has ended stays above it."""

    pause = REDRAW_SECONDS

    def __init__(self, states: Any, s3: Any, console: Console, clock: Callable[[], float] = time.monotonic):
        super().__init__(states, s3, console.file, clock)
        self._console = console
        self._progress = Progress(
            SpinnerColumn(style="cyan", finished_text=" "),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            _Bar(bar_width=20, complete_style="cyan", finished_style="green"),
            # The last words give way on a narrow screen.
            TextColumn(
                "{task.fields[said]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
            ),
            console=console,
            transient=True,
        )
        self._running: dict[str, TaskID] = {}
        self._map_words = ""

    def say(self, line: str) -> None:
        self._console.print(Text(printable(line)), soft_wrap=True)

    def close(self) -> None:
        self._progress.stop()

    def first_shown(self) -> float:
        return float("-inf")

    def draw_step(self, step: Step) -> None:
        if step.status == RUNNING:
            task = self._task(step.name)
            retry = f"attempt {step.attempts}" if step.attempts > 1 else ""
            if step.items and step.items[1]:
                done, total = step.items
                self._progress.update(task, total=total, completed=done, said=f"{done} of {total}")
            else:
                self._progress.update(task, said=retry)
            if step.attempts > 1:
                self._console.print(step_text(step), soft_wrap=True)
            return
        if step.name in self._running:
            self._progress.remove_task(self._running.pop(step.name))
        line = step_text(step)
        if step.kind == "Map" and self._map_words:
            line.append(f"  {self._map_words}", style="dim")
            self._map_words = ""
        self._console.print(line, soft_wrap=True)

    def draw_map(self, run: MapRun, progress: MapProgress) -> None:
        words = "  ".join(progress_words(progress))
        if run.running:
            task = self._task(run.step)
            self._progress.update(task, total=progress.total, completed=progress.done, said=words)
        else:
            self._map_words = words.partition("  in ")[0]

    def draw(self, line: Text) -> None:
        shown = line if line.plain.isprintable() else Text(printable(line.plain), style=line.style)
        self._console.print(shown, soft_wrap=True)

    def draw_failure(self, error: str, *causes: str) -> None:
        errors = Console(stderr=True)
        errors.print(Text(printable(error), style=FAILED), soft_wrap=True)
        for cause in causes:
            errors.print(Text(printable(cause)), soft_wrap=True)

    def _task(self, name: str) -> TaskID:
        self._progress.start()
        if name not in self._running:
            self._running[name] = self._progress.add_task(f"{name:<18}", total=None, said="")
        return self._running[name]
