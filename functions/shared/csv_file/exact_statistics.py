"""Statistics of a numeric column that are the same to the last bit however its rows are cut into stretches.

Sums are kept as unevaluated sums of floats, the largest first: that of the values to 106 bits, that of their squares to
159, as the squares of numbers that have most digits in common leave few when the mean's is taken away. They are added
up exactly, and mean and deviation are rounded once, at the end.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

from shared.event_fields import Json

_PARTS, _PARTS_OF_SQUARES = 2, 3  # `sumprod` keeps three floats


class ExactStatistics(NamedTuple):
    """present (how many values), smallest and largest value; total and squares: of the values and of their squares."""

    present: int
    total: tuple[float, ...]
    squares: tuple[float, ...]
    smallest: float
    largest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self | None:
        """Statistics of a list of floats; None when it has a NaN, an infinity or an overflowing sum."""
        if not values:
            return cls(0, (0.0,), (0.0,), math.inf, -math.inf)
        try:
            total = _parts(lambda less: math.fsum([*values, *less]), _PARTS)
            squares = _parts(
                lambda less: math.sumprod([*values, *less], [*values, *[1.0] * len(less)]), _PARTS_OF_SQUARES
            )
        except (OverflowError, ValueError):  # a sum over the range, or that is no number
            return None
        return cls(len(values), total, squares, min(values), max(values))

    @property
    def magnitude(self) -> float:
        return max(abs(self.smallest), abs(self.largest))

    def merge(self, later: Self) -> Self:
        """Statistics of both samples."""
        if not later.present:
            return self
        if not self.present:
            return later
        return type(self)(
            self.present + later.present,
            _parts(lambda less: math.fsum([*self.total, *later.total, *less])),
            _parts(lambda less: math.fsum([*self.squares, *later.squares, *less])),
            min(self.smallest, later.smallest),
            max(self.largest, later.largest),
        )

    def to_state(self) -> list[Any] | None:
        """None where there is no row: JSON has no infinity."""
        return list(self) if self.present else None

    @classmethod
    def from_state(cls, state: list[Any] | None) -> Self:
        if not state:
            return cls(0, (0.0,), (0.0,), math.inf, -math.inf)
        present, total, squares, smallest, largest = state
        return cls(present, tuple(total), tuple(squares), smallest, largest)

    def to_json(self) -> Json:
        """min, max, mean and deviation (of the population: divided by count); null where there is no row."""
        if not self.present:
            return {"count": 0, "min": None, "max": None, "mean": None, "deviation": None}
        # Fractions of integers, whose division Python rounds correctly.
        total, unit = _fraction(self.total)
        squares, unit_of_squares = _fraction(self.squares)
        about_mean = squares * unit * unit * self.present - total * total * unit_of_squares
        variance = about_mean / (unit_of_squares * unit * unit * self.present * self.present)
        return {
            "count": self.present,
            "min": self.smallest,
            "max": self.largest,
            "mean": total / (unit * self.present),
            "deviation": math.sqrt(max(0.0, variance)),
        }


def _parts(rest_of: Callable[[list[float]], float], most: int | None = None) -> tuple[float, ...]:
    """A sum as floats that add up to it, each as much as a float holds of the rest.

    rest_of: the sum with these floats added to it, rounded. Raises ValueError for a sum that is no number.
    """
    parts = [rest_of([])]
    if not math.isfinite(parts[0]):
        raise ValueError("no finite sum")
    while (most is None or len(parts) < most) and (rest := rest_of([-part for part in parts])):
        parts.append(rest)
    return tuple(parts)


def _fraction(parts: Sequence[float]) -> tuple[int, int]:
    """Numerator and denominator of a sum; the denominator is a power of two."""
    ratios = [part.as_integer_ratio() for part in parts]
    unit = max(denominator for _, denominator in ratios)
    return sum(numerator * (unit // denominator) for numerator, denominator in ratios), unit


NO_NUMBERS = ExactStatistics(0, (0.0,), (0.0,), math.inf, -math.inf)
