"""The precision-recall curve of a class's scores and its average precision, in one walk from the lowest score up.

Definitions are those of sklearn.metrics.precision_recall_curve and average_precision_score.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from shared.event_fields import Json
from summarize.ranking import SortedScores

STEPS = 50  # of recall: of the points within one, that of the highest recall is kept


@dataclass(frozen=True)
class PrecisionRecall:
    """Points of the curve, by rising recall, at most STEPS + 1; each is that of all rows at some threshold.

    average_precision: sum over the thresholds of precision times the rise in recall.
    """

    average_precision: float
    recall: tuple[float, ...]
    precision: tuple[float, ...]

    def to_json(self) -> Json:
        return {
            "average_precision": self.average_precision,
            "recall": self.recall,
            "precision": self.precision,
        }


def precision_recall(positive: SortedScores, negative: SortedScores) -> PrecisionRecall | None:
    """The curve of these rows' scores; None where there is no positive row.

    A threshold between two positive scores finds as many positive rows as the higher one, and no fewer of the others:
    so the curve is taken at positive scores alone.
    """
    if not positive.count:
        return None
    terms: list[float] = []
    points: list[tuple[int, float, float]] = []
    waiting = _Below(negative)
    passed = 0
    for score, ties in groupby(positive):
        tied = sum(1 for _ in ties)
        found = positive.count - passed
        precision = found / (found + negative.count - waiting.passed(score))
        terms.append(tied * precision)
        step = -(-found * STEPS // positive.count)
        if not points or points[-1][0] != step:
            points.append((step, found / positive.count, precision))
        passed += tied
    points.reverse()
    return PrecisionRecall(
        math.fsum(terms) / positive.count,
        tuple(recall for _, recall, _ in points),
        tuple(precision for _, _, precision in points),
    )


class _Below:
    """How many of some scores, in order, lie below a score that rises."""

    def __init__(self, scores: Iterable[float]) -> None:
        self._waiting = iter(scores)
        self._next = next(self._waiting, math.inf)
        self._passed = 0

    def passed(self, score: float) -> int:
        while self._next < score:
            self._passed += 1
            self._next = next(self._waiting, math.inf)
        return self._passed
