"""The moments of one class, which are all that a Gaussian needs of its rows: count, mean and scatter; they merge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from shared.exact import rounded, two_sum


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of `count` rows of d columns.

    mean: (d,), and mean_low: (d,), what its rounding took away. At a mean of 1e9 a float64 is 1e-7 apart
    from the next, and two blocks' means differ by less. scatter: (d, d) sum of outer products of the rows'
    deviations from the mean.
    """

    count: int
    mean: tuple[float, ...]
    mean_low: tuple[float, ...]
    scatter: tuple[tuple[float, ...], ...]

    def merge(self, other: "Moments") -> "Moments":
        """Summary of both samples together.

        Chan, Golub and LeVeque (1979), "Updating formulae and a pairwise algorithm for computing sample
        variances", eq. 2.1, for vectors. Exact up to rounding.
        """
        count = self.count + other.count
        difference = [
            (theirs - mine) + (their_low - my_low)
            for mine, my_low, theirs, their_low in zip(
                self.mean, self.mean_low, other.mean, other.mean_low, strict=True
            )
        ]
        weight = self.count * other.count / count
        means = [
            two_sum(mine, low + d * (other.count / count))
            for mine, low, d in zip(self.mean, self.mean_low, difference, strict=True)
        ]
        return Moments(
            count=count,
            mean=tuple(high for high, _ in means),
            mean_low=tuple(low for _, low in means),
            scatter=tuple(
                tuple(a + b + weight * (dj * dk) for a, b, dk in zip(mine, theirs, difference, strict=True))
                for mine, theirs, dj in zip(self.scatter, other.scatter, difference, strict=True)
            ),
        )

    def to_state(self) -> object:
        return [self.count, self.mean, self.mean_low, [row[: j + 1] for j, row in enumerate(self.scatter)]]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        count, mean, mean_low, lower = state
        scatter = tuple(
            tuple(lower[max(j, k)][min(j, k)] for k in range(len(lower))) for j in range(len(lower))
        )
        return cls(count, tuple(mean), tuple(mean_low), scatter)

    def restricted(self, columns: Sequence[int]) -> "Moments":
        """The moments of these columns alone."""
        return self.arranged(columns)

    def arranged(self, columns: Sequence[int | None]) -> "Moments":
        """The moments of these columns in this order; None is a column of zeros."""
        return Moments(
            self.count,
            tuple(0.0 if j is None else self.mean[j] for j in columns),
            tuple(0.0 if j is None else self.mean_low[j] for j in columns),
            tuple(
                tuple(0.0 if j is None or k is None else self.scatter[j][k] for k in columns) for j in columns
            ),
        )

    def added(self, j: int, other: int, times: float) -> "Moments":
        """The moments after `times` the column `other` has been added to column j."""
        mean, mean_low = list(self.mean), list(self.mean_low)
        mean[j], low = two_sum(mean[j], times * mean[other])
        mean_low[j] += low + times * mean_low[other]
        row = [a + times * b for a, b in zip(self.scatter[j], self.scatter[other], strict=True)]
        row[j] += times * row[other]
        scatter = [[*of_row[:j], row[k], *of_row[j + 1 :]] for k, of_row in enumerate(self.scatter)]
        scatter[j] = row
        return Moments(self.count, tuple(mean), tuple(mean_low), tuple(map(tuple, scatter)))


def moments_of(columns: Sequence[list[float]]) -> Moments:
    """Summary of the rows given as columns, each with at least one value.

    Sums of squares of prices near 60000 would leave no digits for differences near 1. Subtracting the mean
    from every value first is the usual cure; here it is done in the sum itself, which `sumprod` keeps to more
    than twice the digits of a float and rounds once. With q = sum(x - a) and r = sum(y - b) about origins a, b:
    sum((x - mean)(y - mean)) = sum(x y) - a r - q b - n a b - q r / n.
    """
    count = len(columns[0])
    left, right, means = [], [], []
    for column in columns:
        origin = rounded(column[0]) if column[0] == column[0] else column[0]
        high = math.fsum([*column, -count * origin])
        low = math.fsum([*column, -count * origin, -high])
        shift = high / count
        shift_low = (math.fma(-shift, count, high) + low) / count
        left.append([*column, origin, origin, high, low, origin, high, high, low])
        right.append([*column, -high, -low, -origin, -origin, -count * origin, -shift, -shift_low, -shift])
        mean, mean_low = two_sum(origin, shift)
        means.append((mean, mean_low + shift_low))
    scatter = [[0.0] * len(columns) for _ in columns]
    for j, row in enumerate(left):
        for k in range(j + 1):
            scatter[j][k] = scatter[k][j] = math.sumprod(row, right[k])
    return Moments(
        count,
        tuple(high for high, _ in means),
        tuple(low for _, low in means),
        tuple(map(tuple, scatter)),
    )
