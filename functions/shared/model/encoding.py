"""From the typed columns of a dataset to the features that a family sees, learned from the train rows alone.

A number stays as it is, unless its size leaves float64 no room for squares. A category becomes a code into the
vocabulary of the train rows. A date becomes numbers: its position in time, and the hour, the day of the week and the
month as far as they vary. What was learned goes
into the artifact, and predict encodes with it.
"""

import math
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from shared.event_fields import Json
from shared.model.dates import TIMES_ROUND, DateRange, calendar_part
from shared.model.rows import Feature
from shared.typed_columns import MISSING, CodedColumn, TypedColumn

MAX_VALUES = 1000  # of a vocabulary
MIN_ROWS = 5  # train rows that have a value of the vocabulary: the artifact holds nobody's single entry
ROOM = 100  # numbers between 2 to the power of -100 and of 100 are left as they are
POSITION = "position"  # in time, seconds since 1970-01-01 UTC
_MISSING_CODE, _OTHER_CODE, _FIRST_CODE = 0, 1, 2


@dataclass(frozen=True)
class Input:
    """A column of the data that a model is given.

    kind: "number", "flag", "date" or "category"; notation: how its cells are written, as the manifest has it.
    values: the vocabulary of a flag or category, the most frequent first; parts: what a date becomes, each with the
    name of its feature; exponent: a number is divided by 2 to this power.
    """

    name: str
    kind: str = "number"
    notation: Any = None
    values: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    exponent: int = 0

    @property
    def is_coded(self) -> bool:
        return self.kind in ("flag", "category")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features that it becomes; none of a date of which nothing varies."""
        return tuple(name for _, name in self.parts) if self.kind == "date" else (self.name,)

    @classmethod
    def from_column(cls, column: Json, statistics: Json) -> Self:
        """The input of a column of the manifest, before anything is learned; statistics: what the report says of it."""
        kind = column.get("kind", "number")
        exponent = _exponent(statistics["min"], statistics["max"]) if kind == "number" else 0
        return cls(column["name"], kind, column.get("notation"), exponent=exponent)

    def to_json(self) -> Json:
        learned: Json = {"values": list(self.values)} if self.is_coded else {}
        if self.kind == "date":
            learned = {"parts": [{"part": part, "feature": feature} for part, feature in self.parts]}
        if self.exponent:
            learned = {"exponent": self.exponent}
        return {"name": self.name, "kind": self.kind, "notation": self.notation, **learned}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        return cls(
            value["name"],
            value["kind"],
            value["notation"],
            tuple(value.get("values", ())),
            tuple((entry["part"], entry["feature"]) for entry in value.get("parts", ())),
            value.get("exponent", 0),
        )


class ColumnCounts:
    """What the train rows hold of the flags, categories and dates: rows by value, and the range of the dates."""

    def __init__(
        self, values: dict[int, Counter[str]] | None = None, dates: dict[int, DateRange] | None = None
    ) -> None:
        self._values = values or {}
        self._dates = dates or {}

    @classmethod
    def of(cls, inputs: Sequence[Input], columns: Sequence[TypedColumn]) -> Self:
        """Counts of some rows, given by column in the inputs' order."""
        values, dates = {}, {}
        for j, (entry, column) in enumerate(zip(inputs, columns, strict=True)):
            if isinstance(column, CodedColumn):
                values[j] = Counter({column.values[code]: n for code, n in Counter(column.codes).items()})
            elif entry.kind == "date":
                dates[j] = DateRange.of(column)
        return cls(values, dates)

    def merge(self, later: Self) -> Self:
        values = {j: self._values.get(j, Counter()) + found for j, found in later._values.items()}
        dates = {j: self._dates.get(j, DateRange()).merge(found) for j, found in later._dates.items()}
        return type(self)(self._values | values, self._dates | dates)

    def to_state(self) -> object:
        return [
            {str(j): dict(counts) for j, counts in self._values.items()},
            {str(j): dates.to_state() for j, dates in self._dates.items()},
        ]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        values, dates = state
        return cls(
            {int(j): Counter(counts) for j, counts in values.items()},
            {int(j): DateRange.from_state(found) for j, found in dates.items()},
        )

    def vocabulary(self, j: int) -> tuple[str, ...]:
        """The values of input j that enough rows have, the most frequent first, ties by name."""
        counts = self._values.get(j, Counter())
        frequent = [value for value, n in counts.items() if n >= MIN_ROWS and value != MISSING]
        frequent.sort(key=lambda value: (-counts[value], value))
        return tuple(frequent[:MAX_VALUES])

    def dates(self, j: int) -> DateRange:
        """The range of input j."""
        return self._dates.get(j, DateRange())


@dataclass(frozen=True)
class Encoding:
    """The inputs of a model with what was learned of them, in order."""

    inputs: tuple[Input, ...]

    @classmethod
    def learn(cls, inputs: Sequence[Input], counts: ColumnCounts, time_order: str | None = None) -> Self:
        """The encoding of the inputs, given what all train rows hold of them.

        time_order: name of the column that orders the rows. Where the rows are split by time, its position in
        train rows says nothing about the later ones: it becomes parts of the calendar alone, and only those that
        the train rows hold at least twice round.
        """
        taken = {given.name for given in inputs}
        learned = []
        for j, given in enumerate(inputs):
            if given.is_coded:
                given = replace(given, values=counts.vocabulary(j))
            elif given.kind == "date":
                in_order = given.name == time_order
                calendar = counts.dates(j).varying(TIMES_ROUND if in_order else 0)
                named = [(part, _free(f"{given.name} ({part})", taken)) for part in calendar]
                given = replace(given, parts=tuple(named if in_order else [(POSITION, given.name), *named]))
            learned.append(given)
        return cls(tuple(learned))

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features that the columns become, in order."""
        return tuple(
            Feature(name, given.values if given.is_coded else None)
            for given in self.inputs
            for name in given.feature_names
        )

    def encoded(self, columns: Sequence[TypedColumn]) -> list[array | bytes | list[float]]:
        """A column per feature, as a family takes them: floats with NaN, or codes (bytes where they fit)."""
        result: list[array | bytes | list[float]] = []
        for given, column in zip(self.inputs, columns, strict=True):
            if isinstance(column, CodedColumn):
                result.append(_recoded(column, given.values))
            elif given.kind == "date":
                result += [
                    column if part == POSITION else array("d", calendar_part(part, column))
                    for part, _ in given.parts
                ]
            else:
                result.append(_divided(column, given.exponent) if given.exponent else column)
        return result

    def reading(self, left_out: Iterable[str]) -> Self:
        """The encoding without the inputs of which a model that leaves out these features reads nothing."""
        unread = set(left_out)
        return type(self)(tuple(given for given in self.inputs if set(given.feature_names) - unread))

    def to_json(self) -> list[Json]:
        return [given.to_json() for given in self.inputs]

    @classmethod
    def from_json(cls, value: list[Json]) -> Self:
        return cls(tuple(map(Input.from_json, value)))


def _free(name: str, taken: set[str]) -> str:
    """The name, with an apostrophe or more where a column has it already; it is taken from now on."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _exponent(smallest: float | None, largest: float | None) -> int:
    """By which power of two to divide a number, so that squares, products and their sums stay in float64's range.

    Nearly every number has room as it is, and is not touched. Division by a power of two is exact, so a model of
    the quotients is that of the numbers.
    """
    if smallest is None or largest is None:
        return 0
    exponent = math.frexp(max(abs(smallest), abs(largest)))[1]
    return exponent if abs(exponent) > ROOM else 0


def _divided(column: Iterable[float], exponent: int) -> array:
    """The column over 2 to this power; beyond float64's range the largest number in place of an infinity."""
    return array("d", (_scaled(value, -exponent) for value in column))


def _scaled(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:  # of a cell far beyond all those that the model has seen
        return math.copysign(sys.float_info.max, value)


def _recoded(column: CodedColumn, vocabulary: Sequence[str]) -> bytes | array:
    """The codes of the column's values in the vocabulary."""
    codes = {value: _FIRST_CODE + k for k, value in enumerate(vocabulary)} | {MISSING: _MISSING_CODE}
    table = [codes.get(value, _OTHER_CODE) for value in column.values]
    if column.codes.typecode == "B" and max(table, default=0) < 256:
        return column.codes.tobytes().translate(bytes(table) + bytes(256 - len(table)))
    return array("H", map(table.__getitem__, column.codes))
