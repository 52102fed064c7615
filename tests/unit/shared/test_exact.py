"""Sums whose rounding error is kept."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exact import two_sum

FLOATS = st.floats(-1e300, 1e300)


@given(FLOATS, FLOATS)
def test_high_and_low_part_are_exactly_the_sum(a, b):
    high, low = two_sum(a, b)
    assert high == a + b
    assert Fraction(high) + Fraction(low) == Fraction(a) + Fraction(b)


@pytest.mark.parametrize(("a", "b"), [(1e9, 1e-9), (1e-9, 1e9), (1.0, -1.0), (0.0, 5.0)])
def test_nothing_is_lost_at_any_distance(a, b):
    assert sum(map(Fraction, two_sum(a, b))) == Fraction(a) + Fraction(b)
