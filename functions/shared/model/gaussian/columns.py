"""The columns and tables of a fitted Gaussian: what it makes of the features, row by row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.event_fields import Json
from shared.model.rows import Feature


@dataclass(frozen=True)
class Column:
    """A column of numbers made of a feature, by its index.

    Of a number it is the number, with `missing` in the place of a missing one; None leaves it missing. Of a category
    it is 1 where the code is among `codes`, else 0.
    """

    feature: int
    missing: float | None = None
    codes: tuple[int, ...] = ()

    def of(self, values: Sequence[Any], feature: Feature) -> Sequence[float]:
        """The column of rows whose values the feature has."""
        if feature.values is not None:
            indicator = [0.0] * (2 + len(feature.values))
            for code in self.codes:
                indicator[code] = 1.0
            return list(map(indicator.__getitem__, values))
        if self.missing is None or not math.isnan(sum(values)):
            return values
        missing = self.missing
        return [value if value == value else missing for value in values]

    def name(self, feature: Feature) -> str:
        if feature.values is None:
            return feature.name
        code = self.codes[0]
        if code < 2:
            return f"{feature.name} {'other' if code else 'missing'}"
        return f"{feature.name} = {feature.values[code - 2]}"

    def to_json(self, feature: Feature) -> Json:
        if feature.values is None:
            return {"feature": feature.name, "missing": self.missing}
        return {"feature": feature.name, "codes": self.codes}

    @classmethod
    def from_json(cls, value: Json, places: dict[str, int]) -> "Column":
        missing = value.get("missing")
        codes = tuple(map(int, value.get("codes", ())))
        return cls(places[value["feature"]], None if missing is None else float(missing), codes)


@dataclass(frozen=True)
class Table:
    """The shares of a category's codes within each class (K rows, as long as `codes`); others are skipped."""

    feature: int
    codes: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]

    def logarithms(self, feature: Feature) -> list[list[float]]:
        """For each class the logarithm of the share by code; 0 for a code that is skipped."""
        result = []
        for of_class in self.shares:
            by_code = [0.0] * (2 + len(feature.values or ()))
            for code, share in zip(self.codes, of_class, strict=True):
                by_code[code] = math.log(share)
            result.append(by_code)
        return result

    def to_json(self, feature: Feature) -> Json:
        return {"feature": feature.name, "codes": self.codes, "shares": self.shares}

    @classmethod
    def from_json(cls, value: Json, places: dict[str, int]) -> "Table":
        shares = tuple(tuple(map(float, of_class)) for of_class in value["shares"])
        return cls(places[value["feature"]], tuple(map(int, value["codes"])), shares)
