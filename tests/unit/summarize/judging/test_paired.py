"""Differences of two answers to the same rows: SciPy's paired tests, and their intervals."""

import math

import numpy as np
import pytest
from scipy import stats

from shared.csv_file.column_statistics import ColumnStatistics
from summarize.judging.paired import (
    Difference,
    difference_in_blocks,
    discordant_difference,
    mean_difference,
    of_error,
    tails_beyond,
)

LEVEL = 0.05 / 3


@pytest.mark.parametrize("rows", [2, 30, 1000])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_mean_difference_is_scipy_s_paired_t_test(rows, shift):
    generator = np.random.default_rng(rows)
    reference, model = generator.normal(size=(2, rows))
    found = mean_difference(ColumnStatistics.of((reference - model + shift).tolist()), LEVEL)
    expected = stats.ttest_rel(reference + shift, model)
    interval = expected.confidence_interval(1 - LEVEL)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-7)


def test_over_blocks_of_one_length_it_is_the_t_test_of_their_means():
    means = np.random.default_rng(1).normal(0.1, 1.0, 30)
    found = difference_in_blocks((40 * means).tolist(), [40] * 30, LEVEL)
    expected = stats.ttest_1samp(means, 0.0)
    interval = expected.confidence_interval(1 - LEVEL)
    assert found.mean == pytest.approx(means.mean())
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-7)


def test_over_blocks_of_unequal_length_the_mean_is_that_of_all_rows():
    found = difference_in_blocks([4.0, 5.0, 5.5], [4, 5, 6], LEVEL)
    assert found.mean == pytest.approx(14.5 / 15)
    # The ratio estimator: residuals 4 - 4r, 5 - 5r, 5.5 - 6r.
    residuals = np.array([4.0, 5.0, 5.5]) - np.array([4, 5, 6]) * found.mean
    error = math.sqrt(3 / 2 * np.sum(residuals**2)) / 15
    assert found.high - found.mean == pytest.approx(stats.t.isf(LEVEL / 2, 2) * error)


@pytest.mark.parametrize(("gained", "lost"), [(26, 10), (0, 7), (5, 5), (300, 320)])
def test_the_share_of_rows_gained_is_mcnemar_s_exact_test(gained, lost):
    found = discordant_difference(gained, lost, 1000, LEVEL)
    exact = stats.binomtest(gained, gained + lost)
    limits = exact.proportion_ci(1 - LEVEL, method="exact")
    assert found.mean == (gained - lost) / 1000
    assert found.p_value == pytest.approx(exact.pvalue, rel=1e-9)
    expected = [(2 * share - 1) * (gained + lost) / 1000 for share in (limits.low, limits.high)]
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-7, abs=1e-12)
    assert (found.p_value < LEVEL) == (found.low > 0 or found.high < 0)


def test_answers_that_are_right_on_the_same_rows_do_not_differ():
    assert discordant_difference(0, 0, 50, LEVEL) == Difference(0.0, 0.0, 0.0, 1.0)


def test_a_mean_without_error_is_certain():
    assert of_error(0.3, 0.0, LEVEL, 29) == Difference(0.3, 0.3, 0.3, 0.0)
    assert tails_beyond(0.0, 0.0) == 1.0


def test_what_rounding_leaves_of_no_difference_is_none():
    assert tails_beyond(-1e-16, 1e-19, 29) == 1.0


def test_without_degrees_of_freedom_the_distribution_is_the_normal_one():
    assert tails_beyond(0.2, 0.1) == pytest.approx(2 * stats.norm.sf(2.0))
    assert of_error(0.2, 0.1, 0.05).low == pytest.approx(0.2 - 0.1 * stats.norm.isf(0.025))
