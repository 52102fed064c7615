"""The little linear algebra a Gaussian discriminant needs, on lists of floats.

Everything is done on correlations, so that a column's unit (a price in the ten thousands beside a
return in the thousandths) does not matter.
"""

import math
from collections.abc import Sequence

Matrix = Sequence[Sequence[float]]

# A column of whose variance the columns before it explain all but this share says nothing new; what is
# left of it is rounding. scikit-learn's least squares cut off at a comparable place.
COLLINEAR = 1e-10


def independent_columns(scatter: Matrix) -> list[int]:
    """Indices, in order, of the columns that are not a linear combination of earlier ones (see COLLINEAR).

    scatter: (d, d), positive semi-definite. A column without scatter is left out too.
    """
    kept: list[int] = []
    rows: list[list[float]] = []
    for j, column in enumerate(scatter):
        if column[j] <= 0.0:
            continue
        row, rest = _cholesky_row(scatter, kept, rows, j)
        if rest > COLLINEAR:
            rows.append([*row, math.sqrt(rest)])
            kept.append(j)
    return kept


def inverse_cholesky(matrix: Matrix) -> list[list[float]]:
    """W, lower triangular (rows of length d), with W matrix W^T = identity: it whitens a deviation.

    matrix: (d, d), positive definite, with independent columns.
    """
    d = len(matrix)
    everything = list(range(d))
    lower: list[list[float]] = []
    for j in range(d):
        row, rest = _cholesky_row(matrix, everything[:j], lower, j)
        lower.append([*row, math.sqrt(rest)])
    inverse: list[list[float]] = []
    for j in range(d):
        row = [
            -math.sumprod(lower[j][k:j], [inverse[i][k] for i in range(k, j)]) / lower[j][j] for k in range(j)
        ]
        inverse.append([*row, 1.0 / lower[j][j]])
    scale = [math.sqrt(matrix[j][j]) for j in range(d)]
    return [[value / scale[k] for k, value in enumerate(row)] + [0.0] * (d - len(row)) for row in inverse]


def solve(whitening: Matrix, vector: Sequence[float]) -> list[float]:
    """matrix^-1 vector, from the matrix's `inverse_cholesky`."""
    white = [math.sumprod(row, vector) for row in whitening]
    return [math.sumprod(column, white) for column in zip(*whitening, strict=True)]


def log_determinant(whitening: Matrix) -> float:
    """log det(matrix), from the matrix's `inverse_cholesky`."""
    return -2.0 * math.fsum(math.log(row[j]) for j, row in enumerate(whitening))


def _cholesky_row(
    matrix: Matrix, columns: list[int], lower: list[list[float]], j: int
) -> tuple[list[float], float]:
    """Row of column j in the Cholesky factor of the correlation matrix of `columns`, and the share of j's
    variance that they do not explain."""
    row: list[float] = []
    for i, column in enumerate(columns):
        correlation = matrix[j][column] / math.sqrt(matrix[j][j]) / math.sqrt(matrix[column][column])
        row.append((correlation - math.sumprod(row, lower[i][:i])) / lower[i][i])
    return row, 1.0 - math.sumprod(row, row)
