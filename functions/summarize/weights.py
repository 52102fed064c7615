"""The weights of a blend: the point of the simplex where the log loss of the weighted mean is lowest."""

import math
from collections.abc import Sequence
from itertools import combinations
from operator import truediv

_SWEEPS = 50
_STEPS = 30  # of Newton's method along one edge; bisection takes over where it leaves the bracket
_SMALLEST = 1e-300
_EPSILON = 1e-9


def blend_weights(own: Sequence[Sequence[float]]) -> list[float]:
    """Weights (M, not negative, with sum 1) that minimise -sum(log(sum of weight * own)) over n rows.

    own: M lists of n, the probability that each member gives to a row's true class. The loss is convex. From equal
    weights on, weight is moved between two members at a time, as much as helps, until none is moved: each move is a
    line search on an edge of the simplex, so the bounds are met exactly.
    """
    members = range(len(own))
    weights = [1.0 / len(own)] * len(own)
    for _ in range(_SWEEPS):
        moved = 0.0
        for i, j in combinations(members, 2):
            mixed = [max(_SMALLEST, math.sumprod(weights, row)) for row in zip(*own, strict=True)]
            shift = _best_shift(mixed, own[i], own[j], -weights[i], weights[j])
            weights[i], weights[j] = weights[i] + shift, weights[j] - shift
            moved = max(moved, abs(shift))
        if moved < _EPSILON:
            break
    return weights


def _best_shift(
    mixed: list[float], gains: Sequence[float], loses: Sequence[float], low: float, high: float
) -> float:
    """t in [low, high] that minimises -sum(log(mixed + t * (gains - loses)))."""
    ratios = [(a - b) / m for a, b, m in zip(gains, loses, mixed, strict=True)]

    def slopes(t: float) -> tuple[float, float]:
        parts = list(map(truediv, ratios, [max(_SMALLEST, 1.0 + t * r) for r in ratios]))
        return -math.fsum(parts), math.sumprod(parts, parts)

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
        step = slope / curvature if curvature > 0.0 else 0.0
        new = t - step if low < t - step < high else (low + high) / 2
        if abs(new - t) < _EPSILON / 10:
            return new
        t = new
    return t
