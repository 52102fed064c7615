"""A blend as a family: a weighted geometric mean of what its members say. Its weights are for others to choose.

That is, log-odds are averaged. A member is one model, or several of one family, fitted on different rows, whose
arithmetic mean it is.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.event_fields import Json
from shared.model.importance import Importance
from shared.model.probabilities import geometric_mean, logarithms, over_classes
from shared.model.protocol import Family, Model
from shared.model.rows import Feature, Rows, gathered

MOST_MODELS = 100


@dataclass(frozen=True)
class Member:
    """weight: its share of the blend; models: at least one, all of one family."""

    weight: float
    models: tuple[Model, ...]


@dataclass(frozen=True)
class Blend:
    """Members whose weights add up to 1. classes: all that any of them can predict."""

    kind: ClassVar[str] = "blend"

    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def left_out(self) -> dict[str, str]:
        """What none of the models uses, with the first one's reason."""
        reasons = [model.left_out for member in self.members for model in member.models]
        return {name: why for name, why in reasons[0].items() if all(name in other for other in reasons)}

    def probabilities(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        """As `Model.probabilities`; a member that cannot tell the classes of a row apart leaves it to the others."""
        said = [self._said(member, columns) for member in self.members]
        if len(said) == 1:
            return said[0]
        found = geometric_mean(list(map(logarithms, said)), [member.weight for member in self.members])
        for row, told in enumerate(zip(*(of_member[0] for of_member in said), strict=True)):
            if all(map(math.isnan, told)):
                for column in found:
                    column[row] = math.nan
        return found

    def _said(self, member: Member, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        """The mean of what the member's models say, of all classes."""
        found = [
            over_classes(model.probabilities(columns), model.classes, self.classes) for model in member.models
        ]
        share = 1.0 / len(found)
        return [
            [share * sum(row) for row in zip(*of_class, strict=True)] for of_class in zip(*found, strict=True)
        ]

    def describe(self) -> str:
        parts = [_member_in_words(member) for member in self.members]
        if len(parts) == 1:
            return parts[0]
        shares = [f"{member.weight:.0%} {part}" for member, part in zip(self.members, parts, strict=True)]
        return "the weighted geometric mean of what these models say: " + "; ".join(shares)

    def to_json(self) -> Json:
        return {
            "left_out": self.left_out,
            "members": [
                {
                    "kind": member.models[0].kind,
                    "weight": member.weight,
                    "models": [{"classes": model.classes, **model.to_json()} for model in member.models],
                }
                for member in self.members
            ],
        }

    def problems(self) -> Iterator[str]:
        models = [model for member in self.members for model in member.models]
        if not self.members or not all(member.models for member in self.members):
            yield "a blend without members, or a member without models"
            return
        if len(models) > MOST_MODELS:
            yield f"{len(models)} models; a blend has {MOST_MODELS} at most"
        weights = [member.weight for member in self.members]
        if not all(0.0 < weight <= 1.0 for weight in weights) or abs(math.fsum(weights) - 1.0) > 1e-9:
            yield "the members' weights are not positive numbers that add up to 1"
        for place, model in enumerate(models):
            if not set(model.classes) <= set(self.classes):
                yield f"model {place} has a class that the blend has not"
            yield from (f"model {place}, {model.kind}: {problem}" for problem in model.problems())

    def importance(self) -> Importance:
        """Of the member with the largest weight: the mean over its models."""
        found = [model.importance() for model in max(self.members, key=lambda member: member.weight).models]
        if len(found) == 1:
            return found[0]
        names = tuple(dict.fromkeys(name for one in found for name in one.names))
        numbers = {}
        for key in found[0].numbers:
            by_name = [dict(zip(one.names, one.numbers[key], strict=True)) for one in found]
            numbers[key] = [math.fsum(one.get(name, 0.0) for one in by_name) / len(found) for name in names]
        return Importance(found[0].measure, found[0].meaning, names, numbers)


class BlendFamily:
    """family: kind -> the family of a member."""

    kind = Blend.kind

    def __init__(self, family: Callable[[str], Family]) -> None:
        self._family = family

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Blend:
        """All members, each one model fitted on all rows. options: `members`, each `kind`, `options` and `weight`."""
        table = [gathered(rows, features)]
        members = [
            Member(
                entry["weight"],
                (self._family(entry["kind"]).fit(table, features, classes, entry["options"]),),
            )
            for entry in options["members"]
        ]
        return Blend(tuple(features), classes_of(members), tuple(members))

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Blend:
        return Blend(
            tuple(features),
            tuple(classes),
            tuple(self._member(entry, features) for entry in value["members"]),
        )

    def _member(self, entry: Json, features: Sequence[Feature]) -> Member:
        if entry["kind"] == self.kind:
            raise ValueError("a blend has a blend as its member")
        family = self._family(entry["kind"])
        models = tuple(family.from_json(one, features, tuple(one["classes"])) for one in entry["models"])
        return Member(float(entry["weight"]), models)


def classes_of(members: Iterable[Member]) -> tuple[str, ...]:
    """All classes that any of the members' models can predict, sorted."""
    return tuple(sorted({name for member in members for model in member.models for name in model.classes}))


def _member_in_words(member: Member) -> str:
    words = member.models[0].describe()
    return words if len(member.models) == 1 else f"the mean of {len(member.models)} models, each {words}"
