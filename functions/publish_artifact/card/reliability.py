"""Whether probabilities are what they say: shares of hits with intervals, in bins of enough rows to tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from publish_artifact.artifact_types import Reliability
from publish_artifact.card.drawing import SQUARE, X, Y, in_square, square
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import name_of, percent, rows_of
from shared.proportions import wilson_interval

MIN_ROWS = 20  # of a bin that is drawn: a share of fewer rows zigzags


@dataclass(frozen=True)
class Bin:
    """mean: of the predicted probabilities; share: of its rows that were hits; interval: 95%, Wilson's."""

    mean: float
    share: float
    interval: tuple[float, float]
    rows: int


def merged(bins: Reliability) -> list[Bin]:
    """Neighbouring bins together until each has MIN_ROWS rows; the last ones join those before them."""
    groups: list[list[float]] = []  # rows, hits, sum of probabilities
    for rows, hits, mean in zip(bins["rows"], bins["hits"], bins["mean_probability"], strict=True):
        if not groups or groups[-1][0] >= MIN_ROWS:
            groups.append([0, 0, 0.0])
        groups[-1] = [groups[-1][0] + rows, groups[-1][1] + hits, groups[-1][2] + rows * (mean or 0.0)]
    if len(groups) > 1 and groups[-1][0] < MIN_ROWS:
        last = groups.pop()
        groups[-1] = [a + b for a, b in zip(groups[-1], last, strict=True)]
    return [
        Bin(total / rows, hits / rows, wilson_interval(hits, rows), int(rows))
        for rows, hits, total in groups
        if rows
    ]


def together(reliabilities: Sequence[Reliability]) -> Reliability:
    """The bins of all classes added up."""
    columns = list(
        zip(
            *(zip(e["rows"], e["hits"], e["mean_probability"], strict=True) for e in reliabilities),
            strict=True,
        )
    )
    rows = [sum(n for n, _, _ in column) for column in columns]
    sums = [math.fsum(n * (mean or 0.0) for n, _, mean in column) for column in columns]
    return {
        "rows": rows,
        "hits": [sum(hits for _, hits, _ in column) for column in columns],
        "mean_probability": [total / n if n else None for total, n in zip(sums, rows, strict=True)],
    }


def reliability(subject: Subject) -> str:
    """The curve of the positive class's probability, or of all classes' together."""
    curves = subject.artifact["evaluation"].get("curves", [])
    bins = merged(together([entry["reliability"] for entry in curves])) if curves else []
    if not bins:
        return ""
    one = len(curves) == 1
    whose = name_of(curves[0]["class"], 40) if one else "each class"
    series = subject.series(curves[0]["class"]) if one else None
    line, dot = ("line", "ink") if series is None else (subject.line(curves[0]["class"], True), f"f{series}")
    words = "; ".join(
        f"said {percent(b.mean)}, was {percent(b.share)} of {rows_of(b.rows)}, "
        f"95% interval {percent(b.interval[0])} to {percent(b.interval[1])}"
        for b in bins
    )
    most = max(b.rows for b in bins)
    intervals = "".join(
        f'<path class="stroke" d="M{X(b.mean):.1f} {Y(b.interval[0]):.1f}V{Y(b.interval[1]):.1f}"/>'
        for b in bins
    )
    dots = "".join(
        f'<circle class="{dot}" cx="{X(b.mean):.1f}" cy="{Y(b.share):.1f}" r="{3 + 4 * math.sqrt(b.rows / most):.1f}"/>'
        for b in bins
    )
    diagonal = f'<path class="guide" d="M{X(0):.0f} {Y(0):.0f}L{X(1):.0f} {Y(1):.0f}"/>'
    return subject.figure(
        "Reliability of the probabilities",
        f"Predicted probability of {whose.replace('<bdi>', '').replace('</bdi>', '')} against the share of rows that "
        f"were, in {len(bins)} bins: {words}.",
        SQUARE,
        square("predicted probability", "share that was so")
        + diagonal
        + intervals
        + in_square([(b.mean, b.share) for b in bins], line)
        + dots,
        "",
        f"Of {whose}; bars are 95% intervals (Wilson), bins have {MIN_ROWS} rows or more where there are that many. On "
        "the dashed diagonal the probabilities are what they say; below it the model promises too much, above it too "
        "little.",
    )
