from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish_artifact.card.drawing import Scale, ticks


@given(low=st.floats(-1e6, 1e6), reach=st.floats(1e-3, 1e6), most=st.integers(2, 8))
def test_ticks_are_few_even_and_within_the_range(low, reach, most):
    found = ticks(low, low + reach, most)
    assert len(found) <= most + 1
    assert all(low - 1e-6 * reach <= tick <= low + reach + 1e-6 * reach for tick in found)
    steps = [b - a for a, b in pairwise(found)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-3) if steps else True


def test_ticks_of_no_range():
    assert ticks(0.3, 0.3) == [0.3]


def test_a_scale_maps_its_ends():
    scale = Scale(10, 20, 100, 0)
    assert [scale(10), scale(15), scale(20)] == [100, 50, 0]
    assert Scale(3, 3, 5, 9)(3) == 5
