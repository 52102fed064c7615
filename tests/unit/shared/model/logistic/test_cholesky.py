"""The guess at the curvature: NumPy's solution where there is one, and of a singular matrix one of its own size."""

import numpy as np
import pytest

from shared.model.logistic.design import _Cholesky

DRAW = np.random.default_rng(5)


def normal(columns: int, twins: bool = False) -> np.ndarray:
    design = np.column_stack([np.ones(40), DRAW.normal(size=(40, columns - 1))])
    if twins:
        design[:, -1] = design[:, -2]
    return design.T @ design


@pytest.mark.parametrize("columns", [1, 2, 7])
@pytest.mark.parametrize(("scale", "ridge"), [(1.0, 0.0), (0.25, 3.0), (1e-6, 1e-9)])
def test_solutions_are_numpys(columns, scale, ridge):
    matrix, right = normal(columns), DRAW.normal(size=columns)
    penalised = scale * matrix + ridge * np.diag([0.0, *[1.0] * (columns - 1)])
    found = _Cholesky(matrix.tolist(), scale, ridge).solve(right.tolist())
    np.testing.assert_allclose(found, np.linalg.solve(penalised, right), rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e3, 1e8])
def test_of_two_equal_columns_there_is_a_solution_that_goes_with_the_matrix(scale):
    matrix = normal(4, twins=True)
    right = matrix @ [1.0, 2.0, 3.0, 4.0]
    one = np.array(_Cholesky(matrix.tolist(), 1.0, 0.0).solve(right.tolist()))
    np.testing.assert_allclose(matrix @ one, right, rtol=1e-6)
    scaled = np.array(_Cholesky(matrix.tolist(), scale, 0.0).solve((scale * right).tolist()))
    np.testing.assert_allclose(scaled, one, rtol=1e-4, atol=1e-4)
