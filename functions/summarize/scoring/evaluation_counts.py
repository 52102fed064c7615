"""What is counted and summed up of test rows, and merges: all of an evaluation but the order of its scores."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import getitem, not_
from typing import Any, Self

from shared.model.decision import Decision
from summarize.scoring.flagged import Flagged
from summarize.scoring.reliability import Reliability

_EPSILON = 2.0**-52  # where scikit-learn cuts probabilities off in log_loss
Scores = tuple[list[float], list[float]]  # of the class's rows, of the other rows, both sorted


def ranked(classes: Sequence[str], decision: Decision) -> list[int]:
    """The classes whose probabilities are ranked: of two the positive one alone, as the other one's is upside down."""
    positive = decision.positive_class
    return list(range(len(classes))) if positive is None else [classes.index(positive)]


def losses_of(probabilities: Sequence[float]) -> list[float]:
    """The loss of each row, by the probability of its label: its negative logarithm, in nats, as in log_loss."""
    lowest, highest = _EPSILON, 1.0 - _EPSILON
    return [-math.log(p if lowest < p < highest else min(max(p, lowest), highest)) for p in probabilities]


@dataclass(frozen=True)
class EvaluationCounts:
    """confusion: rows by (true label, predicted label); log_loss and brier: sums over the rows.

    reliabilities: one for each of the `ranked` classes; flagged: of two classes, rows at or above each threshold.
    """

    confusion: Counter[tuple[str, str]]
    log_loss: float
    brier: float
    reliabilities: tuple[Reliability, ...]
    flagged: Flagged

    @classmethod
    def none(cls, classes: Sequence[str], decision: Decision) -> Self:
        """Of no rows yet, for a model of these classes."""
        reliabilities = tuple(Reliability() for _ in ranked(classes, decision))
        return cls(Counter(), 0.0, 0.0, reliabilities, Flagged.none(decision))

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        labels: Sequence[str],
        probabilities: Sequence[Sequence[float]],
        predicted: Sequence[int],
        decision: Decision,
    ) -> tuple[Self, list[Scores], list[float]]:
        """Of rows, the scores of each ranked class, sorted, and the loss of each row.

        labels: (n), true ones; probabilities: K lists of n; predicted: (n), indices of the predicted classes.
        """
        pairs = Counter(zip(labels, predicted, strict=True))
        confusion = Counter({(label, classes[k]): count for (label, k), count in pairs.items()})
        index = {name: k for k, name in enumerate(classes)}
        codes = list(map(index.get, labels, repeat(-1)))
        # -1, the class that the model does not know, finds the 0 at the end of the row.
        of_label = list(map(getitem, zip(*probabilities, repeat(0.0)), codes))
        losses = losses_of(of_label)
        squares = math.fsum(math.sumprod(column, column) for column in probabilities)
        scores, reliabilities = [], []
        for k in ranked(classes, decision):
            mine = [code == k for code in codes]
            own = sorted(compress(probabilities[k], mine))
            rest = sorted(compress(probabilities[k], map(not_, mine)))
            bins = Reliability()
            bins.add(own, rest)
            scores.append((own, rest))
            reliabilities.append(bins)
        flagged = Flagged.none(decision)
        if decision.positive_class is not None:
            flagged = Flagged.of(flagged.thresholds, *scores[0])
        brier = squares - 2.0 * math.fsum(of_label) + len(codes)
        return cls(confusion, math.fsum(losses), brier, tuple(reliabilities), flagged), scores, losses

    def merge(self, later: Self) -> Self:
        bins = zip(self.reliabilities, later.reliabilities, strict=True)
        return type(self)(
            self.confusion + later.confusion,
            self.log_loss + later.log_loss,
            self.brier + later.brier,
            tuple(mine.merge(theirs) for mine, theirs in bins),
            self.flagged.merge(later.flagged),
        )

    def to_state(self) -> object:
        return [
            [[true, guess, rows] for (true, guess), rows in sorted(self.confusion.items())],
            self.log_loss,
            self.brier,
            [bins.to_state() for bins in self.reliabilities],
            self.flagged.to_state(),
        ]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        confusion, log_loss, brier, reliabilities, flagged = state
        return cls(
            Counter({(true, guess): rows for true, guess, rows in confusion}),
            log_loss,
            brier,
            tuple(map(Reliability.from_state, reliabilities)),
            Flagged.from_state(flagged),
        )

    @property
    def rows(self) -> int:
        return self.confusion.total()
