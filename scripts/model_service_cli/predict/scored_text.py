"""What a predicted CSV says of its model, as lines and as JSON. Pure: values in, text out."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from model_service_cli.predict.scoring import Scored
from model_service_cli.runs.comparison_text import drift_words
from model_service_cli.runs.confusion import confusion_lines
from model_service_cli.runs.decision_lines import decision_lines
from model_service_cli.runs.metric_table import (
    constant_column,
    constant_note,
    figures,
    interval_column,
    table,
)
from model_service_cli.terminal.lines import headed
from shared.csv_file.cells import shown
from shared.event_fields import Json, printable


def scored_lines(scored: Scored, same_file: bool) -> Iterator[Text]:
    """For a person: figures where rows have a label, then how the data has moved; nothing where neither is known.

    same_file: whether it is the very file that the model was trained on.
    """
    if scored.metrics:
        yield from _figures(scored, same_file)
    elif scored.why_not:
        yield from map(Text, headed("metrics", f"none by column {shown(scored.label)}: {scored.why_not}"))
    changed = scored.drift
    if changed is None or all(one["psi"] is None for one in changed["features"]):  # of too few rows
        return
    told = list(drift_words(changed))
    yield Text("")
    yield from map(Text, headed("data", "against all rows that the model was trained and tested on"))
    yield from (Text(f"{'':11}{printable(line)}") for line in told)


def _figures(scored: Scored, same_file: bool) -> Iterator[Text]:
    summary = {
        "evaluation": {
            "majority_class": scored.majority,
            "positive_class": scored.decision["positive_class"],
            "per_class": scored.per_class,
            "confusion_matrix": scored.confusion_matrix,
            "intervals": scored.intervals,
        },
        "decision": scored.decision,
        "train_rows_per_class": scored.trained,
    }
    without = scored.rows - scored.labelled
    rest = f"; {without:,} rows without a label were predicted only" if without else ""
    yield Text("")
    yield from map(
        Text, headed("metrics", f"on {scored.labelled:,} rows, by their {shown(scored.label)}{rest}")
    )
    if same_file:
        why = "this is the file that the model was trained on; what it has seen it predicts too well"
        yield from (Text(line, style="bold yellow") for line in headed("warning", why))
    yield from map(Text, decision_lines({"decision": scored.decision}))
    yield from table(
        scored.metrics,
        [
            ("here", figures(scored.metrics)),
            ("95 % interval", interval_column(scored.metrics, summary)),
            ("constant", constant_column(scored.metrics, summary)),
            ("published", figures(scored.published)),
        ],
    )
    yield from constant_note(summary)
    yield from map(
        Text, headed("", "published: the figures that the model was published with, on its test rows")
    )
    yield Text("")
    for place, line in enumerate(confusion_lines(summary)):
        yield Text(line, style="" if place else "bold")


def to_json(scored: Scored, model: str, same_file: bool) -> dict[str, Any]:
    """model: in words, which."""
    document: Json = {
        "model": model,
        "rows": scored.rows,
        "labelled_rows": scored.labelled,
        "label_column": scored.label,
        "trained_on_this_file": same_file,
        "decision": scored.decision,
        "metrics": scored.metrics or None,
        "intervals": scored.intervals or None,
        "confusion_matrix": scored.confusion_matrix or None,
        "why_no_metrics": scored.why_not,
        "published_metrics": scored.published,
        "drift": scored.drift,
        "why_no_drift": scored.why_no_drift,
    }
    return document
