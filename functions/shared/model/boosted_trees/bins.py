"""A column as small codes: quantile bins of a number, the frequent values of a category. What a tree splits are
sets of codes, so fitting and scoring agree on the side of every cell."""

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from shared.model.rows import Feature

Thresholds = tuple[tuple[float, ...] | None, ...]  # by column; None for a category

MISSING = 0  # in either kind of column
OTHER = 1  # of a category: a rare or unseen value
NUMBER_BINS = 32
FREQUENT_VALUES = 62
CODES = 2 + FREQUENT_VALUES  # at most, in any column

_LARGEST = sys.float_info.max


def quantile_thresholds(column: Sequence[float], bins: int = NUMBER_BINS) -> tuple[float, ...]:
    """Ascending finite cuts of the cells that are not NaN into at most `bins` bins of about equally many.

    A cut lies in the middle between two neighbouring values; a value that is frequent has a bin of its own, and the
    others share what is left. Multiplying the column by a power of two multiplies the cuts, and changes no code.
    """
    counts = sorted(Counter(cell for cell in column if cell == cell).items())
    rows = sum(count for _, count in counts)
    frequent = [count * bins >= rows for _, count in counts]
    frequent_left = sum(frequent)
    others_left = sum(count for (_, count), alone in zip(counts, frequent, strict=True) if not alone)
    thresholds: list[float] = []
    inside = 0  # rows of the bin that is being filled, frequent values apart
    for place, ((value, count), (following, next_count)) in enumerate(pairwise(counts)):
        bins_left = bins - len(thresholds)
        if bins_left == 1:
            break
        if frequent[place]:
            frequent_left -= 1
            full = True
        else:
            inside += count
            full = (
                frequent[place + 1] or (inside + next_count / 2) * (bins_left - frequent_left) > others_left
            )
        if full or len(counts) <= bins:
            thresholds.append(_between(value, following))
            others_left -= inside
            inside = 0
    return tuple(thresholds)


def _between(low: float, high: float) -> float:
    """A finite number t with low <= t < high, as far as there is one: the middle, up to rounding."""
    low, high = max(low, -_LARGEST), min(high, _LARGEST)
    middle = low / 2 + high / 2
    return middle if low <= middle < high else low


def number_codes(column: Sequence[float], thresholds: Sequence[float]) -> bytes:
    """Code of each cell: 0 where it is missing, else 1 + the thresholds that it exceeds.

    So thresholds[i] parts the codes up to 1 + i from those above: a cell that equals a threshold lies below it.
    """
    return bytes([bisect_left(thresholds, cell) + 1 if cell == cell else MISSING for cell in column])


def category_codes(column: Sequence[int]) -> bytes:
    """Code of each cell as `Feature.values` numbers them; beyond the frequent values they are OTHER."""
    return bytes([code if code < CODES else OTHER for code in column])


def thresholds_of(features: Sequence[Feature], columns: Sequence[Sequence[float]]) -> Thresholds:
    """Of the train rows, by column."""
    return tuple(
        quantile_thresholds(column) if feature.values is None else None
        for feature, column in zip(features, columns, strict=True)
    )


def codes_of(column: Sequence[float], thresholds: tuple[float, ...] | None) -> bytes:
    """The code of each cell of a column; thresholds: its own."""
    return (
        category_codes(cast(Sequence[int], column))
        if thresholds is None
        else number_codes(column, thresholds)
    )


def every_code(feature: Feature) -> int | None:
    """The set (bit c for code c) of all codes that a category may have; None for a number."""
    return None if feature.values is None else (1 << min(CODES, 2 + len(feature.values))) - 1
