"""What matters in a model by its own numbers, as its family tells it, and as the JSON that an artifact keeps."""

from dataclasses import dataclass, field
from typing import Any, Self

from shared.event_fields import Json

MOST_NAMES = 40  # that are kept in JSON: the strongest


@dataclass(frozen=True)
class Curve:
    """The normal curve that a model assumes for a feature within a class."""

    name: str  # of the class
    mean: float
    deviation: float


@dataclass(frozen=True)
class Importance:
    """What matters in a model, in numbers that can be compared from feature to feature.

    measure: what the numbers are, such as "standardised linear coefficients"; meaning: how to read one, in words
    that go on after a colon and may be followed by ", for one class against another". numbers: class -> a number
    per name in `names`, signed where it speaks for or against the class; the one key is None where a number is
    not about a class. count: how many names there are where those in `names` are only the strongest of them.
    """

    measure: str
    meaning: str
    names: tuple[str, ...]
    numbers: dict[str | None, list[float]]
    curves: dict[str, list[Curve]] = field(default_factory=dict)  # by feature, where the model assumes some
    count: int = 0

    def strongest(self) -> list[int]:
        """Indices into `names`, the one with the largest number for any class first."""
        largest = [max(map(abs, column)) for column in zip(*self.numbers.values(), strict=True)]
        return sorted(range(len(largest)), key=lambda j: (-largest[j], j))

    def to_json(self) -> Json:
        """The strongest names, in that order, with their numbers and curves."""
        kept = self.strongest()[:MOST_NAMES]
        names = [self.names[j] for j in kept]
        return {
            "measure": self.measure,
            "meaning": self.meaning,
            "count": self.count or len(self.names),
            "names": names,
            "numbers": [
                {"class": name, "values": [values[j] for j in kept]} for name, values in self.numbers.items()
            ],
            "curves": {
                name: [
                    {"class": curve.name, "mean": curve.mean, "deviation": curve.deviation}
                    for curve in self.curves[name]
                ]
                for name in names
                if name in self.curves
            },
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        return cls(
            value["measure"],
            value["meaning"],
            tuple(value["names"]),
            {entry["class"]: list(entry["values"]) for entry in value["numbers"]},
            {
                name: [Curve(entry["class"], entry["mean"], entry["deviation"]) for entry in curves]
                for name, curves in value["curves"].items()
            },
            value["count"],
        )
