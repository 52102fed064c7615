"""The scores of a Gaussian discriminant: the log density of each class at a row, constants worked out once."""

import math
from collections.abc import Sequence
from itertools import repeat
from operator import sub

from shared.model.gaussian.linear_algebra import inverse_cholesky, log_determinant, solve

Matrix = Sequence[Sequence[float]]


class Scorer:
    """Scores rows with the parameters of a discriminant of d columns and K classes.

    covariances: as `Discriminant.covariances`. Raises ValueError or ZeroDivisionError where one is not positive
    definite. Linear forms are taken of the rows as they are, without centring them first: a constant is appended
    to the weights, and `sumprod` rounds the whole sum once.
    """

    def __init__(
        self, covariance: str, priors: Sequence[float], means: Matrix, covariances: Sequence
    ) -> None:
        self._covariance = covariance
        self._means = means
        log_priors = list(map(math.log, priors))
        if covariance == "pooled":
            self._linear = _linear_scores(means, covariances[0], log_priors)
        elif covariance == "full":
            whitenings = list(map(inverse_cholesky, covariances))
            self._directions = [
                [_linear_form(direction, mean) for direction in whitening]
                for whitening, mean in zip(whitenings, means, strict=True)
            ]
            self._bias = [
                log_prior - log_determinant(whitening) / 2
                for log_prior, whitening in zip(log_priors, whitenings, strict=True)
            ]
        else:
            self._precisions = [[1.0 / variance for variance in row] for row in covariances]
            self._bias = [
                log_prior - math.fsum(map(math.log, variances)) / 2
                for log_prior, variances in zip(log_priors, covariances, strict=True)
            ]

    def scores(self, columns: Matrix) -> list[list[float]]:
        """log(prior * density) of each class (K lists of n), up to a term that all classes share.

        columns: d of them, at least one, n values each. NaN, for `diagonal` alone, skips the column in its row.
        """
        classes = range(len(self._means))
        if self._covariance == "diagonal":
            holes = [j for j, column in enumerate(columns) if math.isnan(sum(column))]
            return [self._diagonal_scores(k, columns, holes) for k in classes]
        rows = list(zip(*columns, repeat(1.0), repeat(1.0)))
        if self._covariance == "pooled":
            others = [list(map(math.sumprod, repeat(form), rows)) for form in self._linear]
            return [[0.0] * len(rows), *others]
        return [self._full_scores(k, rows) for k in classes]

    def directions(self) -> list[list[float]]:
        """Of `pooled`: covariance^-1 (mean of the class - mean of class 0), K lists of d."""
        d = len(self._means[0])
        return [[0.0] * d, *(list(form[:d]) for form in self._linear)]

    def _diagonal_scores(self, k: int, columns: Matrix, holes: Sequence[int]) -> list[float]:
        means, precisions = self._means[k], self._precisions[k]
        squares = [
            [(value - mean) * (value - mean) for value in column]
            for column, mean in zip(columns, means, strict=True)
        ]
        skipped = [0.0] * (len(columns[0]) if holes else 0)
        for j in holes:  # the density of a missing value counts as 1
            gain = math.log(precisions[j])
            for i, square in enumerate(squares[j]):
                if square != square:
                    squares[j][i] = 0.0
                    skipped[i] -= gain / 2
        bias = self._bias[k]
        distances = map(math.sumprod, repeat(precisions), zip(*squares, strict=True))
        if holes:
            return [bias + low - distance / 2 for low, distance in zip(skipped, distances, strict=True)]
        return [bias - distance / 2 for distance in distances]

    def _full_scores(self, k: int, rows: list[tuple[float, ...]]) -> list[float]:
        bias = self._bias[k]
        white = [list(map(math.sumprod, repeat(form), rows)) for form in self._directions[k]]
        return [bias - math.sumprod(row, row) / 2 for row in zip(*white, strict=True)]


def _linear_scores(means: Matrix, covariance: Matrix, log_priors: list[float]) -> list[tuple[float, ...]]:
    """Linear forms of the scores of classes 1 to K-1 over that of class 0."""
    whitening = inverse_cholesky(covariance)
    forms = []
    for log_prior, mean in zip(log_priors[1:], means[1:], strict=True):
        difference = list(map(sub, mean, means[0]))
        middle = [(a + b) / 2 for a, b in zip(mean, means[0], strict=True)]
        forms.append(_linear_form(solve(whitening, difference), middle, log_prior - log_priors[0]))
    return forms


def _linear_form(
    weights: Sequence[float], origin: Sequence[float], constant: float = 0.0
) -> tuple[float, ...]:
    """Weights w with sumprod(w, (*x, 1, 1)) = constant + weights . (x - origin)."""
    terms = [*weights, constant], [*(-value for value in origin), 1.0]
    high = math.sumprod(*terms)
    low = math.sumprod([*terms[0], high], [*terms[1], -1.0])  # what rounding took
    return (*weights, high, low)
