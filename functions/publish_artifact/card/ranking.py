"""Precision and recall by threshold, ROC and precision-recall curves: how well a class is told from the rest."""

from publish_artifact.artifact_types import Roc
from publish_artifact.card import drawing
from publish_artifact.card.drawing import SQUARE, X, Y, in_square, square
from publish_artifact.card.reliability import reliability
from publish_artifact.card.style import SERIES
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    figures,
    line,
    name_of,
    paragraph,
    percent,
    plain,
    section,
    side_by_side,
    table_of,
    three,
)
from shared.event_fields import Json

_RULES = {
    "0.5": "one half",
    "given": "given in the request",
    "f1": "the one with the best F1 on out-of-fold predictions of train rows",
}


def ranking(subject: Subject) -> str:
    """The threshold table beside the curves, and the reliability of the probabilities."""
    table, curves, reliable = (
        _thresholds(subject),
        [_precision_recall(subject), _roc(subject)],
        reliability(subject),
    )
    if not table:
        return section("Thresholds and ranking", figures([*curves, reliable]))
    return section("Thresholds and ranking", side_by_side(table + figures([reliable]), figures(curves)))


def _thresholds(subject: Subject) -> str:
    """What each threshold would give; the one that the model uses is marked."""
    lines: list[Json] = subject.member("evaluation").get("thresholds") or []  # type: ignore[union-attr]
    decision = subject.member("decision")
    used = decision["threshold"] if decision else None
    if not lines or subject.positive is None:
        return ""
    positive = name_of(subject.positive, 30)
    body = "".join(
        line(
            [
                three(entry["threshold"]) + (" (used)" if entry["threshold"] == used else ""),
                three(entry["precision"] if entry["flagged"] else None),
                *(three(entry[name]) for name in ("recall", "f1")),
                percent(entry["flagged"]),
            ],
            1,
            "used" if entry["threshold"] == used else "",
        )
        for entry in lines
    )
    header = ["threshold", "precision", "recall", "F1", "flagged"]
    rule = _RULES.get(decision["rule"], decision["rule"]) if decision else ""
    return paragraph(
        f"A row is taken for {positive} where its probability is {three(used)} or more: {rule}."
        if used is not None
        else "",
        f"Flagged: share of the test rows taken for {positive}.",
        _lift(subject, positive),
    ) + table_of(f"Thresholds of the probability of {plain(subject.positive)}", header, body)


def _shown(subject: Subject, what: str) -> list[tuple[str, Json]]:
    """The classes with such a curve, as many as there are colours, those with most rows first."""
    curves: list[Json] = subject.artifact["evaluation"].get("curves", [])  # type: ignore[assignment]
    found = [(entry["class"], entry[what]) for entry in curves if entry.get(what)]
    order = subject.classes_by_rows()
    return sorted(found, key=lambda pair: order.index(pair[0]))[:SERIES]


def _roc(subject: Subject) -> str:
    shown = _shown(subject, "roc")
    if not shown:
        return ""
    lines = "".join(in_square(_roc_line(roc), subject.line(name, len(shown) == 1)) for name, roc in shown)
    areas = ", ".join(f"{plain(name)} {roc['area']:.3f}" for name, roc in shown)
    counts = _at_the_threshold(subject)
    dot = _dot(subject, counts[2] / counts[3], counts[0] / counts[1]) if counts else ""
    return subject.figure(
        "ROC curve" + ("s, each class against the rest" if len(shown) > 1 else ""),
        f"Found rows of the class against rows wrongly taken for it, for every threshold. Area: {areas}.",
        SQUARE,
        square("share of other rows taken for it", "share of its rows found")
        + f'<path class="guide" d="M{X(0):.0f} {Y(0):.0f}L{X(1):.0f} {Y(1):.0f}"/>'
        + lines
        + dot,
        subject.legend([name for name, _ in shown], [f": area {roc['area']:.3f}" for _, roc in shown]),
        "The dashed diagonal is guessing. A curve nearer to the upper left corner ranks better."
        + (" The ring is the threshold that is used." if dot else ""),
    )


def _precision_recall(subject: Subject) -> str:
    shown = _shown(subject, "precision_recall")
    if not shown:
        return ""
    per_class = subject.artifact["evaluation"]["per_class"]
    rows = sum(entry["support"] for entry in per_class.values())
    lines, notes = [], []
    for name, curve in shown:
        lines.append(in_square(_steps(curve), subject.line(name, len(shown) == 1)))
        notes.append(f": average precision {curve['average_precision']:.3f}")
    guide = ""
    if len(shown) == 1 and shown[0][0] in per_class:
        share = per_class[shown[0][0]]["support"] / rows
        guide = f'<path class="guide" d="M{X(0):.0f} {Y(share):.1f}H{X(1):.0f}"/>'
    own = per_class.get(subject.positive) if subject.positive else None
    dot = _dot(subject, own["recall"], own["precision"]) if own and own["recall"] else ""
    areas = ", ".join(f"{plain(name)} {curve['average_precision']:.3f}" for name, curve in shown)
    return subject.figure(
        "Precision and recall",
        f"Precision by recall, for every threshold. Average precision: {areas}.",
        SQUARE,
        square("recall: share of its rows found", "precision: share of found that is right")
        + guide
        + "".join(lines)
        + dot,
        subject.legend([name for name, _ in shown], notes),
        ("The dashed line is the share of its rows: what flagging at random gives. " if guide else "")
        + ("The ring is the threshold that is used." if dot else ""),
    )


def _dot(subject: Subject, across: float, up: float) -> str:
    return f'<circle class="stroke" cx="{X(across):.1f}" cy="{Y(up):.1f}" r="5"/>'


def _lift(subject: Subject, positive: str) -> str:
    """How much more often those that are taken for the class are of it than any rows; empty where none is taken."""
    counts = _at_the_threshold(subject)
    if counts is None or not counts[0] + counts[2]:
        return ""
    found, its, wrongly, others = counts
    lift = found / (found + wrongly) * (its + others) / its
    return f"Those are {positive} {lift:.2f} times as often as any test row: the lift."


def _at_the_threshold(subject: Subject) -> tuple[int, int, int, int] | None:
    """Of the positive class: rows found, its rows, rows wrongly taken for it, other rows; None without contrast."""
    matrix = subject.artifact["evaluation"]["confusion_matrix"]
    labels, counts = matrix["labels"], matrix["counts"]
    if subject.positive not in labels or len(labels) != 2:
        return None
    own = labels.index(subject.positive)
    rest = 1 - own
    its, others = sum(counts[own]), sum(counts[rest])
    return (counts[own][own], its, counts[rest][own], others) if its and others else None


def _roc_line(roc: Json | Roc) -> list[drawing.Point]:
    across, up = roc["false_positives"], roc["true_positives"]
    return [(a / across[-1], b / up[-1]) for a, b in zip(across, up, strict=True)]


def _steps(curve: Json) -> list[drawing.Point]:
    """Average precision is the area under these steps: each stretch of recall has the precision at its end."""
    pairs = sorted(
        zip(curve["recall"], curve["precision"], strict=True), key=lambda pair: (pair[0], -pair[1])
    )
    found: list[drawing.Point] = []
    before = 0.0
    for recall, precision in pairs:
        found += [(before, precision), (recall, precision)]
        before = recall
    return found
