"""The confusion matrix of a card and the figures class by class."""

from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    CLASSES_SHOWN,
    count_of,
    more,
    name_of,
    number,
    paragraph,
    rows_of,
    section,
    side_by_side,
    soft,
    table,
    three,
)


def confusion(subject: Subject) -> str:
    """What was taken for what, beside each class's figures."""
    return section("What it confuses", side_by_side(_matrix(subject), _per_class(subject)))


def _matrix(subject: Subject) -> str:
    matrix = subject.artifact["evaluation"]["confusion_matrix"]
    labels, counts = matrix["labels"], matrix["counts"]
    rows = [sum(line) for line in counts]
    shown = sorted(sorted(range(len(labels)), key=lambda i: -rows[i])[:CLASSES_SHOWN])
    head = "".join(f'<th scope="col" class="n">{subject.marked(labels[j], 18)}</th>' for j in shown)
    body = "".join(
        f'<tr><th scope="row">{subject.marked(labels[i], 30)}</th>'
        + "".join(
            f'<td style="--share:{counts[i][j] / (rows[i] or 1):.3f}"{" class=hit" if i == j else ""}>'
            f"{counts[i][j]:,d}</td>"
            for j in shown
        )
        + "</tr>\n"
        for i in shown
    )
    return (
        _positive_in_words(subject)
        + '<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">'
        f'<table class="heat"><caption>Confusion matrix</caption>\n'
        f'<thead><tr><th scope="col">true \\ predicted</th>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
        + soft(
            f"Of {rows_of(sum(rows))}, the true label down, the predicted label across. Right answers are framed; a "
            "stronger shade is a larger share of its line."
        )
        + more(labels, CLASSES_SHOWN)
    )


def _positive_in_words(subject: Subject) -> str:
    """What was found and what was missed of the positive class, where there are two classes."""
    matrix = subject.artifact["evaluation"]["confusion_matrix"]
    labels, counts = matrix["labels"], matrix["counts"]
    if subject.positive not in labels or len(labels) != 2:
        return ""
    own = labels.index(subject.positive)
    rest = 1 - own
    return paragraph(
        f"The positive class is {name_of(subject.positive)}: of {rows_of(sum(counts[own]))} it found "
        f"{counts[own][own]:,d} and missed {counts[own][rest]:,d}, with "
        f"{count_of(counts[rest][own], 'false alarm')}."
    )


def _per_class(subject: Subject) -> str:
    evaluation = subject.artifact["evaluation"]
    areas = {entry["class"]: entry["roc"] and entry["roc"]["area"] for entry in evaluation.get("curves", [])}
    if subject.positive is not None and len(areas) == 1:
        # the other class's curve is the same upside down
        areas = dict.fromkeys(evaluation["per_class"], *areas.values())
    by_size = sorted(evaluation["per_class"].items(), key=lambda entry: (-entry[1]["support"], entry[0]))
    return table(
        "Class by class",
        ["class", "precision", "recall", "F1", "ROC area", "test rows"],
        (
            [
                subject.marked(name) + (" (positive)" if name == subject.positive else ""),
                *(three(value) for value in (figures["precision"], figures["recall"], figures["f1"])),
                three(areas.get(name)),
                number(figures["support"]),
            ]
            for name, figures in by_size[:CLASSES_SHOWN]
        ),
    ) + more(by_size, CLASSES_SHOWN)
