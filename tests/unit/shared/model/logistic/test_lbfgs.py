import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from shared.model.logistic.lbfgs import minimise


def quadratic(matrix: np.ndarray, linear: np.ndarray):
    def objective(point):
        x = np.array(point)
        return float(x @ matrix @ x / 2 - linear @ x), (matrix @ x - linear).tolist()

    return objective


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_minimum_of_a_quadratic_solves_its_linear_system(size, seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    matrix, linear = root @ root.T + np.eye(size), rng.normal(size=size)
    found = minimise(quadratic(matrix, linear), [0.0] * size, 1e-9, 1000)
    np.testing.assert_allclose(found.point, np.linalg.solve(matrix, linear), rtol=0, atol=1e-7)


def test_with_the_curvature_known_a_quadratic_takes_one_step():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(30, 30))
    matrix, linear = root @ root.T + np.eye(30), rng.normal(size=30)
    found = minimise(
        quadratic(matrix, linear), [0.0] * 30, 1e-9, 1000, lambda b: np.linalg.solve(matrix, b).tolist()
    )
    assert found.iterations == 1


def test_a_function_that_is_far_from_quadratic_ends_where_scipy_ends():
    def objective(point):
        values = [math.exp(x - k) + math.exp(-3 * x) + 0.1 * x**4 for k, x in enumerate(point)]
        slopes = [math.exp(x - k) - 3 * math.exp(-3 * x) + 0.4 * x**3 for k, x in enumerate(point)]
        return sum(values), slopes

    expected = minimize(objective, [2.0, -1.0, 4.0], jac=True, method="BFGS", options={"gtol": 1e-10})
    found = minimise(objective, [2.0, -1.0, 4.0], 1e-9, 200)
    np.testing.assert_allclose(found.point, expected.x, rtol=0, atol=1e-7)


def test_the_steps_are_bounded():
    matrix = np.diag(10.0 ** np.arange(8))
    found = minimise(quadratic(matrix, np.ones(8)), [0.0] * 8, 1e-12, 3)
    assert found.iterations == 3
    assert found.slope > 1e-12


def test_a_tolerance_below_rounding_ends_all_the_same():
    matrix = np.array([[2.0, 0.3], [0.3, 1.0]])
    found = minimise(quadratic(matrix, np.array([1.0, 1 / 3])), [0.0, 0.0], 0.0, 10_000)
    assert found.iterations < 100
    np.testing.assert_allclose(found.point, np.linalg.solve(matrix, [1.0, 1 / 3]), atol=1e-8)


def test_the_start_is_kept_where_nothing_is_to_be_done():
    found = minimise(lambda point: (1.0, [0.0, 0.0]), [3.0, 4.0], 1e-10, 10)
    assert (found.point, found.iterations, found.slope) == ([3.0, 4.0], 0, 0.0)
