"""Lines for a person, with a progress line below them while a Distributed Map runs.

On a terminal that line is redrawn in place. Elsewhere, and with NO_COLOR, it is a plain line every few seconds.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from botocore.exceptions import ClientError

from cloud import explain
from execution import MapRun
from map_progress import MapWatcher, progress_line

REDRAW_SECONDS = 0.25
PLAIN_SECONDS = 5.0
_ERASE = "\r\x1b[K"


def is_terminal(stream: TextIO) -> bool:
    """Whether a line can be redrawn in place there."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Display:
    """Writes lines to `stream`, and the progress of Map runs that it is told of."""

    def __init__(
        self,
        states: Any,
        s3: Any,
        stream: TextIO | None = None,
        in_place: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._states = states
        self._s3 = s3
        self._stream = stream or sys.stdout
        self._in_place = is_terminal(self._stream) if in_place is None else in_place
        self._clock = clock
        self._arn = ""
        self._watcher: MapWatcher | None = None
        self._shown_at = 0.0
        self._drawn = False

    def say(self, line: str) -> None:
        """A line that stays."""
        self.erase()
        print(line, file=self._stream, flush=True)

    def show_map(self, run: MapRun) -> None:
        """The progress of a Map run, unless it was shown a moment ago; of one that has ended, always."""
        if run.arn != self._arn:
            self._arn, self._watcher = run.arn, MapWatcher(self._states, self._s3, run, self._clock)
            # In place at once; as plain lines only when there is something to tell.
            self._shown_at = float("-inf") if self._in_place else self._clock()
        pause = REDRAW_SECONDS if self._in_place else PLAIN_SECONDS
        if self._watcher is None or (run.running and self._clock() - self._shown_at < pause):
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
        if self._in_place and run.running:
            # One column less: a full line would wrap.
            line = progress_line(run.step, progress, shutil.get_terminal_size().columns - 1)
            self._stream.write(_ERASE + line)
            self._stream.flush()
            self._drawn = True
        else:
            self.say(progress_line(run.step, progress))

    def erase(self) -> None:
        """Removes the progress line, if one is drawn."""
        if self._drawn:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn = False
