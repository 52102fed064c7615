"""Statistics of a numeric column, exact to the last digits, that merge with those of the next stretch of it."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from shared.event_fields import Json
from shared.exact import rounded, two_sum

_EPSILON = 2.0**-52
_PRECISION = 1e-12  # of a deviation


class ColumnStatistics(NamedTuple):
    """present (how many values), mean, squares (sum of squared deviations from the mean), smallest and largest value.

    mean_low is what the mean's rounding took away: at a mean of 1e9 it is as large as a block's difference.
    """

    present: int
    mean: float
    squares: float
    smallest: float
    largest: float
    mean_low: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> "ColumnStatistics | None":
        """Statistics of a list of floats; None when it has a NaN, an infinity or an overflowing sum.

        The sums are taken about an origin near the values, so that the digits that prices near 60000 have
        in common do not swallow their differences; `fsum` and `sumprod` keep the rest.
        """
        if not values:
            return EMPTY_STATISTICS
        count = len(values)
        try:
            origin = rounded(values[0])
            offset = math.fsum([*values, -count * origin])  # sum of (value - origin)
            if math.isnan(offset):
                return None
            squares = _squares_about(origin, offset, 0.0, values)
            if abs(origin * offset) * _EPSILON > _PRECISION * squares:  # the offset's own rounding shows
                rounding = math.fsum([*values, -count * origin, -offset])
                squares = _squares_about(origin, offset, rounding, values)
        except (OverflowError, ValueError):  # a sum over the range, inf - inf, no mantissa
            return None
        squares -= offset * offset / count
        if not math.isfinite(squares):
            return None
        mean, low = two_sum(origin, offset / count)
        return cls(count, mean, max(0.0, squares), min(values), max(values), low)

    @property
    def magnitude(self) -> float:
        return max(abs(self.smallest), abs(self.largest))

    def merge(self, other: "ColumnStatistics") -> "ColumnStatistics":
        """Statistics of both samples (Chan, Golub and LeVeque's update)."""
        if not other.present:
            return self
        if not self.present:
            return other
        count = self.present + other.present
        difference = (other.mean - self.mean) + (other.mean_low - self.mean_low)
        mean, low = two_sum(self.mean, self.mean_low + difference * (other.present / count))
        return ColumnStatistics(
            present=count,
            mean=mean,
            mean_low=low,
            squares=self.squares
            + other.squares
            + difference * difference * self.present * other.present / count,
            smallest=min(self.smallest, other.smallest),
            largest=max(self.largest, other.largest),
        )

    def to_state(self) -> list[float] | None:
        """None where there is no row: JSON has no infinity."""
        return list(self) if self.present else None

    @classmethod
    def from_state(cls, state: list[Any] | None) -> "ColumnStatistics":
        return cls(*state) if state else EMPTY_STATISTICS

    def to_json(self) -> Json:
        """min, max, mean and deviation (of the population: divided by count); null where there is no row."""
        if not self.present:
            return {"count": 0, "min": None, "max": None, "mean": None, "deviation": None}
        return {
            "count": self.present,
            "min": self.smallest,
            "max": self.largest,
            "mean": self.mean,
            "deviation": math.sqrt(self.squares / self.present),
        }


def _squares_about(origin: float, offset: float, rounding: float, values: Sequence[float]) -> float:
    """Sum of (value - origin)**2, where offset + rounding is the sum of (value - origin).

    It is sum(value**2) - 2 * origin * (offset + rounding) - count * origin**2, rounded once, at the end.
    """
    return math.sumprod(
        [*values, origin, origin, origin], [*values, -len(values) * origin, -2 * offset, -2 * rounding]
    )


EMPTY_STATISTICS = ColumnStatistics(0, 0.0, 0.0, math.inf, -math.inf)
