"""What a Gaussian with covariances needs of its train rows, gathered class by class in one pass, and mergeable.

Beside the numbers stand marks and indicators, which are columns of 0 and 1: a mark for each number of which a cell
is missing, an indicator for each slot of a category. A missing number counts as the column's origin until all rows
are known; with the moments of its mark, any other number can then be put in its place.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Self

from shared.model.gaussian.design import Design
from shared.model.gaussian.indicators import with_indicators
from shared.model.gaussian.moments import Moments, moments_of
from shared.model.rows import Rows


@dataclass(frozen=True)
class Gathered:
    """The moments of each class, by its index.

    Their columns are the d numbers, then the marks of `origins` in order, then `slots` indicators. origins: index
    among the numbers -> what stands for a missing one.
    """

    numbers: int
    slots: int
    moments: dict[int, Moments] = field(default_factory=dict)
    origins: dict[int, float] = field(default_factory=dict)

    def merge(self, later: Self) -> Self:
        origins = dict(sorted((later.origins | self.origins).items()))
        mine, theirs = self._about(origins), later._about(origins)
        both = {label: mine[label].merge(theirs[label]) for label in mine.keys() & theirs.keys()}
        return type(self)(self.numbers, self.slots, mine | theirs | both, origins)

    def to_state(self) -> object:
        return [
            self.numbers,
            self.slots,
            {str(label): moments.to_state() for label, moments in self.moments.items()},
            [[j, origin] for j, origin in self.origins.items()],
        ]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        numbers, slots, moments, origins = state
        return cls(
            numbers,
            slots,
            {int(label): Moments.from_state(found) for label, found in moments.items()},
            dict(origins),
        )

    def total(self) -> Moments:
        """The moments of all classes together."""
        first, *others = (self.moments[label] for label in sorted(self.moments))
        for moments in others:
            first = first.merge(moments)
        return first

    def means_of_numbers(self) -> list[float]:
        """Mean of each number's cells that are not missing, over all classes; NaN where there is none."""
        total = self.total()
        means = list(total.mean[: self.numbers])
        for place, (j, origin) in enumerate(self.origins.items(), self.numbers):
            share = 1.0 - total.mean[place]
            means[j] = origin + (means[j] - origin) / share if round(share * total.count) else math.nan
        return means

    def imputed(self, means: Sequence[float]) -> dict[int, Moments]:
        """The moments by class with these in the place of missing numbers, and without marks."""
        moments = self._about({j: means[j] if math.isfinite(means[j]) else 0.0 for j in self.origins})
        kept = [*range(self.numbers), *self._indicators()]
        return (
            {label: found.restricted(kept) for label, found in moments.items()} if self.origins else moments
        )

    def _indicators(self) -> range:
        start = self.numbers + len(self.origins)
        return range(start, start + self.slots)

    def _about(self, origins: dict[int, float]) -> dict[int, Moments]:
        """The moments with these origins, which are those there are or more."""
        if origins == self.origins:
            return self.moments
        places = {j: place for place, j in enumerate(self.origins, self.numbers)}
        result = {}
        for label, moments in self.moments.items():
            for j, origin in self.origins.items():
                if origins[j] != origin:
                    moments = moments.added(j, places[j], origins[j] - origin)
            order = [*range(self.numbers), *(places.get(j) for j in origins), *self._indicators()]
            result[label] = moments.arranged(order)
        return result


def gathered(blocks: Iterable[Rows], design: Design) -> Gathered:
    """What all rows in the blocks hold."""
    total = Gathered(len(design.numbers), sum(len(category.codes) for category in design.categories))
    for block in blocks:
        total = total.merge(_of_block(block, design, total))
    return total


def _of_block(block: Rows, design: Design, before: Gathered) -> Gathered:
    numbers = [block.columns[j] for j in design.numbers]
    if not any(math.isnan(sum(numbers[j])) for j in before.origins):
        found = _with_origins(block, design, before, numbers, {})
        # Of a column with a hole the mean is NaN: where there are none, looking for them costs nothing.
        if not any(math.isnan(mean) for moments in found.moments.values() for mean in moments.mean):
            return found
    origins = {
        j: before.origins[j] if j in before.origins else _near(column)
        for j, column in enumerate(numbers)
        if math.isnan(sum(column))
    }
    return _with_origins(block, design, before, numbers, origins)


def _near(column: Sequence[float]) -> float:
    """A number near those of the column, so that what is in the place of a missing one costs no digits."""
    present = [value for value in column if value == value]
    return math.fsum(present) / len(present) if present else 0.0


def _with_origins(
    block: Rows,
    design: Design,
    before: Gathered,
    numbers: Sequence[Sequence[float]],
    origins: dict[int, float],
) -> Gathered:
    filled = list(numbers)
    for j, origin in origins.items():
        filled[j] = [value if value == value else origin for value in numbers[j]]
    filled += [[0.0 if value == value else 1.0 for value in numbers[j]] for j in origins]
    slots = [category.of(block.columns[category.feature]) for category in design.categories]
    sizes = [len(category.codes) for category in design.categories]
    moments = {}
    for label in set(block.labels):
        mask = is_label(block.labels, label)
        columns = [list(compress(column, mask)) for column in filled]
        rows = sum(mask)
        moments[label] = moments_of(columns) if columns else Moments(rows, (), (), ())
        if slots:
            of_class = [bytes(compress(slot, mask)) for slot in slots]
            moments[label] = with_indicators(moments[label], columns, of_class, sizes)
    return Gathered(before.numbers, before.slots, moments, origins)


def is_label(labels: Sequence[int], label: int) -> Sequence[int]:
    """1 or True for a row with this label, else 0 or False."""
    if isinstance(labels, bytes):  # at the speed of memory
        return labels.translate(bytes(label) + b"\1" + bytes(255 - label))
    return [other == label for other in labels]
