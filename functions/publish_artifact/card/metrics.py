"""The metrics of a card: each with the class it is about and what a constant answer would get."""

from typing import cast

from publish_artifact.card.constant import ALWAYS_MAJORITY, ALWAYS_POSITIVE, CHANCE, SHARES, constant_metrics
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import name_of, percent, section, soft, span, table, three

_METRICS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "roc_auc": "ROC area",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "brier_score": "Brier score",
}
_OF_A_CLASS = ("f1", "precision", "recall", "roc_auc", "average_precision")
_LOSSES = ("log_loss", "brier_score")


def key_figures(subject: Subject) -> str:
    """The figures that say most, each beside a constant answer's."""
    constants = constant_metrics(subject.artifact)
    intervals = subject.artifact["evaluation"].get("intervals", {})
    positive = subject.positive
    about = f"F1 of {name_of(positive, 24)}" if positive else "F1, mean of classes"
    tiles = []
    for name, title in (
        ("log_loss", "log loss (less is better)"),
        ("accuracy", "accuracy"),
        ("roc_auc", "ROC area"),
        ("f1", about),
    ):
        value, interval = value_of(subject, name), intervals.get(name)
        write = percent if name == "accuracy" else three
        shown = "-" if value is None else write(value)
        details = []
        if name in constants:
            constant, which = constants[name]
            details.append(f"{_answer(subject, which, 18)}: {write(constant)}")
        if interval and value is not None:
            details.append(f"95% interval {' to '.join(write(bound) for bound in interval)}")
        spans = "".join(f"<span>{detail}</span>" for detail in details)
        tiles.append(f"<li><span>{title}</span><b>{shown}</b>{spans}</li>\n")
    return f'<ul class="key">\n{"".join(tiles)}</ul>\n'


def value_of(subject: Subject, name: str) -> float | None:
    """A metric by its name; None where it is not defined, or not in artifacts of its version."""
    return cast("dict[str, float | None]", subject.artifact["metrics"]).get(name)


def metrics(subject: Subject) -> str:
    """All metrics on the test rows."""
    constants = constant_metrics(subject.artifact)
    intervals = subject.artifact["evaluation"].get("intervals", {})
    lines = []
    for name, title in _METRICS.items():
        if name not in subject.artifact["metrics"]:
            continue
        constant, which = constants.get(name, (None, None))
        lines.append(
            [
                title,
                three(value_of(subject, name)),
                three(constant),
                span(intervals.get(name)),
                _about(subject, name),
                _answer(subject, which) if which else "-",
            ]
        )
    header = ["metric", "model", "constant", "95% interval", "about", "constant answer"]
    return section(
        "Metrics",
        table("Metrics on the test rows, beside a constant answer's", header, lines, 1, 4),
        soft(
            "Of log loss and Brier score, less is better. Intervals: Wilson (1927) for proportions; F1 of one class "
            "through Wilson's interval of hits / (hits + errors); mean F1 by the delta method (Takahashi et al. "
            "2022); ROC area by Hanley and McNeil (1982). They take the rows as independent."
            f"{_of_bins(subject)}"
        ),
    )


def _of_bins(subject: Subject) -> str:
    """What counting in bins may have cost the ROC area, where the test rows were that many."""
    error = subject.artifact["evaluation"].get("roc_auc_error")
    return (
        f" Of so many rows scores are counted in bins: the ROC area is right to {error:.2g}." if error else ""
    )


def _about(subject: Subject, name: str) -> str:
    if name not in _OF_A_CLASS:
        return "all classes"
    return name_of(subject.positive, 30) if subject.positive else "mean over classes"


def _answer(subject: Subject, which: str, shown: int = 30) -> str:
    """A constant answer in words."""
    evaluation = subject.artifact["evaluation"]
    words = {
        ALWAYS_MAJORITY: f"always {name_of(evaluation['majority_class'], shown)}",
        ALWAYS_POSITIVE: f"always {name_of(evaluation['positive_class'] or '', shown)}",
        SHARES: "the train rows' class shares",
        CHANCE: "any constant",
    }
    return words[which]
