"""A fitted Gaussian discriminant: it scores rows, goes to JSON and back, and says what matters in it.

How it is fitted stands in `fitting`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import add
from typing import Any, ClassVar

from shared.event_fields import Json
from shared.model.gaussian.columns import Column, Table
from shared.model.gaussian.problems import problems_of_numbers, problems_of_places
from shared.model.gaussian.scoring import Matrix, Scorer
from shared.model.importance import Curve, Importance
from shared.model.probabilities import probabilities_of
from shared.model.rows import Feature

_IN_WORDS = {
    "diagonal": "naive Bayes: within a class, features are independent, and numbers are normal",
    "pooled": "linear discriminant analysis: within a class, features are normal, with one covariance for all classes",
    "full": "quadratic discriminant analysis: within a class, features are normal, with its own covariance",
}


@dataclass(frozen=True)
class Discriminant:
    """A fitted model of K classes, enough to predict from.

    classes: K names, sorted; priors: (K,); columns: the d columns of numbers that the features become; means: (K, d).
    covariances: (K, d) variances if diagonal, else one (pooled) or K (full) matrices (d, d).
    tables: of categories, if diagonal.
    """

    kind: ClassVar[str] = "gaussian"

    covariance: str
    features: tuple[Feature, ...]
    left_out: dict[str, str]
    classes: tuple[str, ...]
    priors: tuple[float, ...]
    columns: tuple[Column, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple
    tables: tuple[Table, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the d columns."""
        return tuple(column.name(self.features[column.feature]) for column in self.columns)

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.covariance, self.priors, self.means, self.covariances)

    @cached_property
    def _made(self) -> tuple[Column, ...]:
        """The columns, of which those of schema 1 do not say what stands for a missing number: the train mean."""
        if self.covariance == "diagonal":
            return self.columns
        means = [math.sumprod(self.priors, column) for column in zip(*self.means, strict=True)]
        return tuple(
            column if column.codes or column.missing is not None else replace(column, missing=mean)
            for column, mean in zip(self.columns, means, strict=True)
        )

    @cached_property
    def _logarithms(self) -> list[list[list[float]]]:
        """Of each table, for each class: the logarithm of a code's share, by code."""
        return [table.logarithms(self.features[table.feature]) for table in self.tables]

    def scores(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """log(prior * density) of each class (K lists of n), up to a term that all classes share."""
        if self.columns:
            found = self._scorer.scores(
                [column.of(columns[column.feature], self.features[column.feature]) for column in self._made]
            )
        else:
            rows = len(columns[self.tables[0].feature])
            found = [[math.log(prior)] * rows for prior in self.priors]
        for table, logarithms in zip(self.tables, self._logarithms, strict=True):
            codes = columns[table.feature]
            for k, by_code in enumerate(logarithms):
                found[k] = list(map(add, found[k], map(by_code.__getitem__, codes)))
        return found

    def probabilities(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        return probabilities_of(self.scores(columns))

    def describe(self) -> str:
        return _IN_WORDS[self.covariance]

    def to_json(self) -> Json:
        return {
            "covariance": self.covariance,
            "left_out": self.left_out,
            "priors": self.priors,
            "columns": [column.to_json(self.features[column.feature]) for column in self.columns],
            "means": self.means,
            "covariances": self.covariances,
            "tables": [table.to_json(self.features[table.feature]) for table in self.tables],
        }

    @classmethod
    def from_json(cls, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> "Discriminant":
        def floats(numbers: Sequence[float]) -> tuple[float, ...]:
            return tuple(map(float, numbers))

        matrix = floats if value["covariance"] == "diagonal" else lambda rows: tuple(map(floats, rows))
        places = {feature.name: j for j, feature in enumerate(features)}
        return cls(
            covariance=value["covariance"],
            features=tuple(features),
            left_out=dict(value["left_out"]),
            classes=tuple(classes),
            priors=floats(value["priors"]),
            columns=tuple(Column.from_json(entry, places) for entry in value["columns"]),
            means=tuple(map(floats, value["means"])),
            covariances=tuple(map(matrix, value["covariances"])),
            tables=tuple(Table.from_json(entry, places) for entry in value["tables"]),
        )

    def problems(self) -> Iterator[str]:
        if len(self.priors) != len(self.classes):
            yield f"priors has {len(self.priors)} numbers for {len(self.classes)} classes"
        yield from problems_of_places(self.features, self.classes, self.columns, self.tables)
        yield from problems_of_numbers(
            self.covariance, self.priors, self.means, self.covariances, len(self.columns)
        )
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
        scale = self._within_deviations()
        if self.covariance == "pooled":
            measure = "standardised linear coefficients"
            meaning = (
                "what one deviation more of a feature, the others staying as they are, adds to the log-odds"
            )
            places: Matrix = self._scorer.directions()
        else:
            measure = "standardised mean differences"
            meaning = "how far apart the means are, in deviations within a class"
            places, scale = self.means, [1.0 / deviation for deviation in scale]
        two = len(self.classes) == 2
        origin = (
            places[0] if two else [math.sumprod(self.priors, column) for column in zip(*places, strict=True)]
        )
        numbers: dict[str | None, list[float]] = {
            name: [(a - b) * s for a, b, s in zip(place, origin, scale, strict=True)]
            for name, place in zip(self.classes[two:], places[two:], strict=True)
        }
        for table in self.tables:
            contrasts = self._contrasts(table)
            for name, contrast in contrasts.items():
                numbers[name].append(contrast)
        names = (*self.names, *(self.features[table.feature].name for table in self.tables))
        return Importance(measure, meaning, names, numbers, self._curves())

    def _contrasts(self, table: Table) -> dict[str, float]:
        """For each class that `importance` has numbers of: the deviation of a category's log-odds.

        Of a normal feature that is the difference of the means, in deviations.
        """
        overall = [math.sumprod(self.priors, column) for column in zip(*table.shares, strict=True)]
        if len(self.classes) == 2:
            named, origin = [(self.classes[1], table.shares[1])], list(table.shares[0])
        else:
            named, origin = list(zip(self.classes, table.shares, strict=True)), overall
        found = {}
        for name, shares in named:
            odds = [math.log(a / b) for a, b in zip(shares, origin, strict=True)]
            mean = math.sumprod(overall, odds) / math.fsum(overall)
            found[name] = math.sqrt(
                math.fsum(w * (x - mean) ** 2 for w, x in zip(overall, odds, strict=True))
            )
        return found

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
            for j, (name, column) in enumerate(zip(self.names, self.columns, strict=True))
            if not column.codes
        }
