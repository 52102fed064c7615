"""What is predicted of a row: of two classes the positive one where its probability reaches a threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from shared.event_fields import Json
from shared.model.probabilities import predicted_of

HALF, GIVEN, F1 = "0.5", "given", "f1"
_YES = frozenset({"1", "yes", "y", "true", "t"})


@dataclass(frozen=True)
class Decision:
    """positive_class: of two classes the one that precision, recall and F1 are about; None of more.

    rule: how the threshold was found: HALF, GIVEN, or F1 where it is that of the highest F1 on out-of-fold rows.
    threshold: a row is predicted positive where the probability of the positive class is this or more; None of
    more than two classes, of which the most probable one is predicted.
    """

    positive_class: str | None
    rule: str
    threshold: float | None

    def predicted(self, probabilities: Sequence[Sequence[float]], classes: Sequence[str]) -> list[int]:
        """Index of the predicted class of each row; probabilities: K lists of n, in the order of `classes`."""
        if self.positive_class is None or self.threshold is None:
            return predicted_of(probabilities)
        positive, threshold = classes.index(self.positive_class), self.threshold
        return [positive if p >= threshold else 1 - positive for p in probabilities[positive]]

    def problem(self, classes: Sequence[str]) -> str | None:
        """What does not fit a model of these classes, in words; None where all does."""
        if self.positive_class is None and self.threshold is None:
            return None
        if len(classes) != 2 or self.positive_class not in classes:
            return f"the positive class {self.positive_class!r} is none of two classes of the model"
        if not isinstance(self.threshold, int | float) or not 0.0 <= self.threshold <= 1.0:
            return f"the threshold {self.threshold!r} is no number from 0 to 1"
        return None

    def to_json(self) -> Json:
        return {"positive_class": self.positive_class, "rule": self.rule, "threshold": self.threshold}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        return cls(value["positive_class"], value["rule"], value["threshold"])


def rule_of(threshold: float | str) -> str:
    """The rule that a request's threshold means."""
    if threshold == F1:
        return F1
    return HALF if threshold == 0.5 else GIVEN


def default_positive_class(train_rows: Mapping[str, int]) -> str | None:
    """Of two classes the one called 1, yes or true (or y or t), else the rarer one; None of another number of classes.

    train_rows: by class. Of two that are as frequent, or both called so, the later one in sorted order.
    """
    if len(train_rows) != 2:
        return None
    called_yes = [name for name in train_rows if name.strip().casefold() in _YES]
    if len(called_yes) == 1:
        return called_yes[0]
    return min(sorted(train_rows, reverse=True), key=train_rows.__getitem__)
