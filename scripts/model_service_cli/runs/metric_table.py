"""A run's metrics beside what a constant answer and the model before have, as lines. Pure: documents in, text out."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from model_service_cli.models.names import model_name
from model_service_cli.runs.constant_answer import constant_metrics, constant_words
from model_service_cli.runs.decision_lines import decision_lines
from model_service_cli.terminal.lines import headed

BASELINE = "baseline_"
# What a person looks for first. A repeated run reads its metrics from a document that is sorted by name.
ORDER = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier_score",
)
_BOUNDS = ("accuracy_low", "accuracy_high")  # told as the accuracy's interval
_COLUMN = 8  # characters at least


def metric_lines(output: dict[str, Any], summary: dict[str, Any]) -> Iterator[Text]:
    """What the figures are about, and the table of them.

    output: of Summarize or of the execution; summary: the run's document of it, {} where it cannot be read, and then
    there are neither intervals nor the constant's figures but its accuracy.
    """
    metrics = output.get("metrics") or {}
    if not metrics:
        return
    yield from map(Text, _about(output, summary))
    before, whose = before_metrics(output)
    columns = [
        ("model", figures(metrics)),
        ("95 % interval", interval_column(metrics, summary)),
        ("constant", constant_column(metrics, summary)),
        ("before", figures(before)),
    ]
    yield from table(metrics, columns)
    yield from constant_note(summary)
    if whose:
        yield from map(Text, headed("", f"before: {whose}"))


def table(metrics: dict[str, Any], columns: Sequence[tuple[str, dict[str, str]]]) -> Iterator[Text]:
    """The metrics by row. columns: head, and cells by metric; one without any is left out; the first is bold."""
    names = _in_order(metrics)
    told = [(head, cells) for head, cells in columns if any(cells.get(name) for name in names)]
    widths = [max(_COLUMN, len(head), *(len(cells.get(name, "")) for name in names)) for head, cells in told]
    first = max(17, *(len(name) for name in names))
    yield Text(_row("metric", [head for head, _ in told], first, widths), style="bold")
    for name in names:
        line = Text(_row(name, [cells.get(name, "") for _, cells in told], first, widths))
        line.stylize("bold", first, first + 2 + widths[0])
        line.rstrip()
        yield line


def constant_note(summary: dict[str, Any]) -> Iterator[Text]:
    """What the column of the constant is."""
    yield from map(Text, headed("", constant_words(summary)))


def before_metrics(output: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The metrics of the model that the run's stable key held when it began, and in words which and on what rows.

    ({}, "") where the key held nothing, or the very model that the run made; no metrics, and in words why, where that
    model is about something else.
    """
    match output.get("regression"):
        case {
            "current": str(sha256),
            "compared": bool(compared),
            "why_not": why_not,
            "metrics": dict(metrics),
        }:
            pass
        case _:
            return {}, ""
    held = (
        f"{model_name(sha256)}, which {_part(output, 'artifact').get('key') or 'the stable key'} held before"
    )
    if not metrics:
        return {}, f"{held}, is not compared: {why_not}"
    return metrics, f"{held}, on {'the same test rows' if compared else f'its own test rows: {why_not}'}"


def _about(output: dict[str, Any], summary: dict[str, Any]) -> Iterator[str]:
    rows = _part(summary, "split").get("test_rows")
    on = f"on {rows:,} test rows" if isinstance(rows, int) else "on the test rows"
    of_many = "decision" in output and not _part(output, "decision").get("positive_class")
    means = "; precision, recall and f1 are means over the classes" if of_many else ""
    yield from headed("metrics", on + means)
    yield from decision_lines(output)


def figures(metrics: dict[str, Any]) -> dict[str, str]:
    return {name: _figure(value) for name, value in metrics.items()}


def constant_column(metrics: dict[str, Any], summary: dict[str, Any]) -> dict[str, str]:
    told = {
        name.removeprefix(BASELINE): value for name, value in metrics.items() if name.startswith(BASELINE)
    }
    return figures({**told, **constant_metrics(summary)})


def interval_column(metrics: dict[str, Any], summary: dict[str, Any]) -> dict[str, str]:
    low, high = (metrics.get(name) for name in _BOUNDS)
    found = {"accuracy": [low, high], **_part(_part(summary, "evaluation"), "intervals")}
    return {
        name: f"{_figure(interval[0])} to {_figure(interval[1])}"
        for name, interval in found.items()
        if isinstance(interval, list) and None not in interval
    }


def _in_order(metrics: dict[str, Any]) -> list[str]:
    known = {name: place for place, name in enumerate(ORDER)}
    names = [name for name in metrics if not name.startswith(BASELINE) and name not in _BOUNDS]
    return sorted(names, key=lambda name: known.get(name, len(ORDER)))


def _figure(value: Any) -> str:
    """Of one precision in the whole table, also where JSON has made an integer of a whole number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.4f}" if number else ""


def _row(name: str, cells: list[str], first: int, widths: list[int]) -> str:
    return f"{name:<{first}}" + "".join(
        f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
    )


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
