"""Naive Bayes in closed form: within a class, numbers are normal, categories have shares, and all are independent.

The conventions are those of scikit-learn's GaussianNB behind StandardScaler and of CategoricalNB(alpha=1), which are
the reference in the tests. A missing number, and a value that no train row has, say nothing: they are skipped.
"""

import math
from collections import Counter
from collections.abc import Sequence

from shared.errors import InvalidDatasetError
from shared.model.gaussian.columns import Column, Table
from shared.model.gaussian.design import Design
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.fitting import CONSTANT, NO_VALUE, NOTHING_VARIES, VARIES_BY_ROUNDING
from shared.model.gaussian.marginals import Marginals
from shared.model.rows import Feature

# scikit-learn's var_smoothing. This share of the column's variance is added to those within the classes; of the largest
# column's variance, as GaussianNB has it where nobody has standardised, columns in a small unit would not count.
VARIANCE_SMOOTHING = 1e-9
ALPHA = 1.0  # rows that every code of a category has in every class before any is seen


def fit_naive_bayes(
    found: Marginals, design: Design, features: Sequence[Feature], classes: Sequence[str]
) -> Discriminant:
    """The model of train rows, from what has been gathered of them; classes: the names behind the labels.

    Raises InvalidDatasetError where no feature varies.
    """
    labels = sorted(found.rows)
    named = tuple(classes[label] for label in labels)
    rows = [found.rows[label] for label in labels]
    present = [[found.present(label, place) for place in range(len(design.numbers))] for label in labels]
    columns: list[int] = []  # places among the numbers
    variances: list[float] = []  # of these, over all classes
    left_out: dict[int, str] = {}
    for place, j in enumerate(design.numbers):
        of_classes = [numbers[place] for numbers in present]
        count = sum(n for n, _, _ in of_classes)
        empty = next((name for name, (n, _, _) in zip(named, of_classes, strict=True) if not n), None)
        if not count:
            left_out[j] = NO_VALUE
            continue
        if empty is not None:
            left_out[j] = f"no value in class {empty!r}"
            continue
        mean = math.fsum(n * mean for n, mean, _ in of_classes) / count
        scatter = math.fsum(squares + n * (own - mean) ** 2 for n, own, squares in of_classes)
        if scatter <= count * (VARIES_BY_ROUNDING * mean) ** 2:
            left_out[j] = CONSTANT
            continue
        columns.append(place)
        variances.append(scatter / count)
    tables = []
    for j in design.counted:
        codes = [found.counts[label][j] for label in labels]
        if table := _table(j, codes):
            tables.append(table)
        else:
            left_out[j] = CONSTANT
    if not columns and not tables:
        raise InvalidDatasetError(NOTHING_VARIES)
    return Discriminant(
        covariance="diagonal",
        features=tuple(features),
        left_out={features[j].name: left_out[j] for j in sorted(left_out)},
        classes=named,
        priors=tuple(n / sum(rows) for n in rows),
        columns=tuple(Column(design.numbers[place]) for place in columns),
        means=tuple(tuple(numbers[place][1] for place in columns) for numbers in present),
        covariances=tuple(
            tuple(
                numbers[place][2] / numbers[place][0] + VARIANCE_SMOOTHING * variance
                for place, variance in zip(columns, variances, strict=True)
            )
            for numbers in present
        ),
        tables=tuple(tables),
    )


def _table(feature: int, counts: Sequence[Counter[int]]) -> Table | None:
    """The shares of the codes that train rows have; None where they all have the same."""
    codes = sorted(set().union(*counts))
    if len(codes) < 2:
        return None
    shares = tuple(
        tuple((of_class[code] + ALPHA) / (of_class.total() + ALPHA * len(codes)) for code in codes)
        for of_class in counts
    )
    return Table(feature, tuple(codes), shares)
