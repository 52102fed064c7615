"""What the columns of some rows hold, in counts: bins of a number or date and frequent values of a category, by class.

Given the bins, the counts of any stretches of rows merge. How the bins are learned, summarize/rows/bin_edges.py knows;
what the counts of two datasets say about each other, shared/drift.py.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat
from operator import add, ne
from typing import Any, Self

from shared.event_fields import Json
from shared.typed_columns import MISSING, CodedColumn, TypedColumn

OTHER_CLASSES = ""  # stands for the classes without a name of their own; no class has this name
MAX_VALUES = 20  # of a category, those most frequent in the train rows; fewer where few have 5 rows
type Counts = list[list[int]]  # rows by class and bin


@dataclass(frozen=True)
class Bins:
    """Where the cells of a column are counted.

    Of a number or a date, `edges` (E, rising) make E + 1 bins: cell >= edge is above the edge. Of a flag or category,
    `values` (V) make V + 1: one each, and the last for all other values. Missing cells are in none of them.
    """

    name: str
    kind: str
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] | None = None

    @property
    def count(self) -> int:
        return len(self.edges if self.values is None else self.values) + 1

    @classmethod
    def from_json(cls, name: str, value: Json) -> Self:
        """The bins of a column in `profiles` of a summary or an artifact."""
        values = tuple(value["values"]) if "values" in value else None
        return cls(name, value["kind"], tuple(value.get("edges", ())), values)

    def to_json(self) -> Json:
        learned = {"edges": list(self.edges)} if self.values is None else {"values": list(self.values)}
        return {"kind": self.kind, **learned}

    def placed(self, column: TypedColumn, labels: Sequence[int]) -> Iterator[tuple[int, int | None, int]]:
        """(label, bin, rows) of a column's cells; the bin of missing ones is None. A triple may come again."""
        if isinstance(column, CodedColumn):
            places = {value: k for k, value in enumerate(self.values or ())}
            bins = [
                None if value == MISSING else places.get(value, self.count - 1) for value in column.values
            ]
            for (label, code), rows in Counter(zip(labels, column.codes, strict=True)).items():
                yield label, bins[code], rows
            return
        for (label, place), rows in Counter(
            zip(labels, map(bisect_right, repeat(self.edges), column), strict=False)
        ).items():
            yield label, place, rows
        # bisect_right finds a NaN above all edges.
        for label, rows in Counter(compress(labels, map(ne, column, column))).items():
            yield label, None, rows
            yield label, self.count - 1, -rows


@dataclass(frozen=True)
class ColumnProfiles:
    """rows: how many; counts: of each column, rows by class and bin; missing: of each column, rows without a value."""

    rows: int
    counts: tuple[Counts, ...]
    missing: tuple[int, ...]

    @classmethod
    def of(
        cls, bins: Sequence[Bins], classes: int, columns: Sequence[TypedColumn], labels: Sequence[int]
    ) -> Self:
        """Of some rows: a column for each of the bins, and each row's label, an index below `classes`."""
        counts = tuple([[0] * entry.count for _ in range(classes)] for entry in bins)
        missing = [0] * len(bins)
        for j, (entry, column) in enumerate(zip(bins, columns, strict=True)):
            for label, place, rows in entry.placed(column, labels):
                if place is None:
                    missing[j] += rows
                else:
                    counts[j][label][place] += rows
        return cls(len(labels), counts, tuple(missing))

    def merge(self, later: Self) -> Self:
        counts = tuple(
            [list(map(add, mine, theirs)) for mine, theirs in zip(own, other, strict=True)]
            for own, other in zip(self.counts, later.counts, strict=True)
        )
        return type(self)(self.rows + later.rows, counts, tuple(map(add, self.missing, later.missing)))

    def to_state(self) -> object:
        return [self.rows, list(self.counts), list(self.missing)]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        rows, counts, missing = state
        return cls(rows, tuple(counts), tuple(missing))


def profiles_json(
    bins: Sequence[Bins], classes: Sequence[str], train: ColumnProfiles, test: ColumnProfiles
) -> Json:
    """`rows` counted, by side, `classes`, and `columns` by name: bins, counts by side and class, missing cells by side.

    classes: names by label, of which the last may be OTHER_CLASSES.
    """
    return {
        "rows": {"train": train.rows, "test": test.rows},
        "classes": list(classes),
        "columns": {
            entry.name: {
                **entry.to_json(),
                **{
                    side: dict(zip(classes, found.counts[j], strict=True))
                    for side, found in (("train", train), ("test", test))
                },
                "missing": {"train": train.missing[j], "test": test.missing[j]},
            }
            for j, entry in enumerate(bins)
        },
    }


def rows_by_bin(column: Json) -> list[int]:
    """Train and test rows of all classes together, by bin, of a column in `profiles`."""
    return [
        sum(found) for found in zip(*chain(column["train"].values(), column["test"].values()), strict=True)
    ]
