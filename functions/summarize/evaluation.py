"""Metrics on held-out rows, gathered block by block.

Definitions are scikit-learn's (sklearn.metrics), which is the reference in the tests.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import compress, repeat
from operator import getitem, not_

from shared.contracts import Json
from summarize.ranking import SortedScores, area_under_roc

_EPSILON = 2.0**-52  # where scikit-learn cuts probabilities off in log_loss
_Z_95 = 1.959963984540054  # two-sided 95% quantile of the normal distribution


class Evaluation:
    """Confusion counts, loss sums and rankings over the test rows seen so far.

    `classes`: the model's, sorted. A test row may have a label that the model never saw in training: it
    counts as wrong, and its predicted probability is 0.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = list(classes)
        self._index = {name: k for k, name in enumerate(classes)}
        self._confusion: Counter[tuple[str, str]] = Counter()
        self._log_loss = 0.0
        self._brier = 0.0
        # Of two classes the second one's ranking is the first one's upside down.
        self._ranked = range(len(self._classes)) if len(self._classes) > 2 else range(1, 2)
        self._rankings = [(SortedScores(), SortedScores()) for _ in self._ranked]  # of the rest, of the class

    def add(
        self, labels: Sequence[str], probabilities: Sequence[Sequence[float]], predicted: Sequence[int]
    ) -> None:
        """Counts rows: true labels (n), class probabilities (K lists of n), index of the predicted class (n)."""
        pairs = Counter(zip(labels, predicted, strict=True))
        self._confusion.update({(label, self._classes[k]): count for (label, k), count in pairs.items()})
        codes = list(map(self._index.get, labels, repeat(-1)))
        # -1, the class that the model does not know, finds the 0 at the end of the row.
        of_label = list(map(getitem, zip(*probabilities, repeat(0.0)), codes))
        lowest, highest = _EPSILON, 1.0 - _EPSILON
        clipped = [p if lowest < p < highest else min(max(p, lowest), highest) for p in of_label]
        self._log_loss -= math.fsum(map(math.log, clipped))
        squares = math.fsum(math.sumprod(column, column) for column in probabilities)
        self._brier += squares - 2.0 * math.fsum(of_label) + len(codes)
        for k, (rest, own) in zip(self._ranked, self._rankings, strict=True):
            mine = [code == k for code in codes]
            own.extend(compress(probabilities[k], mine))
            rest.extend(compress(probabilities[k], map(not_, mine)))

    @property
    def rows(self) -> int:
        return self._confusion.total()

    def labels(self) -> list[str]:
        """Every class that is a true or a predicted label of a test row, sorted."""
        return sorted({name for pair in self._confusion for name in pair})

    def true_labels(self) -> list[str]:
        """Every class that is the true label of a test row, sorted."""
        return sorted({true for true, _ in self._confusion})

    def per_class(self) -> dict[str, Json]:
        """precision, recall, f1 and support (rows) of each class; 0 where a ratio has no denominator."""
        result = {}
        for name in self.labels():
            hits = self._confusion[name, name]
            support = sum(count for (true, _), count in self._confusion.items() if true == name)
            claimed = sum(count for (_, guess), count in self._confusion.items() if guess == name)
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
            "counts": [[self._confusion[true, guess] for guess in labels] for true in labels],
        }

    def metrics(self, majority_class: str) -> dict[str, float | None]:
        """The flat figures of a run.

        precision, recall and f1 are those of the positive class for two classes (`positive_class`), else
        unweighted means over the classes. baseline_accuracy: of always answering `majority_class`, the most
        frequent one of the training rows. accuracy_low and accuracy_high: 95% Wilson interval. roc_auc: of the
        positive class, or the mean of one class against the rest; None where the test rows have no contrast.
        brier_score: mean squared distance to the true label's corner, halved for two classes.
        """
        per_class = self.per_class()
        correct = sum(count for (true, guess), count in self._confusion.items() if true == guess)
        low, high = wilson_interval(correct, self.rows)
        positive = positive_class(self._classes)
        absent = {"precision": 0.0, "recall": 0.0, "f1": 0.0}
        # A label that training never saw makes the question one of more than two classes.
        binary = positive is not None and set(per_class) <= set(self._classes)
        averaged = [per_class.get(positive, absent)] if binary else list(per_class.values())
        recalls = [figures["recall"] for figures in per_class.values() if figures["support"]]
        return {
            "accuracy": correct / self.rows,
            "accuracy_low": low,
            "accuracy_high": high,
            **{
                name: _mean([figures[name] for figures in averaged]) for name in ("precision", "recall", "f1")
            },
            "balanced_accuracy": _mean(recalls),
            "roc_auc": self._roc_auc(),
            "log_loss": self._log_loss / self.rows,
            "brier_score": self._brier / self.rows / (2 if binary else 1),
            "baseline_accuracy": per_class.get(majority_class, {"support": 0})["support"] / self.rows,
        }

    def _roc_auc(self) -> float | None:
        areas = [area_under_roc(own, rest) for rest, own in self._rankings]
        defined = [area for area in areas if area is not None]
        return _mean(defined) if defined else None


def positive_class(classes: Sequence[str]) -> str | None:
    """The class that precision, recall and f1 are about when there are two: the later one in sorted order."""
    return sorted(classes)[1] if len(classes) == 2 else None


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """95% confidence interval of a proportion (Wilson, 1927)."""
    share = successes / trials
    spread = _Z_95 * _Z_95 / trials
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)
