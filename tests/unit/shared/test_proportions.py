import pytest
from scipy.stats import binomtest

from shared.proportions import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials"), [(0, 10), (10, 10), (5, 10), (80, 100), (1, 1), (123_456, 654_321)]
)
def test_the_wilson_interval_is_scipy_s(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx(
        (expected.low, expected.high), rel=1e-12, abs=1e-15
    )


def test_wilson_s_interval_worked_out_by_hand():
    """8 of 10, z = 1.96: (0.8 + 0.19208 -+ 1.96 sqrt(0.016 + 0.009604)) / 1.38416."""
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
