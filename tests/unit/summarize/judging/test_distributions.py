"""Tails and quantiles equal SciPy's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from summarize.judging.distributions import (
    beta_cdf,
    beta_quantile,
    proportion_limits,
    sign_test,
    student_quantile,
    student_tails,
)

SHAPES = st.floats(0.1, 5000.0)


@given(st.floats(0.0, 1.0), SHAPES, SHAPES)
def test_the_incomplete_beta_function_is_scipy_s(x, a, b):
    assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-8, abs=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.5, 500.0), st.floats(0.5, 500.0))
def test_a_quantile_has_its_share_below(share, a, b):
    assert beta_cdf(beta_quantile(share, a, b), a, b) == pytest.approx(share, rel=1e-8)


@pytest.mark.parametrize("freedom", [1, 4, 29, 178, 1e6])
@pytest.mark.parametrize("t", [0.0, 0.5, -2.5, 12.0])
def test_student_s_tails_are_scipy_s(t, freedom):
    assert student_tails(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-8)
    assert student_tails(math.inf, freedom) == 0.0


@pytest.mark.parametrize("freedom", [1, 4, 29, 178, 1e6])
@pytest.mark.parametrize("tails", [0.5, 0.05, 0.05 / 3, 1e-6])
def test_student_s_quantiles_are_scipy_s(tails, freedom):
    assert student_quantile(tails, freedom) == pytest.approx(stats.t.isf(tails / 2, freedom), rel=1e-7)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_sign_test_is_scipy_s_exact_binomial_test(gained, lost):
    expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert sign_test(gained, lost) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_limits_of_a_proportion_are_scipy_s_exact_ones(successes, misses):
    trials = successes + misses
    expected = stats.binomtest(successes, trials).proportion_ci(0.98, method="exact")
    assert proportion_limits(successes, trials, 0.02) == pytest.approx(tuple(expected), rel=1e-8, abs=1e-12)
