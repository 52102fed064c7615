"""The penalised log loss of a multinomial logistic regression on train rows, with its gradient.

Two classes have one head, the score of the second class over the first; more have a head a class.
"""

import math
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import mul, sub, truediv

from shared.model.logistic.design import Design

_FARTHEST = 700.0  # exp(700) is the largest power that float64 holds


class PenalisedLoss:
    """f(weights) = mean log loss + |weights without intercepts|^2 / (2 strength n), which scikit-learn minimises.

    weights: of the design's columns, head by head, in one list. labels: the class index of each row, each of the K
    classes at least once. strength: scikit-learn's C.
    """

    def __init__(self, design: Design, labels: Sequence[int], classes: int, strength: float) -> None:
        self._design = design
        self._ridge = 1.0 / (strength * design.rows)
        targets = [[float(label == k) for label in labels] for k in range(classes)]
        self._targets = targets[1:] if classes == 2 else targets
        self._shares = [math.fsum(target) / design.rows for target in self._targets]

    @property
    def heads(self) -> int:
        return len(self._targets)

    def start(self) -> list[float]:
        """Intercepts that give the classes' shares, and no other weight."""
        logs = list(map(math.log, self._shares))
        middle = math.log1p(-self._shares[0]) if self.heads == 1 else math.fsum(logs) / self.heads
        others = [0.0] * (self._design.width - 1)
        return [weight for value in logs for weight in (value - middle, *others)]

    def by_head(self, weights: Sequence[float]) -> list[Sequence[float]]:
        width = self._design.width
        return [weights[start : start + width] for start in range(0, len(weights), width)]

    def __call__(self, weights: list[float]) -> tuple[float, list[float]]:
        """The value and the gradient."""
        heads = self.by_head(weights)
        scores = list(map(self._design.times, heads))
        loss, probabilities = (_loss_of_two if self.heads == 1 else _loss)(scores, self._targets)
        penalty, gradient = 0.0, []
        for head, own, target in zip(heads, probabilities, self._targets, strict=True):
            sums = self._design.transposed_times(list(map(sub, own, target)))
            gradient.append(sums[0] / self._design.rows)
            gradient += [
                s / self._design.rows + self._ridge * w for s, w in zip(sums[1:], head[1:], strict=True)
            ]
            penalty += math.sumprod(head[1:], head[1:])
        return loss / self._design.rows + 0.5 * self._ridge * penalty, gradient

    def preconditioner(self) -> Callable[[list[float]], list[float]]:
        """A gradient -> the step that the curvature at `start` makes of it.

        The curvature there is A x normal / n + ridge, with A = diag(p) - p p^T of the classes' shares p. Adding the
        same to every head changes no probability, so heads stay centred, and on what is centred the inverse of A is
        diag(1 / p) between two centrings (its Moore-Penrose inverse): each head is solved for alone.
        """
        rows = self._design.rows
        scales = [share * (1.0 - share) for share in self._shares] if self.heads == 1 else self._shares
        solvers = [self._design.solver(scale / rows, self._ridge) for scale in scales]

        def solve(gradient: list[float]) -> list[float]:
            heads = self.by_head(gradient)
            if self.heads == 1:
                return solvers[0](heads[0])
            steps = [solver(head) for solver, head in zip(solvers, _centred(heads), strict=True)]
            return [step for head in _centred(steps) for step in head]

        return solve


def _loss_of_two(scores: list[list[float]], targets: list[list[float]]) -> tuple[float, list[list[float]]]:
    """Sum of the log losses, and the second class's probability of each row, from its score over the first's."""
    near = [max(-_FARTHEST, min(_FARTHEST, score)) for score in scores[0]]
    raised = [math.exp(-abs(score)) for score in near]
    own = [1.0 / (1.0 + e) if s > 0.0 else e / (1.0 + e) for s, e in zip(near, raised, strict=True)]
    over = math.fsum(s for s in scores[0] if s > 0.0) - math.sumprod(scores[0], targets[0])
    return math.fsum(map(math.log1p, raised)) + over, [own]


def _loss(scores: list[list[float]], targets: list[list[float]]) -> tuple[float, list[list[float]]]:
    """Sum of the log losses, and the probability of each class (K lists of n)."""
    tops = list(map(max, *scores))
    raised = [list(map(math.exp, map(sub, column, tops))) for column in scores]
    totals = list(map(sum, zip(*raised, strict=True)))
    own = math.fsum(math.sumprod(column, target) for column, target in zip(scores, targets, strict=True))
    loss = math.fsum(map(math.log, totals)) + math.fsum(tops) - own
    inverse = list(map(truediv, repeat(1.0), totals))
    return loss, [list(map(mul, column, inverse)) for column in raised]


def _centred(heads: Sequence[Sequence[float]]) -> list[list[float]]:
    """The heads less their mean."""
    means = [math.fsum(column) / len(heads) for column in zip(*heads, strict=True)]
    return [list(map(sub, head, means)) for head in heads]
