"""Two runs side by side: parameters, data, metrics, and what differs.

    python -m model_service_cli compare [--a WHICH] [--b WHICH]

WHICH is an execution's name, its ARN or a run_id. By default they are the two newest that succeeded, the older
one first. What differs is marked with `*`; for figures the difference is B less A.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import click
from rich.text import Text

from model_service_cli.cloud import Deployed, client
from model_service_cli.door import CommandError
from model_service_cli.runs.listed_runs import ListedRun, find, newest_succeeded
from model_service_cli.runs.run_documents import read_document
from model_service_cli.runs.steps import SUCCEEDED
from model_service_cli.terminal.figures import figure, seconds
from model_service_cli.terminal.tables import new_table, show
from shared.event_fields import printable


@dataclass(frozen=True)
class Details:
    """A run with the documents it left in S3; {} for one that is no longer there."""

    run: ListedRun
    manifest: dict[str, Any]
    summary: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """name: what is compared, as `section: name`; a, b: JSON values, None for absent."""

    name: str
    a: Any
    b: Any

    @property
    def changed(self) -> bool:
        return self.a != self.b

    @property
    def difference(self) -> str:
        numbers = [
            value
            for value in (self.a, self.b)
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        ]
        if not self.changed or len(numbers) < 2:
            return ""
        difference = numbers[1] - numbers[0]
        return f"{difference:+.4f}" if isinstance(difference, float) else f"{difference:+,}"


def choose(states: Any, machine: str, a: str, b: str) -> tuple[ListedRun, ListedRun]:
    """The two runs to compare. Raises CommandError for one that is unknown or that has no result."""
    first = _finished(find(states, machine, a)) if a else None
    second = _finished(find(states, machine, b)) if b else None
    given = {run.arn for run in (first, second) if run}
    others = (run for run in newest_succeeded(states, machine) if run.arn not in given)
    second = second or next(others, None)
    first = first or next(others, None)
    if not first or not second:
        raise CommandError("there are not two executions that succeeded; run: make run-pipeline")
    return first, second


def _finished(run: ListedRun) -> ListedRun:
    if run.status != SUCCEEDED:
        why = f" ({run.error})" if run.error else ""
        raise CommandError(
            f"{run.name} has no result to compare; its status is {run.status}{why}",
            exit_status=2,
        )
    return run


def details(s3: Any, run: ListedRun) -> Details:
    """Reads the run's manifest and summary."""
    manifest = read_document(s3, run.section("dataset").get("manifest"))
    return Details(run, manifest, read_document(s3, run.output.get("summary")))


def rows(a: Details, b: Details) -> Iterator[Row]:
    """What is compared, by section; names that either side has."""
    for section, part in (("run", _run), ("request", _request), ("data", _data), ("metric", _metrics)):
        left, right = part(a), part(b)
        for name in [*left, *(name for name in right if name not in left)]:
            yield Row(f"{section}: {name}", left.get(name), right.get(name))


def _run(side: Details) -> dict[str, Any]:
    run = side.run
    return {
        "run_id": run.run_id,
        "started (UTC)": f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "duration": None if run.duration_ms is None else seconds(run.duration_ms).strip(),
        "cached": ", ".join(run.cached) or None,
        "code_version": side.manifest.get("code_version"),
        "artifact sha256": run.section("artifact").get("sha256"),
    }


def _request(side: Details) -> dict[str, Any]:
    # As it was understood, with the defaults; where that is gone, as it was given.
    request = side.manifest.get("request") or side.run.input
    return {name: value for name, value in request.items() if name not in ("bucket", "key", "version_id")}


def _data(side: Details) -> dict[str, Any]:
    dataset = side.run.section("dataset")
    split = side.summary.get("split") or {}
    report = side.manifest.get("report") or {}
    return {
        **{
            name: dataset.get(name)
            for name in ("bucket", "key", "version_id", "etag", "bytes", "rows", "invalid_rows")
        },
        "train rows": split.get("train_rows"),
        "test rows": split.get("test_rows"),
        "features": ", ".join(side.manifest.get("features") or []) or None,
        **{f"rows of class {name}": count for name, count in (report.get("classes") or {}).items()},
    }


def _metrics(side: Details) -> dict[str, Any]:
    return dict(side.run.section("metrics"))


def cell(name: str, value: Any) -> str:
    """A value as text; a long one is cut in the middle, so that both ends can be told apart."""
    if value is None:
        return ""
    if name.startswith("metric: "):
        text = figure(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if len(text) <= 34 else f"{text[:16]}..{text[-16:]}"


@click.command()
@click.option("--a", default="", metavar="WHICH", help="A name, an ARN or a run_id.")
@click.option("--b", default="", metavar="WHICH", help="The same.")
def compare(a: str, b: str) -> None:
    """Two runs side by side, and what differs; by default the two newest that succeeded."""
    deployed = Deployed.find()
    states, s3 = client("stepfunctions"), client("s3")
    first, second = choose(states, deployed.state_machine_arn, a, b)
    compared = list(rows(details(s3, first), details(s3, second)))
    table = new_table("", "", f"A {first.name}", f"B {second.name}", "B - A", right=("B - A",))
    for row in compared:
        style = "bold yellow" if row.changed else "dim"
        mark = "*" if row.changed else ""
        texts = (row.name, mark, cell(row.name, row.a), cell(row.name, row.b), row.difference)
        table.add_row(*(Text(text, style=style) for text in texts))
    show(table)
    changed = sum(row.changed for row in compared)
    print(f"\n{changed} of {len(compared)} differ." if changed else "\nNothing differs.")
