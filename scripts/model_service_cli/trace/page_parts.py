"""Pieces of a trace's page: bars on a time axis, and texts to read. Pure: values in, values out.

Which pieces make a line is in `entries`."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from model_service_cli.runs.logs import Line
from model_service_cli.runs.steps import Failure
from model_service_cli.trace.timeline import Invocation

LONGEST_TEXT = 20_000  # characters of one payload; Step Functions allows 262,144 bytes in each
MOST_LINES = 200  # log lines of one call
TICKS = 5  # at most, on the axis
_BREAKS = re.compile(r"(?<![/])([/_.-])(?=\w)")


@dataclass(frozen=True)
class Bar:
    """A piece of a track. left, width: percent of the axis; kind: its class in the style sheet."""

    left: float
    width: float
    kind: str
    title: str
    target: str = ""


@dataclass(frozen=True)
class Text:
    """A block that can be read: a payload, an error or log lines.

    left_out: characters; anchor: its place on the page; same: the words and the anchor of the block that shows the
    same, and then there is no text; note: how to get more of it.
    """

    title: str
    text: str
    left_out: int = 0
    anchor: str = ""
    same: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Axis:
    start: datetime
    span: timedelta

    def bar(self, start: datetime, end: datetime, kind: str, title: str, target: str = "") -> Bar:
        left = min(max((start - self.start) / self.span, 0), 1)
        right = min(max((end - self.start) / self.span, left), 1)
        return Bar(round(100 * left, 3), round(100 * (right - left), 3), kind, title, target)

    def offset(self, moment: datetime) -> str:
        return span(moment - self.start)


def payload(title: str, text: str | None) -> Text | None:
    """JSON indented, other text as it stands; None where there is none."""
    if text is None:
        return None
    try:
        shown = json.dumps(_run_last(json.loads(text)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        shown = text
    return Text(title, shown[:LONGEST_TEXT], max(0, len(shown) - LONGEST_TEXT))


def _run_last(value: Any) -> Any:
    """The same, with `run` behind the other members: it holds what was there before the run, which is not its work."""
    if isinstance(value, list):
        return [_run_last(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _run_last(value[name]) for name in sorted(value, key=lambda name: name == "run")}


def failure_text(failure: Failure | None) -> Text | None:
    if failure is None:
        return None
    text = failure.error + (f": {failure.message}" if failure.message else "")
    return Text("Error", text[:LONGEST_TEXT], max(0, len(text) - LONGEST_TEXT))


def log_text(title: str, call: Invocation) -> Text:
    memory = f", {call.memory_mb} MB" if call.memory_mb else ""
    shown = [_log_line(line) for line in call.lines[:MOST_LINES]]
    if left_out := len(call.lines) - len(shown):
        shown.append(f"... and {left_out} more lines")
    text = "\n".join(shown)
    return Text(
        f"{title} of {call.source}{memory}",
        text[:LONGEST_TEXT],
        max(0, len(text) - LONGEST_TEXT),
        note=f"make logs FIND={call.request}",
    )


def _log_line(line: Line) -> str:
    # What names the run and the execution stands above already.
    words = [word for word in line.text.split(" ") if not word.startswith(("run=", "execution=", "request="))]
    return f"{line.time:%H:%M:%S.%f}"[:-3] + "  " + " ".join(words).strip()


def ticks(axis: Axis) -> Iterator[tuple[float, str]]:
    """Places in percent with their words; round steps of 1, 2 or 5."""
    total = axis.span / timedelta(seconds=1)
    least = total / TICKS
    size = 10 ** math.floor(math.log10(least))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= least)
    # The last one would stand over the edge.
    for number in range(int(0.96 * total / step) + 1):
        at = number * step
        yield round(100 * at / total, 3), span(timedelta(seconds=at)) if at else "0"


def span(duration: timedelta) -> str:
    """A duration for a person: 3 ms, 0.42 s, 12.3 s, 2 min 05 s, 1 h 04 min."""
    seconds = duration / timedelta(seconds=1)
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def words(status: str) -> str:
    return status.lower().replace("_", " ")


def breakable(name: str) -> Markup:
    """A key or a name as HTML, which a narrow column breaks behind a slash, an underscore or the like, if at all."""
    return Markup(_BREAKS.sub(r"\1<wbr/>", str(escape(name))))
