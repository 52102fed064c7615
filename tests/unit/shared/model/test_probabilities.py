"""From scores to probabilities and predicted classes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.probabilities import (
    UNSEEN,
    geometric_mean,
    logarithms,
    over_classes,
    predicted_of,
    probabilities_of,
)


def test_a_tie_goes_to_the_first_class():
    assert list(predicted_of([[0.5, 1.0], [0.5, 2.0]])) == [0, 1]
    assert list(predicted_of([[0.5], [0.7], [0.7]])) == [1]


def test_probabilities_of_two_scores_are_the_logistic_function():
    near, far = probabilities_of([[0.0, 0.0, 2000.0], [0.0, math.log(3.0), -2000.0]])
    assert near == pytest.approx([0.5, 0.25, 1.0], rel=1e-15)
    assert far[:2] == pytest.approx([0.5, 0.75], rel=1e-15)
    assert 0.0 <= far[2] < 1e-300


@pytest.mark.parametrize("classes", [2, 3])
def test_a_row_without_a_finite_score_has_no_probabilities(classes):
    found = probabilities_of([[-math.inf, 0.0] for _ in range(classes)])
    assert all(math.isnan(column[0]) for column in found)
    assert [column[1] for column in found] == pytest.approx([1 / classes] * classes)


@pytest.mark.parametrize("others", [[0.0], [0.0, 1.0]])
def test_a_class_that_cannot_be_has_probability_0(others):
    found = probabilities_of([[-math.inf], *([score] for score in others)])
    assert found[0][0] < 1e-300
    assert math.fsum(column[0] for column in found) == pytest.approx(1.0)


shares = st.floats(0.0, 1.0)


@given(st.lists(st.tuples(shares, shares, shares), min_size=1, max_size=10), st.floats(0.0, 1.0))
def test_the_geometric_mean_of_two_is_between_them_in_log_odds(rows, weight):
    one = [
        [(a + 0.01) / (a + b + 0.02) for a, b, _ in rows],
        [(b + 0.01) / (a + b + 0.02) for a, b, _ in rows],
    ]
    two = [
        [(b + 0.01) / (b + c + 0.02) for _, b, c in rows],
        [(c + 0.01) / (b + c + 0.02) for _, b, c in rows],
    ]
    found = np.array(geometric_mean([logarithms(one), logarithms(two)], [weight, 1.0 - weight]))
    np.testing.assert_allclose(found.sum(axis=0), 1.0, rtol=1e-12)
    expected = weight * logit(np.array(one)) + (1.0 - weight) * logit(np.array(two))
    np.testing.assert_allclose(logit(found), expected, rtol=1e-9, atol=1e-9)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p[0] / p[1])


def test_a_row_that_a_model_has_no_say_on_is_the_others():
    sure, silent = [[0.9, 0.2], [0.1, 0.8]], [[math.nan, math.nan], [math.nan, math.nan]]
    found = geometric_mean([logarithms(sure), logarithms(silent)], [1.0, 3.0])
    np.testing.assert_allclose(found, sure, rtol=1e-12)


def test_a_row_that_a_model_has_no_say_on_counts_as_equal_shares_and_no_class_as_impossible():
    found = logarithms([[math.nan, 0.0, 1.0], [math.nan, 0.25, 0.0], [math.nan, 0.75, 0.0]])
    shares = [[1 / 3] * 3, [1e-12, 0.25, 0.75], [1.0, 1e-12, 1e-12]]
    np.testing.assert_allclose(np.exp(found).T, shares, rtol=1e-9)


def test_all_classes_have_a_probability_and_a_row_still_adds_up_to_one():
    found = over_classes([[0.25, 1.0], [0.75, 0.0]], ["a", "c"], ["a", "b", "c", "d"])
    assert found[1] == found[3] == [UNSEEN, UNSEEN]
    np.testing.assert_allclose(np.sum(found, axis=0), 1.0, rtol=1e-12)
    assert found[0][1] > 0.99
    same = over_classes([[0.25], [0.75]], ["a", "c"], ["a", "c"])
    assert same == [[0.25], [0.75]]
