"""A timeline as one HTML page that needs nothing else. Pure: values in, text out.

Names, causes and payloads are other people's text: the template escapes every value, the numbers of the layout
are made here, and the page's own policy lets no script run but the one in the template.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from model_service_cli.runs.got_to import got_to, stopped, verdict_words
from model_service_cli.runs.steps import RUNNING
from model_service_cli.trace.definition import Machine
from model_service_cli.trace.entries import state_entry
from model_service_cli.trace.facts import data_facts, facts, metric_facts
from model_service_cli.trace.graph import graph
from model_service_cli.trace.page_parts import Axis, breakable, payload, span, ticks, words
from model_service_cli.trace.shown_once import Shown
from model_service_cli.trace.timeline import Timeline

FOLDER = Path(__file__).resolve().parent
TEMPLATE = "trace.html.jinja"
SCRIPT = FOLDER / "trace.js"
RENEWED_EVERY = 2  # seconds, by the page itself while the run goes on


@dataclass(frozen=True)
class Link:
    """words: what it leads to; href: relative to the page."""

    words: str
    href: str


def page(
    timeline: Timeline,
    inputs: Mapping[str, Sequence[object]] | None = None,
    machine: Machine | None = None,
    links: Sequence[Link] = (),
    is_renewed: bool = False,
) -> str:
    """The page. Equal values make equal pages.

    inputs: what the items of the Maps were given, by kind ("shard", "range") and number; machine: None for a page
    without the graph; is_renewed: somebody writes the page anew while the run goes on, so it loads itself again.
    """
    execution = timeline.execution
    axis = Axis(timeline.started_at, max(timeline.ended_at - timeline.started_at, timedelta(milliseconds=1)))
    script = SCRIPT.read_text(encoding="utf-8")
    shown = Shown()
    entries = [
        shown.entry(state_entry(number, row, axis, inputs or {}))
        for number, row in enumerate(timeline.rows, 1)
    ]
    payloads = [payload("Input", execution.input), payload("Output", execution.output)]
    tone, verdict, sentence = verdict_words(got_to(execution))
    return template().render(
        name=execution.arn.rpartition(":")[2],
        arn=execution.arn,
        status=words(execution.status),
        started=f"{timeline.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        duration=span(timeline.ended_at - timeline.started_at),
        facts=[(term, value) for term, value in facts(execution) if value],
        metrics=list(metric_facts(execution)),
        data=data_facts(execution),
        tone=tone,
        verdict=verdict,
        sentence=sentence,
        stopped=stopped(execution),
        links=links,
        graph=graph(machine, timeline) if machine else None,
        texts=shown.texts([text for text in payloads if text], "execution", "the execution"),
        ticks=list(ticks(axis)),
        entries=entries,
        renewed_every=RENEWED_EVERY if is_renewed and execution.status == RUNNING else 0,
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


@cache
def template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    return environment.get_template(TEMPLATE)
