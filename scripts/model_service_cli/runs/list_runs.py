"""List the newest executions: status, duration, run, metrics, version of the data, and what was cached.

python -m model_service_cli runs [--count 20]
"""

import sys
from collections.abc import Iterable
from datetime import UTC
from itertools import islice

import click
from rich.table import Table
from rich.text import Text

from model_service_cli.cloud import Deployed, client
from model_service_cli.door import CommandError
from model_service_cli.runs.listed_runs import ListedRun, newest
from model_service_cli.runs.steps import RUNNING, SUCCEEDED
from model_service_cli.terminal.figures import figure, seconds
from model_service_cli.terminal.tables import FAILED, STYLES, is_terminal, new_table, show

COUNT = 20
VERSION_ON_A_SCREEN = 12  # characters: enough to tell two versions apart


def table_of(runs: Iterable[ListedRun], version_characters: int | None = None) -> Table:
    """One row for each run, in the order given; of a version as many characters, None for all."""
    table = new_table(
        "execution",
        "status",
        "started (UTC)",
        "duration",
        "run_id",
        "accuracy",
        "f1",
        "data version",
        "note",
        right=("duration", "accuracy", "f1"),
    )
    for run in runs:
        metrics = run.section("metrics")
        table.add_row(
            Text(run.name),
            Text(run.status.lower().replace("_", " "), style=STYLES.get(run.status, FAILED)),
            Text(f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M}"),
            Text("" if run.duration_ms is None else seconds(run.duration_ms).strip()),
            Text(run.run_id),
            Text(figure(metrics.get("accuracy"))),
            Text(figure(metrics.get("f1"))),
            Text(str(run.section("dataset").get("version_id") or "")[:version_characters]),
            Text(note(run)),
        )
    return table


def note(run: ListedRun) -> str:
    """Why it failed, or how many of its steps had been done before."""
    if run.status not in (RUNNING, SUCCEEDED):
        return run.error or ""
    return f"cached: {len(run.cached)} step{'s' * (len(run.cached) > 1)}" if run.cached else ""


@click.command(name="runs")
@click.option(
    "--count", type=click.IntRange(min=1), default=COUNT, show_default=True, help="How many at most."
)
def list_runs(count: int) -> None:
    """The newest runs: status, duration, metrics, version of the data."""
    deployed = Deployed.find()
    runs = list(islice(newest(client("stepfunctions"), deployed.state_machine_arn), count))
    if not runs:
        raise CommandError("nothing has run yet; run: make run-pipeline")
    show(table_of(runs, VERSION_ON_A_SCREEN if is_terminal(sys.stdout) else None))
