"""Errors by group: how often the model is right about the test rows of each value of a sensitive column.

A group has a name where it has enough rows, so that it is nobody's single entry; the others are one group.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any

from shared.event_fields import Json
from shared.proportions import wilson_interval
from shared.typed_columns import MISSING, CodedColumn
from summarize.rows.training_data import RangeRows

MIN_ROWS = 10  # test rows of a group with a name, and of a class within a group
MAX_GROUPS = 20  # with a name
MAX_CLASSES = 10  # of a group

# Value, true class, whether it was predicted -> rows.
type Counts = Counter[tuple[str, str, bool]]


@dataclass(frozen=True)
class GroupCounts:
    """Of each of some columns, which hold texts, how many test rows of each value and class were predicted right."""

    counts: tuple[Counts, ...]

    @classmethod
    def of(cls, rows: RangeRows, names: Sequence[str], right: Sequence[bool]) -> "GroupCounts":
        """Of a range; right: whether each of its test rows was predicted, in their order."""
        counts: tuple[Counts, ...] = tuple(Counter() for _ in names)
        first = 0
        for sides in rows.sides() if names else ():
            part = sides.test
            labels = map(part.classes.__getitem__, part.codes)
            answered = list(zip(labels, right[first : first + part.rows], strict=True))
            for found, column in zip(counts, rows.data.columns(part, names), strict=True):
                assert isinstance(
                    column, CodedColumn
                )  # of which alone there are groups: shared.csv_file.columns
                values = map(column.values.__getitem__, column.codes)
                found.update((value, *answer) for value, answer in zip(values, answered, strict=True))
            first += part.rows
        return cls(counts)

    def merge(self, later: "GroupCounts") -> "GroupCounts":
        return GroupCounts(tuple(map(add, self.counts, later.counts)))

    def to_state(self) -> object:
        return [[[*key, rows] for key, rows in sorted(found.items())] for found in self.counts]

    @classmethod
    def from_state(cls, state: Any) -> "GroupCounts":
        return cls(tuple(Counter({tuple(key): rows for *key, rows in found}) for found in state))

    def to_json(self, names: Sequence[str]) -> list[Json]:
        """`groups` of a summary: of each column its groups, the largest first."""
        return [
            {"column": name, "groups": _groups(found)} for name, found in zip(names, self.counts, strict=True)
        ]


def _groups(counts: Counts) -> list[Json]:
    rows: Counter[str] = Counter()
    for (value, _, _), count in counts.items():
        rows[value] += count
    by_size = sorted(rows, key=lambda value: (-rows[value], value))
    named = [value for value in by_size if rows[value] >= MIN_ROWS][:MAX_GROUPS]
    found = [
        {"value": None if value == MISSING else value, "others": False} | _figures(_of(counts, {value}))
        for value in named
    ]
    others = rows.keys() - set(named)
    return [*found, {"value": None, "others": True} | _figures(_of(counts, others))] if others else found


def _of(counts: Counts, values: set[str]) -> Mapping[tuple[str, bool], int]:
    """Rows by true class and whether it was predicted, of these values together."""
    found: Counter[tuple[str, bool]] = Counter()
    for (value, label, right), count in counts.items():
        if value in values:
            found[label, right] += count
    return found


def _figures(counts: Mapping[tuple[str, bool], int]) -> Json:
    rows: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for (label, hit), count in counts.items():
        rows[label] += count
        right[label] += count * hit
    classes = sorted(rows, key=lambda name: (-rows[name], name))
    return {
        "rows": rows.total(),
        "accuracy": right.total() / rows.total(),
        "interval": list(wilson_interval(right.total(), rows.total())),
        "classes": [
            {
                "class": name,
                "rows": rows[name],
                "recall": right[name] / rows[name],
                "interval": list(wilson_interval(right[name], rows[name])),
            }
            for name in classes[:MAX_CLASSES]
            if rows[name] >= MIN_ROWS
        ],
    }
