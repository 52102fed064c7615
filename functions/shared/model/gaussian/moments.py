"""Mergeable sufficient statistics of one class: count, mean vector and scatter matrix."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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

    def restricted(self, columns: Sequence[int]) -> "Moments":
        """The summary of these columns alone."""
        return Moments(
            self.count,
            tuple(self.mean[j] for j in columns),
            tuple(self.mean_low[j] for j in columns),
            tuple(tuple(self.scatter[j][k] for k in columns) for j in columns),
        )


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
        origin = rounded(column[0])
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


def merge_by_class(a: dict[int, Moments], b: dict[int, Moments]) -> dict[int, Moments]:
    """Summaries by class of both samples together; a class may be in one of them only."""
    merged = a | b
    return merged | {code: a[code].merge(b[code]) for code in a.keys() & b.keys()}
