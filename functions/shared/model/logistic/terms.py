"""From the columns of a dataset to those of a logistic regression: standardised numbers, and groups of indicators."""

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.model.rows import Feature

# A value of a category has an indicator column where at least so many train rows hold it.
MIN_ROWS_OF_A_VALUE = 10
_EPSILON = 2.0**-52


@dataclass(frozen=True)
class Number:
    """A number column: (x - mean) / deviation of the train rows, 0 where the cell is missing.

    mean and deviation: of the train rows with the mean in place of missing cells, as SimpleImputer and
    StandardScaler of scikit-learn have them. An indicator says where cells are missing, if any of the train rows'
    cells is.
    """

    feature: int
    mean: float
    deviation: float
    indicates_missing: bool

    def standardised(self, column: Sequence[float]) -> list[float]:
        # By a power of two first, which rounds nothing, so that no difference overflows.
        scale = _power_of_two_over(self.deviation)
        mean, deviation = self.mean * scale, self.deviation * scale
        return [(x * scale - mean) / deviation if x == x else 0.0 for x in column]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The codes (see `codes`) that have an indicator."""
        return (1,) if self.indicates_missing else ()

    def codes(self, column: Sequence[float]) -> Sequence[int]:
        """1 for each missing cell, else 0."""
        return bytes([x != x for x in column])


@dataclass(frozen=True)
class Category:
    """A category: an indicator, 0 or 1, for each of the `chosen` codes (see `rows.Feature`)."""

    feature: int
    chosen: tuple[int, ...]

    def codes(self, column: Sequence[Any]) -> Sequence[int]:
        return column


type Term = Number | Category


def terms_of(
    columns: Sequence[Sequence[float]], features: Sequence[Feature]
) -> tuple[list[Term], dict[str, str]]:
    """The terms of the train rows' columns, and the features that have none: name -> reason."""
    terms: list[Term] = []
    left_out = {}
    for j, (column, feature) in enumerate(zip(columns, features, strict=True)):
        term = _number(j, column) if feature.values is None else _category(j, column)
        if isinstance(term, str):
            left_out[feature.name] = term
        else:
            terms.append(term)
    return terms, left_out


def _number(j: int, column: Sequence[float]) -> Number | str:
    present = [x for x in column if x == x]
    largest = max(map(abs, present), default=0.0)
    scale = _power_of_two_over(largest)
    scaled = [x * scale for x in present]
    mean = math.fsum(scaled) / max(1, len(scaled))
    rest = [x - mean for x in scaled]
    deviation = math.sqrt(math.sumprod(rest, rest) / max(1, len(column)))
    some_missing = 0 < len(present) < len(column)
    if deviation <= 4 * _EPSILON * abs(mean) or deviation / scale < sys.float_info.min:
        return Number(j, mean / scale, 1.0, True) if some_missing else "constant in the training rows"
    return Number(j, mean / scale, deviation / scale, some_missing)


def _category(j: int, column: Sequence[float]) -> Category | str:
    counts = Counter(column)
    if len(counts) < 2:
        return "constant in the training rows"
    codes = tuple(sorted(int(code) for code, rows in counts.items() if rows >= MIN_ROWS_OF_A_VALUE))
    if not codes:
        return f"no value is in {MIN_ROWS_OF_A_VALUE} of the training rows"
    return Category(j, codes)


def _power_of_two_over(value: float) -> float:
    """A power of two whose product with the value is between 1/2 and 1, or near it at the ends of float64."""
    return math.ldexp(1.0, max(-1020, min(1020, -math.frexp(value)[1])))
