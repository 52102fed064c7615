"""What naive Bayes needs of its train rows, column by column and class by class, and mergeable.

No two columns are looked at together, so it costs and holds as much as there are columns, not their square.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Self

from shared.model.gaussian.design import Design
from shared.model.gaussian.gathering import is_label
from shared.model.gaussian.moments import Moments, moments_of
from shared.model.rows import Rows


@dataclass(frozen=True)
class Marginals:
    """Of each class, by its index.

    rows: how many. numbers: by place among `Design.numbers`, the moments of that one column where its cell is not
    missing; without those that have none. counts: for each feature of `Design.counted`, rows by code.
    """

    rows: Counter[int] = field(default_factory=Counter)
    numbers: dict[int, dict[int, Moments]] = field(default_factory=dict)
    counts: dict[int, dict[int, Counter[int]]] = field(default_factory=dict)

    def merge(self, later: Self) -> Self:
        numbers = {label: dict(found) for label, found in self.numbers.items()}
        for label, found in later.numbers.items():
            mine = numbers.setdefault(label, {})
            for place, moments in found.items():
                mine[place] = mine[place].merge(moments) if place in mine else moments
        counts = {label: dict(found) for label, found in self.counts.items()}
        for label, of_class in later.counts.items():
            counted = counts.setdefault(label, {})
            for j, codes in of_class.items():
                counted[j] = counted.get(j, Counter()) + codes
        return type(self)(self.rows + later.rows, numbers, counts)

    def to_state(self) -> object:
        return [
            sorted(self.rows.items()),
            [
                [label, place, moments.to_state()]
                for label, found in self.numbers.items()
                for place, moments in found.items()
            ],
            [
                [label, j, sorted(codes.items())]
                for label, found in self.counts.items()
                for j, codes in found.items()
            ],
        ]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        rows, of_numbers, counted = state
        numbers: dict[int, dict[int, Moments]] = {}
        for label, place, moments in of_numbers:
            numbers.setdefault(label, {})[place] = Moments.from_state(moments)
        counts: dict[int, dict[int, Counter[int]]] = {}
        for label, j, codes in counted:
            counts.setdefault(label, {})[j] = Counter(dict(codes))
        return cls(Counter(dict(rows)), numbers, counts)

    def present(self, label: int, place: int) -> tuple[int, float, float]:
        """Of a number's cells in a class that are not missing: how many, mean and sum of squares about it."""
        moments = self.numbers.get(label, {}).get(place)
        return (moments.count, moments.mean[0], moments.scatter[0][0]) if moments else (0, math.nan, 0.0)


def marginals(blocks: Iterable[Rows], design: Design) -> Marginals:
    """What all rows in the blocks hold."""
    total = Marginals()
    for block in blocks:
        total = total.merge(_of_block(block, design))
    return total


def _of_block(block: Rows, design: Design) -> Marginals:
    rows: Counter[int] = Counter()
    numbers: dict[int, dict[int, Moments]] = {}
    counts: dict[int, dict[int, Counter[int]]] = {}
    for label in set(block.labels):
        mask = is_label(block.labels, label)
        rows[label] = sum(mask)
        numbers[label] = {}
        for place, j in enumerate(design.numbers):
            column = list(compress(block.columns[j], mask))
            if math.isnan(sum(column)):
                column = [value for value in column if value == value]
            if column:
                numbers[label][place] = moments_of([column])
        counts[label] = {j: Counter(compress(block.columns[j], mask)) for j in design.counted}
    return Marginals(rows, numbers, counts)
