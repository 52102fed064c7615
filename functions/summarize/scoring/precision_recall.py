"""The precision-recall curve of a class's scores and its average precision, in one walk from the lowest score up.

Definitions are those of sklearn.metrics.precision_recall_curve and average_precision_score.
"""

import math
from dataclasses import dataclass

from shared.event_fields import Json
from summarize.scoring.score_counts import ScoreCounts

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


def precision_recall(scores: ScoreCounts) -> PrecisionRecall | None:
    """The curve of these scores; None where there is no positive row.

    A threshold between two positive scores finds as many positive rows as the higher one, and no fewer of the others:
    so the curve is taken at positive scores alone.
    """
    positives, negatives = scores.positives, scores.negatives
    if not positives:
        return None
    terms: list[float] = []
    points: list[tuple[int, float, float]] = []
    below = passed = 0  # negatives and positives under the current score
    for own, rest in scores.groups():
        if own:
            found = positives - passed
            precision = found / (found + negatives - below)
            terms.append(own * precision)
            step = -(-found * STEPS // positives)
            if not points or points[-1][0] != step:
                points.append((step, found / positives, precision))
        passed += own
        below += rest
    points.reverse()
    return PrecisionRecall(
        math.fsum(terms) / positives,
        tuple(recall for _, recall, _ in points),
        tuple(precision for _, _, precision in points),
    )
