"""How a model ranks the rows of each class above the others: areas, average precision, curves; one against the rest."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

from shared.event_fields import Json
from summarize.scoring.evaluation_counts import Scores
from summarize.scoring.intervals import interval_of_error, roc_auc_error
from summarize.scoring.precision_recall import PrecisionRecall, precision_recall
from summarize.scoring.ranking import RocCurve, roc_curve
from summarize.scoring.score_counts import ScoreCounts, score_bins


class Ranking:
    """Of the class with index k. roc: None without contrast; precision_recall: None without a row of the class."""

    def __init__(self, k: int, scores: ScoreCounts) -> None:
        self.k = k
        self.scores = scores

    @cached_property
    def roc(self) -> RocCurve | None:
        return roc_curve(self.scores)

    @cached_property
    def precision_recall(self) -> PrecisionRecall | None:
        return precision_recall(self.scores)

    def curves(self) -> Json:
        """`roc` and `precision_recall` as JSON."""
        return {
            "roc": self.roc
            and {
                "area": self.roc.area,
                "false_positives": list(self.roc.false_positives),
                "true_positives": list(self.roc.true_positives),
            },
            "precision_recall": self.precision_recall and self.precision_recall.to_json(),
        }


class Rankings:
    """Of each class whose probabilities are ranked (`evaluation_counts.ranked`), by its index; none has NaN."""

    def __init__(self, scores: dict[int, ScoreCounts]) -> None:
        self._scores = scores
        self._rankings: list[Ranking] | None = None

    @classmethod
    def none(cls, ranked: Sequence[int], rows: int = 0) -> Self:
        """Of no rows yet; rows: how many there will be in all."""
        bins = score_bins(rows, len(ranked))
        return cls({k: ScoreCounts(bins) for k in ranked})

    def add(self, scores: Sequence[Scores]) -> None:
        """Counts the scores of rows of each class, and of the other rows."""
        self._rankings = None
        for mine, (own, rest) in zip(self._scores.values(), scores, strict=True):
            mine.add(own, rest)

    def merge(self, later: Self) -> Self:
        return type(self)({k: mine.merge(later._scores[k]) for k, mine in self._scores.items()})

    def to_state(self) -> object:
        return [[k, scores.to_state()] for k, scores in self._scores.items()]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        return cls({k: ScoreCounts.from_state(scores) for k, scores in state})

    def all(self) -> list[Ranking]:
        if self._rankings is None:
            self._rankings = [Ranking(k, scores) for k, scores in self._scores.items()]
        return self._rankings

    def area(self) -> float | None:
        """The mean ROC area; None where no class has contrast."""
        return _mean([roc.area for _, roc in self._defined()])

    def area_error(self) -> float:
        """How far `area` may be from that of the scores themselves: 0 where these are counted one by one."""
        return _mean([one.scores.area_error() for one, _ in self._defined()]) or 0.0

    def interval(self) -> tuple[float, float] | None:
        """Of the area, at 95 %. The error of a mean of several ROC areas is at most the mean of their errors."""
        curves = [roc for _, roc in self._defined()]
        area = self.area()
        error = _mean([roc_auc_error(roc.area, roc.positives, roc.negatives) for roc in curves])
        if area is None or error is None:
            return None
        return interval_of_error(area, error, min(min(roc.positives, roc.negatives) for roc in curves))

    def average_precision(self) -> float | None:
        """The mean; None where no class has a row."""
        return _mean([one.precision_recall.average_precision for one in self.all() if one.precision_recall])

    def _defined(self) -> list[tuple[Ranking, RocCurve]]:
        return [(one, one.roc) for one in self.all() if one.roc]


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
