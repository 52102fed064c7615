"""Cholesky, against NumPy."""

import numpy as np
import pytest

from shared.model.gaussian.linear_algebra import independent_columns, inverse_cholesky, log_determinant, solve


def covariance(d: int, seed: int = 0, scales: np.ndarray | None = None) -> np.ndarray:
    generator = np.random.default_rng(seed)
    factor = generator.normal(size=(d, d)) + 2 * np.eye(d)
    scale = np.ones(d) if scales is None else scales
    return (factor @ factor.T) * np.outer(scale, scale)


UNITS = np.array([1e-8, 1.0, 1e8, 1e3])
MATRICES = [covariance(1), covariance(2), covariance(7), covariance(4, 1, UNITS), covariance(20, 2)]


@pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: f"d={len(matrix)}")
def test_whitening_gives_the_identity(matrix):
    whitening = np.array(inverse_cholesky(matrix.tolist()))
    np.testing.assert_array_equal(whitening, np.tril(whitening))
    np.testing.assert_allclose(whitening @ matrix @ whitening.T, np.eye(len(matrix)), atol=1e-11)


@pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: f"d={len(matrix)}")
def test_solve_is_numpy_s(matrix):
    vector = np.arange(1.0, len(matrix) + 1)
    scale = np.sqrt(np.diag(matrix))
    expected = np.linalg.solve(matrix / np.outer(scale, scale), vector / scale) / scale
    np.testing.assert_allclose(
        solve(inverse_cholesky(matrix.tolist()), vector.tolist()), expected, rtol=1e-10
    )


@pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: f"d={len(matrix)}")
def test_the_log_determinant_is_numpy_s(matrix):
    sign, expected = np.linalg.slogdet(matrix)
    assert sign == 1
    assert log_determinant(inverse_cholesky(matrix.tolist())) == pytest.approx(expected, rel=1e-11)


def scatter(columns: np.ndarray) -> list[list[float]]:
    centred = columns - columns.mean(axis=0)
    return (centred.T @ centred).tolist()


def test_columns_that_say_something_new_are_kept():
    assert independent_columns(scatter(np.random.default_rng(1).normal(size=(50, 4)))) == [0, 1, 2, 3]


def test_a_column_that_earlier_ones_determine_is_left_out():
    rows = np.random.default_rng(2).normal(size=(50, 2)) * [1.0, 1000.0]
    columns = np.column_stack(
        [rows[:, 0], rows[:, 1], rows @ [3.0, -0.5], 7 * rows[:, 0] + 1, rows[:, 0] ** 2]
    )
    assert independent_columns(scatter(columns)) == [0, 1, 4]


def test_a_constant_column_is_left_out():
    columns = np.column_stack([np.full(50, 3.0), np.arange(50.0)])
    assert independent_columns(scatter(columns)) == [1]


def test_nearly_the_same_column_is_kept_while_it_says_something_new():
    generator = np.random.default_rng(3)
    column = generator.normal(size=500)
    columns = np.column_stack([column, column + 1e-4 * generator.normal(size=500)])
    assert independent_columns(scatter(columns)) == [0, 1]


def test_no_columns_at_all():
    assert independent_columns([]) == []
