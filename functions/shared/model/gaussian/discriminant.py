"""A fitted Gaussian discriminant: it scores rows, goes to JSON and back, and says what matters in it.

How it is fitted stands in `fitting`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import sub
from typing import ClassVar

from shared.event_fields import Json
from shared.model.gaussian.linear_algebra import inverse_cholesky, solve
from shared.model.gaussian.scoring import Scorer
from shared.model.probabilities import probabilities_of
from shared.model.protocol import Curve, Importance
from shared.model.rows import Feature

_IN_WORDS = {
    "diagonal": "Gaussian naive Bayes: within a class, features are normal and independent",
    "pooled": "linear discriminant analysis: within a class, features are normal, with one covariance for all classes",
    "full": "quadratic discriminant analysis: within a class, features are normal, with its own covariance",
}


@dataclass(frozen=True)
class Discriminant:
    """A fitted model of K classes, enough to predict from. d counts the features that are not left out.

    classes: K names, sorted; priors: (K,); means: (K, d).
    covariances: (K, d) variances if diagonal, else one (pooled) or K (full) matrices (d, d).
    """

    kind: ClassVar[str] = "gaussian"

    covariance: str
    features: tuple[Feature, ...]
    left_out: dict[str, str]
    classes: tuple[str, ...]
    priors: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the d features that are not left out."""
        return tuple(self.features[j].name for j in self._used)

    @cached_property
    def _used(self) -> list[int]:
        return [j for j, feature in enumerate(self.features) if feature.name not in self.left_out]

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.covariance, self.priors, self.means, self.covariances)

    def scores(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        """log(prior * density) of each class (K lists of n), up to a term that all classes share."""
        return self._scorer.scores([columns[j] for j in self._used])

    def probabilities(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        return probabilities_of(self.scores(columns))

    def describe(self) -> str:
        return _IN_WORDS[self.covariance]

    def to_json(self) -> Json:
        return {
            "covariance": self.covariance,
            "left_out": self.left_out,
            "priors": self.priors,
            "means": self.means,
            "covariances": self.covariances,
        }

    @classmethod
    def from_json(cls, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> "Discriminant":
        def floats(numbers: Sequence[float]) -> tuple[float, ...]:
            return tuple(map(float, numbers))

        matrix = floats if value["covariance"] == "diagonal" else lambda rows: tuple(map(floats, rows))
        return cls(
            covariance=value["covariance"],
            features=tuple(features),
            left_out=dict(value["left_out"]),
            classes=tuple(classes),
            priors=floats(value["priors"]),
            means=tuple(map(floats, value["means"])),
            covariances=tuple(map(matrix, value["covariances"])),
        )

    def problems(self) -> Iterator[str]:
        d, k = len(self._used), len(self.classes)
        shapes = {"diagonal": [d] * k, "pooled": [d], "full": [d] * k}
        if self.covariance not in shapes:
            yield f"covariance {self.covariance!r} is none of {', '.join(shapes)}"
            return
        if not d or k < 2:
            yield f"{d} features and {k} classes"
        if len(self.priors) != k:
            yield f"priors has {len(self.priors)} numbers for {k} classes"
        if [len(mean) for mean in self.means] != [d] * k:
            yield f"means is not {k} rows of {d} numbers"
        if [len(entry) for entry in self.covariances] != shapes[self.covariance]:
            yield f"covariances does not fit {k} classes and {d} features"
        square = self.covariance != "diagonal"
        rows = [row for matrix in self.covariances for row in matrix] if square else list(self.covariances)
        if any(len(row) != d for row in rows):
            yield f"covariances has a row that is not {d} numbers"
            return
        numbers = [self.priors, *self.means, *rows]
        if not all(math.isfinite(value) for row in numbers for value in row):
            yield "a number is NaN or infinite"
        if min(self.priors, default=1.0) <= 0.0:
            yield "a prior is not positive"
            return
        if any(not _is_symmetric(matrix) for matrix in (self.covariances if square else ())):
            yield "a covariance matrix is not symmetric"
        try:
            _ = self._scorer
        except (ValueError, ZeroDivisionError):  # a root or logarithm of what is not positive
            yield "a covariance is not positive definite"

    def importance(self) -> Importance:
        """What a step of one deviation within the classes says for a class.

        pooled: standardised linear coefficients, the change of the class's log-odds against the mean class (of two
        classes: of the second one's log-odds against the first's). Else standardised mean differences: how far the
        class's mean is from the mean of all train rows (of two: from the first class's).
        """
        two = len(self.classes) == 2
        scale = self._within_deviations()
        if two:
            origin, named = self.means[0], [(self.classes[1], self.means[1])]
        else:
            origin = [math.sumprod(self.priors, column) for column in zip(*self.means, strict=True)]
            named = list(zip(self.classes, self.means, strict=True))
        if self.covariance == "pooled":
            whitening = inverse_cholesky(self.covariances[0])
            measure = "standardised linear coefficients"
            meaning = (
                "what one deviation more of a feature, the others staying as they are, adds to the log-odds"
            )
            numbers = {
                name: [
                    s * w for s, w in zip(scale, solve(whitening, list(map(sub, mean, origin))), strict=True)
                ]
                for name, mean in named
            }
        else:
            measure = "standardised mean differences"
            meaning = "how far apart the means are, in deviations within a class"
            numbers = {
                name: [(a - b) / s for a, b, s in zip(mean, origin, scale, strict=True)]
                for name, mean in named
            }
        return Importance(measure, meaning, self.names, numbers, self._curves())

    def _deviations(self) -> list[list[float]]:
        """Standard deviation of each feature within each class (K, d)."""
        if self.covariance == "diagonal":
            return [list(map(math.sqrt, variances)) for variances in self.covariances]
        of_matrix = [[math.sqrt(row[j]) for j, row in enumerate(matrix)] for matrix in self.covariances]
        return of_matrix if self.covariance == "full" else of_matrix * len(self.classes)

    def _within_deviations(self) -> list[float]:
        """Standard deviation (d) of the train rows about their class's mean."""
        return [
            math.sqrt(math.fsum(prior * s * s for prior, s in zip(self.priors, column, strict=True)))
            for column in zip(*self._deviations(), strict=True)
        ]

    def _curves(self) -> dict[str, list[Curve]]:
        deviations = self._deviations()
        return {
            name: [
                Curve(self.classes[k], self.means[k][j], deviations[k][j]) for k in range(len(self.classes))
            ]
            for j, name in enumerate(self.names)
        }


def _is_symmetric(matrix: Sequence[Sequence[float]]) -> bool:
    """Up to rounding: where rows are merged, the two halves are rounded apart."""
    return all(
        abs(row[j] - matrix[j][i]) <= 1e-9 * math.sqrt(abs(row[i] * matrix[j][j]))
        for i, row in enumerate(matrix)
        for j in range(i)
    )
