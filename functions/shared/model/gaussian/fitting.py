"""The closed form of Gaussian discriminant analysis: from the moments of the classes to the parameters.

  diagonal  Gaussian naive Bayes: a variance per class and column
  pooled    linear discriminant analysis: one covariance matrix for all classes
  full      quadratic discriminant analysis: a covariance matrix per class
Priors are the classes' shares of the training rows. The conventions (which divisor, which smoothing) are
those of scikit-learn's GaussianNB, LinearDiscriminantAnalysis(solver="lsqr") and
QuadraticDiscriminantAnalysis, which are the reference in the tests.
"""

import math
from collections.abc import Sequence
from functools import reduce

from shared.errors import InvalidDatasetError
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.linear_algebra import independent_columns
from shared.model.gaussian.moments import Moments
from shared.model.rows import Feature

# scikit-learn's var_smoothing: this share of the largest column variance is added to every variance.
VARIANCE_SMOOTHING = 1e-9
_EPSILON = 2.0**-52


def fit(moments: dict[str, Moments], features: Sequence[Feature], covariance: str) -> Discriminant:
    """The discriminant of training rows, from the moments of each class by its name.

    Columns that are constant over all training rows are left out of the model; so are, where a covariance
    matrix is inverted, columns that earlier columns determine (`linear_algebra.COLLINEAR`), in any class if
    there is one matrix per class. Raises InvalidDatasetError for fewer than two classes, no column left, or
    a class with too few rows for its covariance.
    """
    if len(moments) < 2:
        raise InvalidDatasetError(
            f"the training rows hold only the class {next(iter(moments), None)!r}; at least two are needed "
            '(split "shuffled" mixes the rows before they are divided)'
        )
    classes = tuple(sorted(moments))
    parts = [moments[name] for name in classes]
    total = reduce(Moments.merge, parts)
    names = [feature.name for feature in features]
    kept, left_out = _informative_columns(parts, total, classes, names, covariance)
    if not kept:
        raise InvalidDatasetError("every feature is constant in the training rows, so no model can be fitted")
    parts = [part.restricted(kept) for part in parts]
    return Discriminant(
        covariance=covariance,
        features=tuple(features),
        left_out=left_out,
        classes=classes,
        priors=tuple(part.count / total.count for part in parts),
        means=tuple(part.mean for part in parts),
        covariances=_covariances(parts, total.restricted(kept), covariance),
    )


def _informative_columns(
    parts: list[Moments],
    total: Moments,
    classes: tuple[str, ...],
    features: Sequence[str],
    covariance: str,
) -> tuple[list[int], dict[str, str]]:
    left_out = {j: "constant in the training rows" for j in range(len(features)) if _is_constant(total, j)}
    if covariance != "diagonal":
        _check_row_counts(parts, classes, len(features) - len(left_out), covariance)
        groups = [(f"in class {name!r}", [part]) for name, part in zip(classes, parts, strict=True)]
        for where, group in groups if covariance == "full" else [("in every class", parts)]:
            candidates = [j for j in range(len(features)) if j not in left_out]
            flat = [j for j in candidates if all(_is_constant(part, j) for part in group)]
            left_out |= dict.fromkeys(flat, f"constant {where}")
            candidates = [j for j in candidates if j not in left_out]
            scatter = _within([part.restricted(candidates) for part in group])
            independent = {candidates[i] for i in independent_columns(scatter)}
            determined = [j for j in candidates if j not in independent]
            left_out |= dict.fromkeys(determined, f"determined by earlier columns {where}")
    kept = [j for j in range(len(features)) if j not in left_out]
    return kept, {features[j]: left_out[j] for j in sorted(left_out)}


def _is_constant(part: Moments, j: int) -> bool:
    """Whether column j varies by no more than a rounding of its mean."""
    return part.scatter[j][j] <= part.count * (4 * _EPSILON * part.mean[j]) ** 2


def _check_row_counts(parts: list[Moments], classes: tuple[str, ...], columns: int, covariance: str) -> None:
    """Fewer rows than this leave a covariance matrix of so many columns singular, whatever the data."""
    if covariance == "pooled":
        rows = sum(part.count for part in parts)
        if rows < columns + len(parts):
            raise InvalidDatasetError(
                f"{rows} training rows are too few for the covariance matrix of {columns} features and "
                f"{len(parts)} classes: at least {columns + len(parts)} are needed; "
                'covariance "diagonal" does with fewer'
            )
        return
    for name, part in zip(classes, parts, strict=True):
        if part.count <= columns:
            raise InvalidDatasetError(
                f"class {name!r} has {part.count} training rows, too few for its own covariance matrix of "
                f'{columns} features: at least {columns + 1} are needed; covariance "pooled" or "diagonal" does '
                "with fewer"
            )


def _within(parts: list[Moments]) -> list[list[float]]:
    """Pooled within-class scatter matrix."""
    return [
        [math.fsum(cells) for cells in zip(*rows, strict=True)]
        for rows in zip(*(p.scatter for p in parts), strict=True)
    ]


def _covariances(parts: list[Moments], total: Moments, covariance: str) -> tuple:
    if covariance == "diagonal":
        smoothing = VARIANCE_SMOOTHING * max(
            total.scatter[j][j] / total.count for j in range(len(total.mean))
        )
        return tuple(
            tuple(part.scatter[j][j] / part.count + smoothing for j in range(len(part.mean)))
            for part in parts
        )
    if covariance == "pooled":
        return (_divided(_within(parts), total.count),)
    return tuple(_divided(part.scatter, part.count) for part in parts)


def _divided(matrix: Sequence[Sequence[float]], divisor: int) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(value / divisor for value in row) for row in matrix)
