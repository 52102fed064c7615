"""The closed form of discriminant analysis: from what is gathered of the classes to the parameters.

  pooled    linear discriminant analysis: one covariance matrix for all classes
  full      quadratic discriminant analysis: a covariance matrix per class
(`diagonal` is in `naive_bayes`.) Priors are the classes' shares of the train rows. A missing number counts as the
mean of its column; a category is an indicator column a value, but for the most frequent. The conventions (which
divisor) are those of scikit-learn's LinearDiscriminantAnalysis(solver="lsqr") and QuadraticDiscriminantAnalysis
behind SimpleImputer and OneHotEncoder, which are the reference in the tests.
"""

import math
from collections.abc import Sequence
from functools import reduce

from shared.errors import InvalidDatasetError
from shared.model.gaussian.columns import Column
from shared.model.gaussian.design import MAX_INDICATORS, Design
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.gathering import Gathered
from shared.model.gaussian.linear_algebra import independent_columns
from shared.model.gaussian.moments import Moments
from shared.model.rows import Feature

NOTHING_VARIES = "every feature is constant in the training rows, so no model can be fitted"
CONSTANT = "constant in the training rows"
CROWDED = f"the indicator columns of all categories would be more than {MAX_INDICATORS}"
NO_VALUE = "no value in the training rows"
VARIES_BY_ROUNDING = 4 * 2.0**-52  # of its mean: less than this is no variation


def fit(
    found: Gathered, design: Design, features: Sequence[Feature], classes: Sequence[str], covariance: str
) -> Discriminant:
    """The discriminant of train rows, from what has been gathered of them; classes: the names behind the labels.

    Columns that are constant over all train rows are left out of the model; so are, where a covariance matrix is
    inverted, columns that earlier columns determine (`linear_algebra.COLLINEAR`), in any class if there is one
    matrix per class. Raises InvalidDatasetError for no column left, or a class with too few rows for its covariance.
    """
    labels = sorted(found.moments)
    named = tuple(classes[label] for label in labels)
    means = found.means_of_numbers()
    imputed = found.imputed(means)
    total = reduce(Moments.merge, (imputed[label] for label in labels))
    columns, left_out = _columns(design, total, means)
    parts = [imputed[label].restricted(list(columns)) for label in labels]
    total = total.restricted(list(columns))
    kept, reasons = _informative_columns(parts, total, named, len(columns), covariance)
    if not kept:
        raise InvalidDatasetError(NOTHING_VARIES)
    used = tuple(list(columns.values())[i] for i in kept)
    for i, column in enumerate(columns.values()):
        if i in reasons:
            left_out.setdefault(column.feature, reasons[i])
    left_out = {j: reason for j, reason in sorted(left_out.items()) if j not in {c.feature for c in used}}
    parts = [part.restricted(kept) for part in parts]
    return Discriminant(
        covariance=covariance,
        features=tuple(features),
        left_out={features[j].name: reason for j, reason in left_out.items()},
        classes=named,
        priors=tuple(part.count / total.count for part in parts),
        columns=used,
        means=tuple(part.mean for part in parts),
        covariances=_covariances(parts, total.count, covariance),
    )


def _columns(
    design: Design, total: Moments, means: Sequence[float]
) -> tuple[dict[int, Column], dict[int, str]]:
    """The columns of the design by their place in the moments, and features without one, with why.

    total: moments of all train rows; means: what stands for a missing number. The most frequent slot of a category
    is the reference and no column, nor is a slot without train rows.
    """
    columns, left_out = {}, dict.fromkeys(design.crowded, CROWDED)
    for place, (j, mean) in enumerate(zip(design.numbers, means, strict=True)):
        if math.isfinite(mean):
            columns[place] = Column(j, mean)
        else:
            left_out[j] = NO_VALUE
    place = len(design.numbers)
    for category in design.categories:
        rows = [round(total.mean[place + slot] * total.count) for slot in range(len(category.codes))]
        reference = rows.index(max(rows))
        for slot, codes in enumerate(category.codes):
            if slot != reference and rows[slot]:
                columns[place + slot] = Column(category.feature, None, codes)
        if rows[reference] == total.count:
            left_out[category.feature] = CONSTANT
        place += len(rows)
    return columns, left_out


def _informative_columns(
    parts: list[Moments], total: Moments, classes: tuple[str, ...], columns: int, covariance: str
) -> tuple[list[int], dict[int, str]]:
    """Indices of the columns that say something new, and why the others do not."""
    left_out = {j: CONSTANT for j in range(columns) if is_constant(total, j)}
    _check_row_counts(parts, classes, columns - len(left_out), covariance)
    groups = [(f"in class {name!r}", [part]) for name, part in zip(classes, parts, strict=True)]
    for where, group in groups if covariance == "full" else [("in every class", parts)]:
        candidates = [j for j in range(columns) if j not in left_out]
        flat = [j for j in candidates if all(is_constant(part, j) for part in group)]
        left_out |= dict.fromkeys(flat, f"constant {where}")
        candidates = [j for j in candidates if j not in left_out]
        scatter = _within([part.restricted(candidates) for part in group])
        independent = {candidates[i] for i in independent_columns(scatter)}
        determined = [j for j in candidates if j not in independent]
        left_out |= dict.fromkeys(determined, f"determined by earlier columns {where}")
    return [j for j in range(columns) if j not in left_out], left_out


def is_constant(part: Moments, j: int) -> bool:
    """Whether column j varies by no more than a rounding of its mean."""
    return part.scatter[j][j] <= part.count * (VARIES_BY_ROUNDING * part.mean[j]) ** 2


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


def _covariances(parts: list[Moments], rows: int, covariance: str) -> tuple:
    if covariance == "pooled":
        return (_divided(_within(parts), rows),)
    return tuple(_divided(part.scatter, part.count) for part in parts)


def _divided(matrix: Sequence[Sequence[float]], divisor: int) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(value / divisor for value in row) for row in matrix)
