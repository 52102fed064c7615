"""Of two classes: rows that would be predicted positive at each of some thresholds, and those of them rightly so."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from typing import Any, Self

from shared.event_fields import Json
from shared.model.decision import Decision

_GRID = tuple(i / 20 for i in range(1, 20))


@dataclass(frozen=True)
class Flagged:
    """thresholds: rising; own, rest: rows of the positive class, and of the other one, at or above each; totals: all
    rows of the two."""

    thresholds: tuple[float, ...]
    own: tuple[int, ...]
    rest: tuple[int, ...]
    totals: tuple[int, int] = (0, 0)

    @classmethod
    def none(cls, decision: Decision) -> Self:
        """Of no rows yet, at steps of 0.05 and the decision's own threshold; at none of more than two classes."""
        threshold = decision.threshold
        thresholds = () if threshold is None else tuple(sorted({*_GRID, threshold}))
        return cls(thresholds, (0,) * len(thresholds), (0,) * len(thresholds))

    @classmethod
    def of(cls, thresholds: Sequence[float], own: Sequence[float], rest: Sequence[float]) -> Self:
        """Of the positive class's probabilities on its own rows and on the others, both sorted."""
        return cls(
            tuple(thresholds),
            tuple(len(own) - bisect_left(own, threshold) for threshold in thresholds),
            tuple(len(rest) - bisect_left(rest, threshold) for threshold in thresholds),
            (len(own), len(rest)),
        )

    def merge(self, later: Self) -> Self:
        return type(self)(
            self.thresholds,
            tuple(map(add, self.own, later.own)),
            tuple(map(add, self.rest, later.rest)),
            (self.totals[0] + later.totals[0], self.totals[1] + later.totals[1]),
        )

    def to_state(self) -> object:
        return [self.thresholds, self.own, self.rest, self.totals]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        thresholds, own, rest, (positives, others) = state
        return cls(tuple(thresholds), tuple(own), tuple(rest), (positives, others))

    def to_json(self) -> list[Json]:
        """threshold, precision, recall, f1 (0 where a ratio has no denominator) and the share of rows flagged."""
        positives, others = self.totals
        return [
            {
                "threshold": threshold,
                "precision": own / (own + rest) if own + rest else 0.0,
                "recall": own / positives if positives else 0.0,
                "f1": 2 * own / (positives + own + rest) if positives + own + rest else 0.0,
                "flagged": (own + rest) / (positives + others),
            }
            for threshold, own, rest in zip(self.thresholds, self.own, self.rest, strict=True)
        ]
