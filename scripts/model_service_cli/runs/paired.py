"""Two models on the same test rows, row by row. Pure: what each said of the rows in, differences with intervals out.

Differences of pairs vary much less than each model's own figure: a difference can be shown where the two intervals
of the figures overlap widely.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.csv_file.column_statistics import ColumnStatistics
from shared.test_rows import ScoredRows
from summarize.judging.paired import Difference as Found
from summarize.judging.paired import difference_in_blocks, discordant_difference, mean_difference
from summarize.scoring.verdict_evidence import BLOCKS

LEVEL = 0.05
LEAST_ROWS = 10  # of fewer, nothing is said


@dataclass(frozen=True)
class Difference:
    """what: the figure; difference: of its mean over the rows, the later run's less the first's; interval: 95%.

    outcome: "better" or "worse" where the interval leaves out 0, else "not shown".
    """

    what: str
    difference: float
    interval: tuple[float, float]
    outcome: str
    rows: int


def differences(first: ScoredRows, other: ScoredRows, in_blocks: bool) -> list[Difference] | str:
    """Log loss and accuracy; or in words why the rows cannot be paired.

    in_blocks: the rows are in the order of time and resemble their neighbours, so that blocks of them are taken as
    independent; else rows are.
    """
    if (first.classes, first.places, first.labels) != (other.classes, other.places, other.labels):
        return "their test rows are not the same ones"
    rows = len(first.places)
    if rows < LEAST_ROWS:
        return f"{rows} test rows are too few"
    losses = [b - a for a, b in zip(first.losses, other.losses, strict=True)]
    right = [
        float((b == label) - (a == label))
        for a, b, label in zip(first.predicted, other.predicted, first.labels, strict=True)
    ]
    if in_blocks:
        by_loss, by_accuracy = _over_blocks(losses), _over_blocks(right)
    else:
        statistics = ColumnStatistics.of(losses)
        if statistics is None:
            return "a loss is not finite"
        by_loss = mean_difference(statistics, LEVEL)
        by_accuracy = discordant_difference(right.count(1.0), right.count(-1.0), rows, LEVEL)
    return [
        _told("log loss", by_loss, rows, smaller_is_better=True),
        _told("accuracy", by_accuracy, rows, smaller_is_better=False),
    ]


def _over_blocks(values: Sequence[float]) -> Found:
    """Of values in the order of time, over blocks of neighbours as nearly equal as can be."""
    count = min(BLOCKS, len(values) // 2)
    edges = [len(values) * place // count for place in range(count + 1)]
    blocks = [values[edges[place] : edges[place + 1]] for place in range(count)]
    return difference_in_blocks([sum(block) for block in blocks], [len(block) for block in blocks], LEVEL)


def _told(what: str, found: Found, rows: int, smaller_is_better: bool) -> Difference:
    outcome = "not shown"
    if found.low > 0 or found.high < 0:
        outcome = "better" if (found.high < 0) == smaller_is_better else "worse"
    return Difference(what, found.mean, (found.low, found.high), outcome, rows)
