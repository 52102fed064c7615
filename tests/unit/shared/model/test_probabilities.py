"""From scores to probabilities and predicted classes."""

import math

import pytest

from shared.model.probabilities import predicted_of, probabilities_of


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
