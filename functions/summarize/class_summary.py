"""Mergeable sufficient statistics of one class: count, mean vector and scatter matrix."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ClassSummary:
    """count: rows; mean: (d,); scatter: (d, d) sum of outer products of the rows' deviations from the mean."""

    count: int
    mean: tuple[float, ...]
    scatter: tuple[tuple[float, ...], ...]

    def merge(self, other: "ClassSummary") -> "ClassSummary":
        """Summary of both samples together.

        Chan, Golub and LeVeque (1979), "Updating formulae and a pairwise algorithm for computing sample
        variances", eq. 2.1, for vectors. Exact up to rounding.
        """
        count = self.count + other.count
        difference = [theirs - mine for mine, theirs in zip(self.mean, other.mean, strict=True)]
        weight = self.count * other.count / count
        return ClassSummary(
            count=count,
            mean=tuple(m + d * (other.count / count) for m, d in zip(self.mean, difference, strict=True)),
            scatter=tuple(
                tuple(a + b + weight * dj * dk for a, b, dk in zip(mine, theirs, difference, strict=True))
                for mine, theirs, dj in zip(self.scatter, other.scatter, difference, strict=True)
            ),
        )


def summary_of(columns: Sequence[Sequence[float]]) -> ClassSummary:
    """Summary of the rows given as columns, each with at least one value.

    Every column is centred before it is multiplied: sums of squares of prices near 60000 would leave no
    digits for differences near 1. The mean's own rounding is taken out again (corrected two-pass).
    """
    count = len(columns[0])
    rough = [math.fsum(column) / count for column in columns]
    centred = [[value - mean for value in column] for column, mean in zip(columns, rough, strict=True)]
    residual = [math.fsum(column) / count for column in centred]
    scatter = [[0.0] * len(columns) for _ in columns]
    for j, left in enumerate(centred):
        for k in range(j + 1):
            product = math.sumprod(left, centred[k]) - count * residual[j] * residual[k]
            scatter[j][k] = scatter[k][j] = product
    mean = tuple(m + r for m, r in zip(rough, residual, strict=True))
    return ClassSummary(count, mean, tuple(map(tuple, scatter)))


def merge_by_class(a: dict[int, ClassSummary], b: dict[int, ClassSummary]) -> dict[int, ClassSummary]:
    """Summaries by class of both samples together; a class may be in one of them only."""
    merged = a | b
    return merged | {code: a[code].merge(b[code]) for code in a.keys() & b.keys()}
