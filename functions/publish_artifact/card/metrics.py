"""The part of a model card about the test rows: metrics with intervals, curves, confusion matrix."""

from typing import cast

from publish_artifact.artifact_types import Artifact, Evaluation, Metrics, Reliability
from publish_artifact.card.figures import Figures
from publish_artifact.card.text import (
    CLASSES_SHOWN,
    more,
    name_of,
    number,
    paragraph,
    percent,
    rows_of,
    section,
    table,
)

_METRICS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "roc_auc": "ROC area",
    "log_loss": "Log loss",
    "brier_score": "Brier score",
}


def key_figures(artifact: Artifact) -> str:
    metrics, intervals = artifact["metrics"], artifact["evaluation"].get("intervals", {})

    def entry(name: str, title: str) -> str:
        value, interval = _value(metrics, name), intervals.get(name)
        shown = "-" if value is None else percent(value) if name == "accuracy" else f"{value:.3f}"
        low_high = [percent(x) if name == "accuracy" else f"{x:.3f}" for x in interval or ()]
        detail = f"95%: {' to '.join(low_high)}" if interval and value is not None else ""
        return f"<li><span>{title}</span><b>{shown}</b><span>{detail}</span></li>\n"

    baseline = percent(metrics["baseline_accuracy"])
    majority = name_of(artifact["evaluation"]["majority_class"], 24)
    return (
        '<ul class="key">\n'
        + entry("accuracy", "accuracy")
        + f"<li><span>baseline</span><b>{baseline}</b><span>always {majority}</span></li>\n"
        + entry("f1", "F1")
        + entry("roc_auc", "ROC area")
        + "</ul>\n"
    )


def _value(metrics: Metrics, name: str) -> float | None:
    """A metric by its name; None where it is not defined."""
    return cast("dict[str, float | None]", metrics).get(name)


def metrics_section(artifact: Artifact, figures: Figures) -> str:
    evaluation, metrics = artifact["evaluation"], artifact["metrics"]
    intervals, curves = evaluation.get("intervals", {}), evaluation.get("curves", [])
    positive = evaluation["positive_class"]
    whose = (
        f"F1, precision and recall are of {name_of(positive)}."
        if positive
        else "F1, precision and recall are means over the classes."
    )
    lines = []
    for name, title in _METRICS.items():
        interval = intervals.get(name)
        low_high = f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "-"
        lines.append([title, number(_value(metrics, name)), low_high])
    lines.insert(1, ["Accuracy of the baseline", number(metrics["baseline_accuracy"]), "-"])
    ranked = sorted(curves, key=lambda entry: -sum(entry["reliability"]["hits"]))
    drawn = [figures.roc(ranked)] if any(entry["roc"] for entry in curves) else []
    if curves:
        bins = _together([entry["reliability"] for entry in curves])
        drawn.append(
            figures.reliability(bins, name_of(curves[0]["class"], 40) if len(curves) == 1 else "each class")
        )
    return section(
        "How good it is",
        paragraph(f"On {rows_of(artifact['split']['test_rows'])} that it was not trained on.", whose),
        table("Metrics on the test rows", ["metric", "value", "95% interval"], lines),
        paragraph(
            '<span class="soft">Guessing has a ROC area of 0.5; of log loss and Brier score, less is better. '
            "Intervals: Wilson (1927) for proportions; F1 of one class through Wilson's interval "
            "of hits / (hits + errors); mean F1 by the delta method (Takahashi et al. 2022); ROC area by Hanley and "
            "McNeil (1982). They take the rows as independent.</span>"
        ),
        f'<div class="figures">{"".join(drawn)}</div>\n' if drawn else "",
        _confusion(evaluation),
        _per_class(evaluation),
    )


def _confusion(evaluation: Evaluation) -> str:
    labels, counts = evaluation["confusion_matrix"]["labels"], evaluation["confusion_matrix"]["counts"]
    rows = [sum(line) for line in counts]
    shown = sorted(sorted(range(len(labels)), key=lambda i: -rows[i])[:CLASSES_SHOWN])
    head = "".join(f'<th scope="col" class="n">{name_of(labels[j], 18)}</th>' for j in shown)
    body = "".join(
        f'<tr><th scope="row">{name_of(labels[i], 30)}</th>'
        + "".join(
            f'<td style="--share:{counts[i][j] / (rows[i] or 1):.3f}"{" class=hit" if i == j else ""}>'
            f"{counts[i][j]:,d}</td>"
            for j in shown
        )
        + "</tr>\n"
        for i in shown
    )
    return (
        '<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">'
        f'<table class="heat"><caption>Confusion matrix: test rows</caption>\n'
        f'<thead><tr><th scope="col">true \\ predicted</th>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n'
        + paragraph(
            '<span class="soft">True label down, predicted label across. Right answers are framed; a stronger '
            "colour is a larger share of the line.</span>"
        )
        + more(labels, CLASSES_SHOWN)
    )


def _per_class(evaluation: Evaluation) -> str:
    areas = {entry["class"]: entry["roc"] and entry["roc"]["area"] for entry in evaluation.get("curves", [])}
    if (
        evaluation["positive_class"] is not None and len(areas) == 1
    ):  # the other class's curve is the same upside down
        areas = dict.fromkeys(evaluation["per_class"], *areas.values())
    by_size = sorted(evaluation["per_class"].items(), key=lambda entry: (-entry[1]["support"], entry[0]))
    return table(
        "Class by class",
        ["class", "precision", "recall", "F1", "ROC area", "test rows"],
        (
            [
                name_of(name),
                *(f"{figures[key]:.3f}" for key in ("precision", "recall", "f1")),
                number(areas.get(name)),
                number(figures["support"]),
            ]
            for name, figures in by_size[:CLASSES_SHOWN]
        ),
    ) + more(by_size, CLASSES_SHOWN)


def _together(reliabilities: list[Reliability]) -> Reliability:
    """The bins of all classes added up."""
    rows = [sum(column) for column in zip(*(entry["rows"] for entry in reliabilities), strict=True)]
    hits = [sum(column) for column in zip(*(entry["hits"] for entry in reliabilities), strict=True)]
    sums = [
        sum(n * (mean or 0.0) for n, mean in column)
        for column in zip(
            *(zip(e["rows"], e["mean_probability"], strict=True) for e in reliabilities), strict=True
        )
    ]
    means = [total / n if n else None for total, n in zip(sums, rows, strict=True)]
    return {"rows": rows, "hits": hits, "mean_probability": means}
