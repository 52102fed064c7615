"""Minimising a smooth convex function of many variables, with the standard library: limited-memory BFGS.

Nocedal and Wright, Numerical Optimization (2nd edition, 2006), algorithms 7.4 and 7.5. Nothing here knows of models.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_MEMORY = 20  # pairs of step and change of gradient that stand for the curvature
_SLOPE = 0.9  # a step is long enough where the slope along it has fallen to this share
_DECREASE = 1e-4  # and short enough where the value fell by this share of what the slope promised
_TRIALS = 30  # of a step's length; each at least halves or doubles it
_ROUNDING = 2.0**-48

type Objective = Callable[[list[float]], tuple[float, list[float]]]
type Pairs = Sequence[tuple[list[float], list[float], float]]  # step, change of gradient, their product


@dataclass(frozen=True)
class Minimum:
    """point: where the search ended; iterations: steps that it took.

    slope: the largest partial derivative there; above the tolerance where the steps were used up, or where
    rounding hides any further descent.
    """

    point: list[float]
    iterations: int
    slope: float


def minimise(
    objective: Objective,
    start: Sequence[float],
    tolerance: float,
    max_iterations: int,
    precondition: Callable[[list[float]], list[float]] = list,
) -> Minimum:
    """Where the gradient of a convex function has no entry above `tolerance`, looked for from `start`.

    objective: a point -> the value and the gradient there. precondition: a gradient -> the step that a guess at the
    curvature makes of it, such as the solution of a linear system; symmetric, positive definite, linear.
    """
    point = list(start)
    value, gradient = objective(point)
    pairs: deque[tuple[list[float], list[float], float]] = deque(maxlen=_MEMORY)
    for iteration in range(max_iterations):
        slope = max(map(abs, gradient), default=0.0)
        if slope <= tolerance:
            return Minimum(point, iteration, slope)
        direction = _direction(gradient, pairs, precondition)
        if math.sumprod(direction, gradient) >= 0.0:  # rounding has spoilt the pairs
            pairs.clear()
            direction = _direction(gradient, pairs, precondition)
        found = _step(objective, point, value, gradient, direction)
        if found is None:
            return Minimum(point, iteration, slope)
        there, value, new_gradient = found
        step = [b - a for a, b in zip(point, there, strict=True)]
        change = [b - a for a, b in zip(gradient, new_gradient, strict=True)]
        curvature = math.sumprod(step, change)
        if curvature > 0.0:
            pairs.append((step, change, curvature))
        point, gradient = there, new_gradient
    return Minimum(point, max_iterations, max(map(abs, gradient), default=0.0))


def _direction(
    gradient: list[float], pairs: Pairs, precondition: Callable[[list[float]], list[float]]
) -> list[float]:
    """-H gradient, H the inverse of the curvature that the pairs have seen (the two-loop recursion)."""
    rest = [-g for g in gradient]
    shares = []
    for step, change, curvature in reversed(pairs):
        share = math.sumprod(step, rest) / curvature
        rest = [r - share * c for r, c in zip(rest, change, strict=True)]
        shares.append(share)
    rest = precondition(rest)
    if pairs:
        _, change, curvature = pairs[-1]
        scale = curvature / math.sumprod(change, precondition(change))
        rest = [scale * r for r in rest]
    for (step, change, curvature), share in zip(pairs, reversed(shares), strict=True):
        more = share - math.sumprod(change, rest) / curvature
        rest = [r + more * s for r, s in zip(rest, step, strict=True)]
    return rest


def _step(
    objective: Objective,
    point: list[float],
    value: float,
    gradient: list[float],
    direction: list[float],
) -> tuple[list[float], float, list[float]] | None:
    """The point, value and gradient a good way along the direction; None where no descent can be told.

    Along a line the slope of a convex function only rises, so its sign says on which side the minimum lies: the
    length is doubled while the slope is steep, and bisected or interpolated once the minimum is enclosed.
    """
    slope = math.sumprod(direction, gradient)
    slack = _ROUNDING * abs(value)
    length, low, slope_low, high, slope_high = 1.0, 0.0, slope, math.inf, math.inf
    for _ in range(_TRIALS):
        there = [a + length * d for a, d in zip(point, direction, strict=True)]
        value_there, gradient_there = objective(there)
        slope_there = math.sumprod(direction, gradient_there)
        enough = value_there <= value + _DECREASE * length * slope + slack
        if enough and abs(slope_there) <= -_SLOPE * slope:
            return there, value_there, gradient_there
        if slope_there < 0.0 and enough:
            low, slope_low = length, slope_there
        else:
            high, slope_high = length, slope_there
        if high == math.inf:
            length *= 2.0
            continue
        share = 0.5
        if 0.0 < slope_high < math.inf:
            share = min(0.9, max(0.1, slope_low / (slope_low - slope_high)))
        length = low + share * (high - low)
    return None
