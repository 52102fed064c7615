"""What may be wrong with the numbers of a discriminant that came from a JSON, in words."""

import math
from collections.abc import Iterator, Sequence

from shared.model.gaussian.columns import Column, Table
from shared.model.rows import Feature

Matrix = Sequence[Sequence[float]]


def problems_of_places(
    features: Sequence[Feature], classes: Sequence[str], columns: Sequence[Column], tables: Sequence[Table]
) -> Iterator[str]:
    """Columns and tables that do not fit the features and classes."""
    if (not columns and not tables) or len(classes) < 2:
        yield f"{len(columns) + len(tables)} features and {len(classes)} classes"
    entries: list[Column | Table] = [*columns, *tables]
    for entry in entries:
        feature = features[entry.feature]
        values = feature.values
        if (values is not None) != bool(entry.codes):
            kind = "a number" if values is None else "a category"
            yield f"{feature.name!r} is {kind}, and its column is for the other"
        elif values is not None and not all(0 <= code < 2 + len(values) for code in entry.codes):
            yield f"{feature.name!r} has no code {max(entry.codes)}"
    for table in tables:
        if [len(of_class) for of_class in table.shares] != [len(table.codes)] * len(classes):
            yield f"the shares of {features[table.feature].name!r} are not {len(classes)} rows of {len(table.codes)}"
        if any(not 0.0 < share <= 1.0 for of_class in table.shares for share in of_class):
            yield f"a share of {features[table.feature].name!r} is not above 0 and at most 1"


def problems_of_numbers(
    covariance: str, priors: Sequence[float], means: Matrix, covariances: Sequence, columns: int
) -> Iterator[str]:
    """Means and covariances that do not fit one another."""
    d, k = columns, len(priors)
    shapes = {"diagonal": [d] * k, "pooled": [d], "full": [d] * k}
    if covariance not in shapes:
        yield f"covariance {covariance!r} is none of {', '.join(shapes)}"
        return
    if [len(mean) for mean in means] != [d] * k:
        yield f"means is not {k} rows of {d} numbers"
    if [len(entry) for entry in covariances] != shapes[covariance]:
        yield f"covariances does not fit {k} classes and {d} features"
    square = covariance != "diagonal"
    rows = [row for matrix in covariances for row in matrix] if square else list(covariances)
    if any(len(row) != d for row in rows):
        yield f"covariances has a row that is not {d} numbers"
        return
    numbers = [priors, *means, *rows]
    if not all(math.isfinite(value) for row in numbers for value in row):
        yield "a number is NaN or infinite"
    if min(priors, default=1.0) <= 0.0:
        yield "a prior is not positive"
        return
    if any(not _is_symmetric(matrix) for matrix in (covariances if square else ())):
        yield "a covariance matrix is not symmetric"


def _is_symmetric(matrix: Sequence[Sequence[float]]) -> bool:
    """Up to rounding: where rows are merged, the two halves are rounded apart."""
    return all(
        abs(row[j] - matrix[j][i]) <= 1e-9 * math.sqrt(abs(row[i] * matrix[j][j]))
        for i, row in enumerate(matrix)
        for j in range(i)
    )
