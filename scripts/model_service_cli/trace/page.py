"""A timeline as one HTML page that needs nothing else. Pure: values in, text out.

Names, causes and payloads are other people's text: the template escapes every value, the numbers of the layout
are made here, and the page's own policy lets no script run but the one in the template.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model_service_cli.documents import object_or_empty
from model_service_cli.runs.follow import Execution
from model_service_cli.trace.entries import state_entry
from model_service_cli.trace.page_parts import (
    Axis,
    failure_text,
    payload,
    span,
    ticks,
    words,
)
from model_service_cli.trace.timeline import Timeline

FOLDER = Path(__file__).resolve().parent
TEMPLATE = "trace.html.jinja"
SCRIPT = FOLDER / "trace.js"


def page(timeline: Timeline, inputs: Sequence[object] = ()) -> str:
    """The page. inputs: what the items of the Map were given, by number. Equal timelines make equal pages."""
    execution = timeline.execution
    axis = Axis(timeline.started_at, max(timeline.ended_at - timeline.started_at, timedelta(milliseconds=1)))
    script = SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        name=execution.arn.rpartition(":")[2],
        arn=execution.arn,
        status=words(execution.status),
        started=f"{timeline.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        duration=span(timeline.ended_at - timeline.started_at),
        facts=list(_facts(execution)),
        failure=failure_text(execution.failure),
        texts=[
            text for text in (payload("Input", execution.input), payload("Output", execution.output)) if text
        ],
        ticks=list(ticks(axis)),
        entries=[state_entry(number, row, axis, inputs) for number, row in enumerate(timeline.rows, 1)],
        script=script,
        script_digest=digest,
    )


def _facts(execution: Execution) -> Iterator[tuple[str, str]]:
    """What a person wants first: the run, its data and its metrics."""
    output = object_or_empty(execution.output)
    run = output.get("run")
    run = run if isinstance(run, dict) else {}
    yield "run", str(run.get("run_id", ""))
    dataset = output.get("dataset")
    if isinstance(dataset, dict):
        yield "data", f"s3://{dataset.get('bucket')}/{dataset.get('key')}"
        yield "data version", str(dataset.get("version_id") or "")
        if isinstance(rows := dataset.get("rows"), int):
            yield "rows", f"{rows:,}"
    metrics = output.get("metrics")
    if isinstance(metrics, dict):
        for name in ("accuracy", "baseline_accuracy", "f1"):
            if isinstance(value := metrics.get(name), float):
                yield name.replace("_", " "), f"{value:.4f}"
    if isinstance(cached := run.get("cached"), list) and cached:
        yield "cached", ", ".join(map(str, cached))
