"""A fitted logistic regression: it scores rows, goes to JSON and back, and says what matters in it.

How it is fitted stands in `family`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.event_fields import Json
from shared.model.importance import Importance
from shared.model.logistic.design import Design
from shared.model.logistic.terms import Category, Number, Term
from shared.model.probabilities import probabilities_of
from shared.model.rows import Feature


@dataclass(frozen=True)
class Weighted:
    """A term with its weights in each of the H heads.

    slopes: (H,) of a number, per deviation; none of a category. indicators: a row (H,) per chosen code of the term.
    """

    term: Term
    slopes: tuple[float, ...]
    indicators: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class LogisticRegression:
    """A multinomial logistic regression of K classes. Two have one head, the score of the second over the first.

    strength: scikit-learn's C, the inverse of the penalty. intercepts: (H,).
    """

    kind: ClassVar[str] = "logistic"

    features: tuple[Feature, ...]
    left_out: dict[str, str]
    classes: tuple[str, ...]
    strength: float
    intercepts: tuple[float, ...]
    terms: tuple[Weighted, ...]

    @classmethod
    def of_heads(
        cls,
        heads: Sequence[Sequence[float]],
        terms: Sequence[Term],
        features: Sequence[Feature],
        left_out: dict[str, str],
        classes: Sequence[str],
        strength: float,
    ) -> "LogisticRegression":
        """From the weights of the design's columns, a row per head."""
        by_column = list(zip(*heads, strict=True))
        slopes = iter(by_column[1:])
        of_number = {term.feature: tuple(next(slopes)) if isinstance(term, Number) else () for term in terms}
        indicators = {term.feature: tuple(tuple(next(slopes)) for _ in term.chosen) for term in terms}
        return cls(
            tuple(features),
            left_out,
            tuple(classes),
            strength,
            tuple(by_column[0]),
            tuple(Weighted(term, of_number[term.feature], indicators[term.feature]) for term in terms),
        )

    def heads(self) -> list[list[float]]:
        """The weights of the design's columns, a row per head."""
        by_column = [
            self.intercepts,
            *(entry.slopes for entry in self.terms if entry.slopes),
            *(row for entry in self.terms for row in entry.indicators),
        ]
        return list(map(list, zip(*by_column, strict=True)))

    def probabilities(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        rows = len(columns[self.terms[0].term.feature])
        design = Design(columns, [entry.term for entry in self.terms], rows)
        scores = list(map(design.times, self.heads()))
        return probabilities_of([[0.0] * rows, *scores] if len(scores) == 1 else scores)

    def describe(self) -> str:
        return (
            "logistic regression: the log-odds of the classes are linear in the standardised features, with a penalty "
            f"on the squares of the weights (C = {self.strength:g})"
        )

    def to_json(self) -> Json:
        return {
            "strength": self.strength,
            "left_out": self.left_out,
            "intercepts": self.intercepts,
            "terms": [self._term_to_json(entry) for entry in self.terms],
        }

    def _term_to_json(self, entry: Weighted) -> Json:
        term = entry.term
        name = self.features[term.feature].name
        if isinstance(term, Category):
            return {"feature": name, "codes": term.chosen, "weights": entry.indicators}
        missing = {"missing": entry.indicators[0]} if term.indicates_missing else {}
        return {
            "feature": name,
            "mean": term.mean,
            "deviation": term.deviation,
            "weights": entry.slopes,
            **missing,
        }

    @classmethod
    def from_json(
        cls, value: Json, features: Sequence[Feature], classes: Sequence[str]
    ) -> "LogisticRegression":
        places = {feature.name: j for j, feature in enumerate(features)}

        def weighted(entry: Json) -> Weighted:
            j = places[entry["feature"]]
            if "codes" in entry:
                chosen = tuple(entry["codes"])
                return Weighted(Category(j, chosen), (), tuple(map(_floats, entry["weights"])))
            missing = (_floats(entry["missing"]),) if "missing" in entry else ()
            number = Number(j, float(entry["mean"]), float(entry["deviation"]), bool(missing))
            return Weighted(number, _floats(entry["weights"]), missing)

        return cls(
            tuple(features),
            dict(value["left_out"]),
            tuple(classes),
            float(value["strength"]),
            _floats(value["intercepts"]),
            tuple(map(weighted, value["terms"])),
        )

    def problems(self) -> Iterator[str]:
        k = len(self.classes)
        heads = 1 if k == 2 else k
        if k < 2 or not self.terms:
            yield f"{len(self.terms)} terms and {k} classes"
            return
        used = [entry.term.feature for entry in self.terms]
        if used != sorted(set(used)):
            yield "the terms are not in the order of the features, one each"
        unused = {feature.name for j, feature in enumerate(self.features) if j not in used}
        if unused != set(self.left_out):
            yield "the features without a term are not those of left_out"
        if not 0.0 < self.strength < math.inf:
            yield f"strength {self.strength:g} is not positive and finite"
        for entry in self.terms:
            feature = self.features[entry.term.feature]
            yield from (
                f"term {feature.name!r}: {problem}" for problem in _problems_of(entry, feature, heads)
            )
        numbers = [self.intercepts, *(row for e in self.terms for row in (e.slopes, *e.indicators))]
        if len(self.intercepts) != heads:
            yield f"intercepts has {len(self.intercepts)} numbers for {k} classes"
        if not all(math.isfinite(weight) for row in numbers for weight in row):
            yield "a weight is NaN or infinite"

    def importance(self) -> Importance:
        """Standardised coefficients: what a deviation of a number, or a value of a category, adds to the log-odds."""
        names, rows = [], []
        for entry in self.terms:
            feature = self.features[entry.term.feature]
            if entry.slopes:
                names.append(feature.name)
                rows.append(entry.slopes)
            for code, row in zip(entry.term.chosen, entry.indicators, strict=True):
                names.append(f"{feature.name}: {_value_in_words(feature, code)}")
                rows.append(row)
        named = self.classes[1:] if len(self.classes) == 2 else self.classes
        return Importance(
            "standardised linear coefficients",
            "what one deviation more of a feature, or a value of a category, adds to the log-odds, the others staying "
            "as they are",
            tuple(names),
            dict(zip(named, map(list, zip(*rows, strict=True)), strict=True)),
        )


def _floats(numbers: Sequence[float]) -> tuple[float, ...]:
    return tuple(map(float, numbers))


def _problems_of(entry: Weighted, feature: Feature, heads: int) -> Iterator[str]:
    term = entry.term
    if isinstance(term, Number) != (feature.values is None):
        yield "is of another kind than its feature"
        return
    rows = [*entry.indicators, *([entry.slopes] if isinstance(term, Number) else [])]
    if len(entry.indicators) != len(term.chosen) or any(len(row) != heads for row in rows):
        yield f"weights are not {heads} numbers each"
    if isinstance(term, Number):
        if not (math.isfinite(term.mean) and 0.0 < term.deviation < math.inf):
            yield "mean or deviation is no finite number, or the deviation is not positive"
        return
    codes = 2 + len(feature.values or ())
    if not all(isinstance(code, int) and 0 <= code < codes for code in term.chosen):
        yield f"codes are not among the {codes} of the feature"
    elif not term.chosen or list(term.chosen) != sorted(set(term.chosen)):
        yield "codes are not in order, one each"


def _value_in_words(feature: Feature, code: int) -> str:
    if feature.values is None or code == 0:
        return "missing"
    return "any other value" if code == 1 else feature.values[code - 2]
