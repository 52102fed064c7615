"""95% intervals, against scipy's Wilson interval, figures worked out by hand, and resampling."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from shared.proportions import wilson_interval
from summarize.scoring.intervals import (
    f1_interval,
    interval_of_error,
    macro_f1_error,
    mean_recall_error,
    roc_auc_error,
)


def test_the_f1_interval_is_wilson_s_of_hits_among_hits_and_errors_transformed():
    low, high = wilson_interval(40, 70)
    assert f1_interval(40, 30) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    assert f1_interval(0, 0) == (0.0, 1.0)


@given(hits=st.integers(0, 500), misses=st.integers(0, 500))
def test_the_f1_interval_holds_the_f1(hits, misses):
    low, high = f1_interval(hits, misses)
    f1 = 2 * hits / (2 * hits + misses) if hits + misses else 0.0
    assert 0.0 <= low <= f1 + 1e-12
    assert f1 - 1e-12 <= high <= 1.0
    assert low < high


@given(value=st.floats(0, 1), error=st.floats(0, 0.3), rows=st.integers(1, 1000))
def test_an_interval_holds_its_value_and_stays_within_0_and_1(value, error, rows):
    low, high = interval_of_error(value, error, rows)
    assert 0.0 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1.0


def test_a_perfect_score_has_the_width_of_a_perfect_proportion():
    assert interval_of_error(1.0, 0.0, 30) == wilson_interval(30, 30)


def test_a_proportion_s_own_error_gives_wilson_s_interval():
    assert interval_of_error(0.7, math.sqrt(0.7 * 0.3 / 50), 1) == pytest.approx(wilson_interval(35, 50))


def test_the_error_of_a_mean_f1_is_that_of_resampled_rows():
    generator = np.random.default_rng(7)
    counts = np.array([[120, 30, 10], [20, 60, 15], [5, 25, 40]])
    draws = generator.multinomial(counts.sum(), counts.ravel() / counts.sum(), 4000).reshape(-1, 3, 3)
    hits = draws.diagonal(axis1=1, axis2=2)
    resampled = (2 * hits / (draws.sum(1) + draws.sum(2))).mean(1)
    assert macro_f1_error(counts.tolist()) == pytest.approx(resampled.std(), rel=0.05)


def test_a_label_that_no_row_has_or_gets_does_not_count_against_the_error():
    assert macro_f1_error([[5, 0], [0, 0]]) == 0.0
    labels = ["a"] * 6 + ["b"] * 4
    guesses = ["a"] * 5 + ["b"] * 5
    assert f1_score(labels, guesses, average="macro") > 0
    assert 0.05 < macro_f1_error([[5, 1], [0, 4]]) < 0.2


def test_the_error_of_a_mean_recall_is_that_of_independent_proportions():
    expected = math.sqrt(0.8 * 0.2 / 50 + 0.5 * 0.5 / 20) / 2
    assert mean_recall_error([40, 10], [50, 20]) == pytest.approx(expected, rel=1e-12)


def test_the_error_of_a_roc_area_worked_out_by_hand():
    """A = 0.8, 50 and 50 rows: Q1 = 0.8 / 1.2, Q2 = 1.28 / 1.8; (0.16 + 49 * (Q1 + Q2 - 1.28)) / 2500."""
    expected = math.sqrt((0.16 + 49 * (0.8 / 1.2 + 1.28 / 1.8 - 1.28)) / 2500)
    assert roc_auc_error(0.8, 50, 50) == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(0.0445, abs=1e-4)


def test_the_error_of_a_roc_area_is_that_of_new_samples_of_exponential_scores():
    """The distribution that Hanley and McNeil derive it from."""
    generator = np.random.default_rng(5)
    labels = [1] * 60 + [0] * 90
    areas = [
        roc_auc_score(labels, np.r_[generator.exponential(4.0, 60), generator.exponential(1.0, 90)])
        for _ in range(800)
    ]
    assert roc_auc_error(0.8, 60, 90) == pytest.approx(np.std(areas), rel=0.1)
