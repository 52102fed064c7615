"""Gaussian discriminant analysis in closed form, from class summaries.

  diagonal  Gaussian naive Bayes: a variance per class and column
  pooled    linear discriminant analysis: one covariance matrix for all classes
  full      quadratic discriminant analysis: a covariance matrix per class
Priors are the classes' shares of the training rows. The conventions (which divisor, which smoothing) are
those of scikit-learn's GaussianNB, LinearDiscriminantAnalysis(solver="lsqr") and
QuadraticDiscriminantAnalysis, which are the reference in the tests.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import repeat
from operator import lt, sub, truediv

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from summarize.class_summary import ClassSummary
from summarize.linear_algebra import independent_columns, inverse_cholesky, log_determinant, solve

# scikit-learn's var_smoothing: this share of the largest column variance is added to every variance.
VARIANCE_SMOOTHING = 1e-9
_EPSILON = 2.0**-52


@dataclass(frozen=True)
class Discriminant:
    """A fitted model of d features and K classes, enough to predict from.

    features: names of the d columns it reads; left_out: name -> reason of the others.
    classes: K names, sorted; priors: (K,); means: (K, d).
    covariances: (K, d) variances if diagonal, else one (pooled) or K (full) matrices (d, d).
    """

    covariance: str
    features: tuple[str, ...]
    left_out: dict[str, str]
    classes: tuple[str, ...]
    priors: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple

    def to_json(self) -> Json:
        return {
            "covariance": self.covariance,
            "features": self.features,
            "left_out": self.left_out,
            "classes": self.classes,
            "priors": self.priors,
            "means": self.means,
            "covariances": self.covariances,
        }

    @classmethod
    def from_json(cls, value: Json) -> "Discriminant":
        """The model that `to_json` wrote, number for number."""

        def floats(numbers: Sequence[float]) -> tuple[float, ...]:
            return tuple(map(float, numbers))

        matrix = floats if value["covariance"] == "diagonal" else lambda rows: tuple(map(floats, rows))
        return cls(
            covariance=value["covariance"],
            features=tuple(value["features"]),
            left_out=dict(value["left_out"]),
            classes=tuple(value["classes"]),
            priors=floats(value["priors"]),
            means=tuple(map(floats, value["means"])),
            covariances=tuple(map(matrix, value["covariances"])),
        )


def fit(summaries: dict[str, ClassSummary], features: Sequence[str], covariance: str) -> Discriminant:
    """The discriminant of training rows summarized by class name.

    Columns that are constant over all training rows are left out of the model; so are, where a covariance
    matrix is inverted, columns that earlier columns determine (`linear_algebra.COLLINEAR`), in any class if
    there is one matrix per class. Raises InvalidDatasetError for fewer than two classes, no column left, or
    a class with too few rows for its covariance.
    """
    if len(summaries) < 2:
        raise InvalidDatasetError(
            f"the training rows hold only the class {next(iter(summaries), None)!r}; at least two are needed "
            '(split "shuffled" mixes the rows before they are divided)'
        )
    classes = tuple(sorted(summaries))
    parts = [summaries[name] for name in classes]
    total = reduce(ClassSummary.merge, parts)
    kept, left_out = _informative_columns(parts, total, classes, features, covariance)
    if not kept:
        raise InvalidDatasetError("every feature is constant in the training rows, so no model can be fitted")
    parts = [part.restricted(kept) for part in parts]
    return Discriminant(
        covariance=covariance,
        features=tuple(features[j] for j in kept),
        left_out=left_out,
        classes=classes,
        priors=tuple(part.count / total.count for part in parts),
        means=tuple(part.mean for part in parts),
        covariances=_covariances(parts, total.restricted(kept), covariance),
    )


def _informative_columns(
    parts: list[ClassSummary],
    total: ClassSummary,
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


def _is_constant(part: ClassSummary, j: int) -> bool:
    """Whether column j varies by no more than a rounding of its mean."""
    return part.scatter[j][j] <= part.count * (4 * _EPSILON * part.mean[j]) ** 2


def _check_row_counts(
    parts: list[ClassSummary], classes: tuple[str, ...], columns: int, covariance: str
) -> None:
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


def _within(parts: list[ClassSummary]) -> list[list[float]]:
    """Pooled within-class scatter matrix."""
    return [
        [math.fsum(cells) for cells in zip(*rows, strict=True)]
        for rows in zip(*(p.scatter for p in parts), strict=True)
    ]


def _covariances(parts: list[ClassSummary], total: ClassSummary, covariance: str) -> tuple:
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


class Scorer:
    """Scores rows with a discriminant: what is constant for the model is worked out once.

    Linear forms are taken of the rows as they are, without centring them first: a constant is appended to
    the weights, and `sumprod` rounds the whole sum once.
    """

    def __init__(self, model: Discriminant) -> None:
        self._model = model
        log_priors = list(map(math.log, model.priors))
        if model.covariance == "pooled":
            self._linear = _linear_scores(model, log_priors)
        elif model.covariance == "full":
            whitenings = [inverse_cholesky(matrix) for matrix in model.covariances]
            self._directions = [
                [_linear_form(direction, mean) for direction in whitening]
                for whitening, mean in zip(whitenings, model.means, strict=True)
            ]
            self._bias = [
                log_prior - log_determinant(whitening) / 2
                for log_prior, whitening in zip(log_priors, whitenings, strict=True)
            ]
        else:
            self._precisions = [[1.0 / variance for variance in row] for row in model.covariances]
            self._bias = [
                log_prior - math.fsum(map(math.log, variances)) / 2
                for log_prior, variances in zip(log_priors, model.covariances, strict=True)
            ]

    def scores(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        """log(prior * density) of each class (K lists of n), up to a term that all classes share.

        columns: the model's d features, n values each.
        """
        classes = range(len(self._model.classes))
        if self._model.covariance == "diagonal":
            return [self._diagonal_scores(k, columns) for k in classes]
        rows = list(zip(*columns, repeat(1.0), repeat(1.0)))
        if self._model.covariance == "pooled":
            others = [list(map(math.sumprod, repeat(form), rows)) for form in self._linear]
            return [[0.0] * len(rows), *others]
        return [self._full_scores(k, rows) for k in classes]

    def _diagonal_scores(self, k: int, columns: Sequence[Sequence[float]]) -> list[float]:
        means, precisions, bias = self._model.means[k], self._precisions[k], self._bias[k]
        squares = [
            [(value - mean) * (value - mean) for value in column]
            for column, mean in zip(columns, means, strict=True)
        ]
        distances = map(math.sumprod, repeat(precisions), zip(*squares, strict=True))
        return [bias - distance / 2 for distance in distances]

    def _full_scores(self, k: int, rows: list[tuple[float, ...]]) -> list[float]:
        bias = self._bias[k]
        white = [list(map(math.sumprod, repeat(form), rows)) for form in self._directions[k]]
        return [bias - math.sumprod(row, row) / 2 for row in zip(*white, strict=True)]


def _linear_scores(model: Discriminant, log_priors: list[float]) -> list[tuple[float, ...]]:
    """Linear forms of the scores of classes 1 to K-1 over that of class 0."""
    whitening = inverse_cholesky(model.covariances[0])
    forms = []
    for log_prior, mean in zip(log_priors[1:], model.means[1:], strict=True):
        difference = list(map(sub, mean, model.means[0]))
        middle = [(a + b) / 2 for a, b in zip(mean, model.means[0], strict=True)]
        forms.append(_linear_form(solve(whitening, difference), middle, log_prior - log_priors[0]))
    return forms


def _linear_form(
    weights: Sequence[float], origin: Sequence[float], constant: float = 0.0
) -> tuple[float, ...]:
    """Weights w with sumprod(w, (*x, 1, 1)) = constant + weights . (x - origin)."""
    terms = [*weights, constant], [*(-value for value in origin), 1.0]
    high = math.sumprod(*terms)
    low = math.sumprod([*terms[0], high], [*terms[1], -1.0])  # what rounding took
    return (*weights, high, low)


def predicted_of(scores: Sequence[Sequence[float]]) -> list[int]:
    """Index of the class with the highest score for each row; the first one where several have it."""
    if len(scores) == 2:
        return list(map(int, map(lt, *scores)))
    return [row.index(max(row)) for row in zip(*scores, strict=True)]


def probabilities_of(scores: Sequence[Sequence[float]]) -> list[list[float]]:
    """Class probabilities (K lists of n) from the scores (K lists of n): softmax, safe from overflow."""
    if len(scores) == 2:
        return [_logistic(*scores), _logistic(*reversed(scores))]
    highest = list(map(max, *scores))
    weights = [list(map(math.exp, map(sub, column, highest))) for column in scores]
    totals = [math.fsum(row) for row in zip(*weights, strict=True)]
    return [list(map(truediv, column, totals)) for column in weights]


def _logistic(own: Sequence[float], other: Sequence[float]) -> list[float]:
    # exp(700) is the largest power that float64 holds; 1 / (1 + exp(700)) is 1e-304.
    return [
        1.0 / (1.0 + math.exp(b - a if b - a < 700.0 else 700.0)) for a, b in zip(own, other, strict=True)
    ]
