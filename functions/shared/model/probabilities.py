"""From the scores of the classes to their probabilities, and to the class that is predicted."""

import math
from collections.abc import Sequence
from itertools import repeat
from operator import lt, sub, truediv

UNSEEN = 1e-6  # probability of a class of which a model has seen no row
LEAST = 1e-12  # what a probability counts as in a geometric mean, at least: no model rules a class out alone


def predicted_of(scores: Sequence[Sequence[float]]) -> list[int]:
    """Index of the class with the highest score or probability (K lists of n) for each row; the first of several."""
    if len(scores) == 2:
        return list(map(int, map(lt, *scores)))
    return [row.index(max(row)) for row in zip(*scores, strict=True)]


def probabilities_of(scores: Sequence[Sequence[float]]) -> list[list[float]]:
    """Class probabilities (K lists of n) from the scores (K lists of n): softmax, safe from overflow.

    NaN, all of a row, where no class has a finite score.
    """
    if len(scores) == 2:
        return [_logistic(*scores), _logistic(*reversed(scores))]
    highest = list(map(max, *scores))
    weights = [list(map(math.exp, map(sub, column, highest))) for column in scores]
    totals = [math.fsum(row) for row in zip(*weights, strict=True)]
    return [list(map(truediv, column, totals)) for column in weights]


def _logistic(own: Sequence[float], other: Sequence[float]) -> list[float]:
    # exp(700) is the largest power that float64 holds; 1 / (1 + exp(700)) is 1e-304.
    return [
        1.0 / (1.0 + math.exp(700.0 if b - a > 700.0 else b - a)) for a, b in zip(own, other, strict=True)
    ]


def over_classes(
    probabilities: Sequence[Sequence[float]], own: Sequence[str], classes: Sequence[str]
) -> list[Sequence[float]]:
    """Probabilities of `own` classes (lists of n) as probabilities of all `classes`, which hold them.

    A class that the model never saw in training has UNSEEN, and the others that much less.
    """
    if list(own) == list(classes):
        return list(probabilities)
    rows = len(probabilities[0])
    unseen = [UNSEEN] * rows
    left = 1.0 - UNSEEN * (len(classes) - len(own))
    found = {name: [left * p for p in column] for name, column in zip(own, probabilities, strict=True)}
    return [found.get(name, unseen) for name in classes]


def logarithms(probabilities: Sequence[Sequence[float]]) -> list[list[float]]:
    """Of class probabilities (K lists of n), none below that of LEAST; those of equal shares where a row is NaN."""
    equal = -math.log(len(probabilities))
    return [[math.log(max(p, LEAST)) if p == p else equal for p in column] for column in probabilities]


def geometric_mean(logs: Sequence[Sequence[Sequence[float]]], weights: Sequence[float]) -> list[list[float]]:
    """Class probabilities (K lists of n) in proportion to the product of those of M models, each to its weight.

    logs: `logarithms` of what each of the models says. A model that cannot tell a row's classes apart has no say.
    """
    return probabilities_of(
        [
            list(map(math.sumprod, repeat(weights), zip(*of_class, strict=True)))
            for of_class in zip(*logs, strict=True)
        ]
    )
