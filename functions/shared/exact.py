"""Sums whose rounding error is kept: a number as high + low part, about 32 significant digits."""

import math


def two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b rounded, and what the rounding took away; together they are exactly a + b (Knuth's TwoSum)."""
    high = a + b
    of_b = high - a
    return high, (a - (high - of_b)) + (b - of_b)


def rounded(value: float) -> float:
    """The value to 32 significant bits: times a count of fewer than 2**21 it is still exact.

    Raises OverflowError or ValueError for an infinity or NaN.
    """
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(mantissa * 2**32), exponent - 32)
