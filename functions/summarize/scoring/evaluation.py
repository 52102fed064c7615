"""Metrics on held-out rows, gathered block by block.

Definitions are scikit-learn's (sklearn.metrics), which is the reference in the tests.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

from shared.event_fields import Json
from shared.model.decision import Decision
from shared.proportions import wilson_interval
from summarize.scoring.evaluation_counts import EvaluationCounts, ranked
from summarize.scoring.intervals import (
    f1_interval,
    interval_of_error,
    macro_f1_error,
    mean_recall_error,
)
from summarize.scoring.rankings import Rankings

MAX_CURVES = 20


class Evaluation:
    """Confusion counts, loss sums and rankings over the test rows seen so far.

    classes: the model's, sorted; decision: whose positive class is the one of two that precision, recall, F1 and the
    curves are about. A test row may have a label that the model never saw in training: it counts as wrong, and its
    predicted probability is 0.
    """

    def __init__(
        self,
        classes: Sequence[str],
        decision: Decision,
        counts: EvaluationCounts | None = None,
        rankings: Rankings | None = None,
    ) -> None:
        self._classes = list(classes)
        self._decision = decision
        self._positive = decision.positive_class
        self._counts = counts or EvaluationCounts.none(classes, decision)
        self.rankings = rankings or Rankings.none(ranked(classes, decision))

    @classmethod
    def of_rows(cls, rows: int, classes: Sequence[str], decision: Decision) -> Self:
        """The evaluation of so many rows in all, or of a stretch of them, none of which it has seen as yet."""
        return cls(classes, decision, rankings=Rankings.none(ranked(classes, decision), rows))

    def merge(self, later: Self) -> Self:
        counts, rankings = self._counts.merge(later._counts), self.rankings.merge(later.rankings)
        return type(self)(self._classes, self._decision, counts, rankings)

    def to_state(self) -> object:
        state = self._counts.to_state(), self.rankings.to_state()
        return [self._classes, self._decision.to_json(), *state]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        classes, decision, counts, rankings = state
        return cls(
            classes,
            Decision.from_json(decision),
            EvaluationCounts.from_state(counts),
            Rankings.from_state(rankings),
        )

    def add(
        self, labels: Sequence[str], probabilities: Sequence[Sequence[float]], predicted: Sequence[int]
    ) -> list[float]:
        """Counts rows: true labels (n), class probabilities (K lists of n), index of the predicted class (n).

        The loss of each row: the negative logarithm of its label's probability.
        """
        counts, scores, losses = EvaluationCounts.of(
            self._classes, labels, probabilities, predicted, self._decision
        )
        self._counts = self._counts.merge(counts)
        self.rankings.add(scores)
        return losses

    @property
    def rows(self) -> int:
        return self._counts.rows

    @property
    def confusion(self) -> Mapping[tuple[str, str], int]:
        """Rows by true label and predicted label."""
        return self._counts.confusion

    @property
    def log_loss(self) -> float:
        """The mean of the rows' losses."""
        return self._counts.log_loss / self.rows

    def labels(self) -> list[str]:
        """Every class that is a true or a predicted label of a test row, sorted."""
        return sorted({name for pair in self._counts.confusion for name in pair})

    def per_class(self) -> dict[str, Json]:
        """precision, recall, f1 and support (rows) of each class; 0 where a ratio has no denominator."""
        result = {}
        for name in self.labels():
            hits = self._counts.confusion[name, name]
            support = sum(count for (true, _), count in self._counts.confusion.items() if true == name)
            claimed = sum(count for (_, guess), count in self._counts.confusion.items() if guess == name)
            result[name] = {
                "precision": _ratio(hits, claimed),
                "recall": _ratio(hits, support),
                "f1": _ratio(2 * hits, support + claimed),
                "support": support,
            }
        return result

    def confusion_matrix(self) -> Json:
        """labels (n) and counts (n, n): rows are true labels, columns predicted ones."""
        labels = self.labels()
        return {
            "labels": labels,
            "counts": [[self._counts.confusion[true, guess] for guess in labels] for true in labels],
        }

    def metrics(self, majority_class: str) -> dict[str, float | None]:
        """The flat figures of a run.

        precision, recall and f1 are those of the positive class for two classes, else unweighted means over
        the classes. baseline_accuracy: of always answering `majority_class`, the most
        frequent one of the training rows. accuracy_low and accuracy_high: 95% Wilson interval. roc_auc: of the
        positive class, or the mean of one class against the rest; None where the test rows have no contrast; so is
        average_precision, None where they have no row of a class.
        brier_score: mean squared distance to the true label's corner, halved for two classes.
        """
        per_class = self.per_class()
        correct = sum(count for (true, guess), count in self._counts.confusion.items() if true == guess)
        low, high = wilson_interval(correct, self.rows)
        positive = self._positive
        absent = {"precision": 0.0, "recall": 0.0, "f1": 0.0}
        # A label that training never saw makes the question one of more than two classes.
        binary = positive is not None and set(per_class) <= set(self._classes)
        averaged = list(per_class.values())
        if positive is not None and binary:
            averaged = [per_class.get(positive, absent)]
        recalls = [figures["recall"] for figures in per_class.values() if figures["support"]]
        return {
            "accuracy": correct / self.rows,
            "accuracy_low": low,
            "accuracy_high": high,
            **{
                name: _mean([figures[name] for figures in averaged]) for name in ("precision", "recall", "f1")
            },
            "balanced_accuracy": _mean(recalls),
            "roc_auc": self.rankings.area(),
            "average_precision": self.rankings.average_precision(),
            "log_loss": self.log_loss,
            "brier_score": self._counts.brier / self.rows / (2 if binary else 1),
            "baseline_accuracy": per_class.get(majority_class, {"support": 0})["support"] / self.rows,
        }

    def intervals(self) -> dict[str, list[float] | None]:
        """95% interval, [low, high], of those metrics that have one in closed form (see summarize.scoring.intervals).

        precision and recall have one where they are proportions, of two classes; None where the test rows do
        not define the figure. The error of a mean of several ROC areas is at most the mean of their errors.
        """
        matrix = self.confusion_matrix()
        labels, counts = matrix["labels"], matrix["counts"]
        hits = {name: counts[i][i] for i, name in enumerate(labels)}
        supports = {name: sum(counts[i]) for i, name in enumerate(labels)}
        claims = dict(zip(labels, map(sum, zip(*counts, strict=True)), strict=True))
        seen = [name for name in labels if supports[name]]
        recall = _mean([hits[name] / supports[name] for name in seen])
        error = mean_recall_error([hits[name] for name in seen], [supports[name] for name in seen])
        found = {
            "accuracy": wilson_interval(sum(hits.values()), self.rows),
            "balanced_accuracy": interval_of_error(recall, error, self.rows),
            "roc_auc": self.rankings.interval(),
        }
        positive = self._positive
        if positive is not None and set(labels) <= set(self._classes):
            own, claimed, support = (by_name.get(positive, 0) for by_name in (hits, claims, supports))
            found["precision"] = wilson_interval(own, claimed) if claimed else None
            found["recall"] = wilson_interval(own, support) if support else None
            found["f1"] = f1_interval(own, claimed + support - 2 * own) if claimed + support else None
        else:
            f1 = _mean([2 * hits[name] / (supports[name] + claims[name]) for name in labels])
            found["f1"] = interval_of_error(f1, macro_f1_error(counts), self.rows)
        return {name: interval and list(interval) for name, interval in found.items()}

    def curves(self) -> list[Json]:
        """ROC curve (None without contrast), precision-recall curve (None without a row of the class) and reliability.

        Of each class's probability, one against the rest.

        Of two classes the positive one's alone: the other's is the same upside down. Of more than MAX_CURVES,
        those with most test rows. At most 3 KB of JSON a class, however many rows there are.
        """
        found = zip(self.rankings.all(), self._counts.reliabilities, strict=True)
        common = sorted(found, key=lambda entry: -entry[0].scores.positives)[:MAX_CURVES]
        return [
            {"class": self._classes[one.k], **one.curves(), "reliability": bins.to_json()}
            for one, bins in sorted(common, key=lambda entry: entry[0].k)
        ]

    def thresholds(self) -> list[Json]:
        """Of two classes, what the positive one's precision, recall and F1 are at other thresholds; else empty."""
        return self._counts.flagged.to_json()


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)
