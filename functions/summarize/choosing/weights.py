"""The weights of a blend: the point of the simplex where the log loss of the weighted geometric mean is lowest."""

import math
from collections.abc import Sequence
from itertools import combinations, repeat
from operator import mul, sub, truediv

_SWEEPS = 20
_STEPS = 30  # of Newton's method along one edge; bisection stands in where it leaves the bracket
_EPSILON = 1e-6

type Logs = Sequence[Sequence[float]]  # of probabilities, K lists of n


def blend_weights(logs: Sequence[Logs], labels: Sequence[int]) -> list[float]:
    """Weights (M, not negative, with sum 1) with the lowest log loss of `geometric_mean` over n rows.

    logs: of the probabilities that each of M members gives to the classes; labels: the true class of each row. The
    loss is convex: it is that of a logistic regression on the logarithms. From equal weights on, weight is moved
    between two members at a time, as much as helps, until none is moved by 1e-6: each move is a line search along an
    edge of the simplex, so that members end with no weight at all, exactly.
    """
    # Less the true class's, so that the loss of a row is log(sum(exp(of all classes))).
    members = [_less_own(of_member, labels) for of_member in logs]
    weights = [1.0 / len(members)] * len(members)
    for _ in range(_SWEEPS):
        moved = 0.0
        for i, j in combinations(range(len(members)), 2):
            mixed = [
                list(map(math.sumprod, repeat(weights), zip(*of_class, strict=True)))
                for of_class in zip(*members, strict=True)
            ]
            towards = [list(map(sub, a, b)) for a, b in zip(members[i], members[j], strict=True)]
            shift = _best_shift(mixed, towards, -weights[i], weights[j])
            weights[i], weights[j] = weights[i] + shift, weights[j] - shift
            moved = max(moved, abs(shift))
        if moved < _EPSILON:
            break
    return weights


def _less_own(logs: Logs, labels: Sequence[int]) -> list[list[float]]:
    own = [logs[label][row] for row, label in enumerate(labels)]
    return [list(map(sub, column, own)) for column in logs]


def _best_shift(mixed: Logs, towards: Logs, low: float, high: float) -> float:
    """t in [low, high] that minimises the sum over rows of log(sum over classes of exp(mixed + t * towards))."""

    def slopes(t: float) -> tuple[float, float]:
        """First and second derivative: the sums of the mean of `towards` over the classes, and of its variance."""
        raised = [
            [math.exp(u + t * v) for u, v in zip(*columns, strict=True)]
            for columns in zip(mixed, towards, strict=True)
        ]
        totals = list(map(sum, zip(*raised, strict=True)))
        weighted = [list(map(mul, e, v)) for e, v in zip(raised, towards, strict=True)]
        means = list(map(truediv, map(sum, zip(*weighted, strict=True)), totals))
        squares = [list(map(mul, e, v)) for e, v in zip(weighted, towards, strict=True)]
        second = map(truediv, map(sum, zip(*squares, strict=True)), totals)
        return math.fsum(means), math.fsum(second) - math.sumprod(means, means)

    if slopes(low)[0] >= 0.0:
        return low
    if slopes(high)[0] <= 0.0:
        return high
    t = 0.0 if low < 0.0 < high else (low + high) / 2
    for _ in range(_STEPS):
        slope, curvature = slopes(t)
        if slope > 0.0:
            high = t
        else:
            low = t
        new = t - slope / curvature if curvature > 0.0 else math.nan
        if not low < new < high:
            new = (low + high) / 2
        if abs(new - t) < _EPSILON / 10:
            return new
        t = new
    return t
