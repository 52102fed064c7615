"""Numbers of a model that do not fit together are named, and only those."""

import math

import pytest

from shared.model.gaussian.problems import problems_of_numbers

PRIORS, MEANS = [0.6, 0.4], [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
UNIT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
SOUND = {"diagonal": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "pooled": [UNIT], "full": [UNIT, UNIT]}
SHAPE = "covariances does not fit 2 classes and 3 features"
ROW = "covariances has a row that is not 3 numbers"


def found(covariance: str, covariances: list, means: list = MEANS, priors: list = PRIORS) -> list[str]:
    return list(problems_of_numbers(covariance, priors, means, covariances, 3))


@pytest.mark.parametrize("covariance", SOUND)
def test_of_sound_numbers_there_is_none(covariance):
    assert found(covariance, SOUND[covariance]) == []


def test_a_covariance_that_no_model_has_is_told_alone():
    assert found("round", [], means=[]) == ["covariance 'round' is none of diagonal, pooled, full"]


@pytest.mark.parametrize(
    "means", [[], MEANS[:1], [*MEANS, MEANS[0]], [[0.0, 1.0], MEANS[1]], [[0.0] * 4, MEANS[1]]]
)
def test_means_are_as_many_as_classes_and_features(means):
    assert found("pooled", [UNIT], means=means) == ["means is not 2 rows of 3 numbers"]


@pytest.mark.parametrize(
    ("covariance", "covariances", "told"),
    [
        ("diagonal", [], [SHAPE]),
        ("diagonal", SOUND["diagonal"][:1], [SHAPE]),
        ("diagonal", [*SOUND["diagonal"], [1.0, 1.0, 1.0]], [SHAPE]),
        ("diagonal", [[1.0, 2.0], [3.0, 4.0, 5.0]], [SHAPE, ROW]),
        ("pooled", [], [SHAPE]),
        ("pooled", [UNIT, UNIT], [SHAPE]),
        ("pooled", [UNIT[:2]], [SHAPE]),
        ("pooled", [[*UNIT[:2], [0.0, 0.0]]], [ROW]),
        ("full", [UNIT], [SHAPE]),
        ("full", [UNIT, UNIT, UNIT], [SHAPE]),
        ("full", [UNIT, [*UNIT[:2], [0.0] * 4]], [ROW]),
    ],
)
def test_covariances_are_as_many_as_the_kind_of_model_has(covariance, covariances, told):
    assert found(covariance, covariances) == told


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["prior", "mean", "covariance"])
def test_every_number_is_finite(value, place):
    priors = [0.6, value] if place == "prior" else PRIORS
    means = [[0.0, value, 2.0], MEANS[1]] if place == "mean" else MEANS
    variances = [[1.0, 2.0, value], SOUND["diagonal"][1]] if place == "covariance" else SOUND["diagonal"]
    assert found("diagonal", variances, means, priors)[0] == "a number is NaN or infinite"


@pytest.mark.parametrize(
    ("prior", "told"), [(0.0, ["a prior is not positive"]), (-0.1, ["a prior is not positive"]), (1e-300, [])]
)
def test_every_class_has_a_chance(prior, told):
    assert found("pooled", [UNIT], priors=[1.0, prior]) == told


@pytest.mark.parametrize(
    ("apart", "told"), [(0.0, []), (1e-10, []), (1e-7, ["a covariance matrix is not symmetric"])]
)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_a_matrix_is_symmetric_up_to_rounding_whatever_its_size(apart, told, scale):
    matrix = [[4 * scale, scale, 0.0], [scale * (1 + apart), 9 * scale, 0.0], [0.0, 0.0, scale]]
    assert found("pooled", [matrix]) == told
    assert found("full", [UNIT, matrix]) == told
