"""The lines of `run_lines` for a terminal: a step with its status in colour, the metrics as a table."""

from typing import Any

from rich.table import Table
from rich.text import Text

from model_service_cli.runs.run_lines import metric_rows, published_metrics, step_line
from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Step
from model_service_cli.terminal.tables import FAILED, STYLES


def metric_table(output: dict[str, Any]) -> Table:
    """The metrics beside the baseline and beside the model that was published before, if one was."""
    before = published_metrics(output)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name, wanted in (
        ("metric", True),
        ("model", True),
        ("baseline", True),
        ("published before", bool(before)),
    ):
        if wanted:
            table.add_column(name, justify="left" if name == "metric" else "right")
    for name, value, baseline, published in metric_rows(output.get("metrics", {}), before):
        model = Text(value, style="bold")
        table.add_row(Text(name), model, Text(baseline), *([Text(published)] if before else []))
    return table


def step_text(step: Step) -> Text:
    """The plain line, with its status in colour."""
    line = Text(f"  {step_line(step)}")
    line.highlight_words([step.status.lower().replace("_", " ")], STYLES.get(step.status, FAILED))
    line.highlight_words(["cached"], "magenta")
    if step.failure:
        line.highlight_words(
            [step.failure.error], "yellow" if step.status in (RUNNING, SUCCEEDED) else FAILED
        )
    return line
