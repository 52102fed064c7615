"""Where a set of labelled rows stands while trees are added: its odds, their loss, the next step of each leaf."""

import math
from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

from shared.model.boosted_trees.fixed_point import UNIT
from shared.model.boosted_trees.masks import CodedRows, bit_of_each, leaf_of_each, mask_of
from shared.model.boosted_trees.tree import Split

_IS_LEAF = [bytes(value == leaf for value in range(256)) for leaf in range(256)]


class Leaves(NamedTuple):
    """The leaves of a tree. masks: the rows of each. of_row: the index of each row's."""

    masks: list[int]
    of_row: bytes


class Standing:
    """n rows and, for each head, the exponential of their scores.

    Two classes have one head, the odds of the second; the first stands at 1. More classes have a head each.
    """

    def __init__(self, coded: CodedRows, labels: bytes, start: Sequence[float]) -> None:
        """labels: class index of each row. start: the score of each head before the first tree."""
        self.coded = coded
        self.rows = coded.rows
        targets = [1] if len(start) == 1 else range(len(start))
        self._of_target = [mask_of(labels, target) for target in targets]
        self._is_target = [bit_of_each(mask, coded.rows) for mask in self._of_target]
        self._odds = [[math.exp(score)] * coded.rows for score in start]

    def _totals(self) -> list[float]:
        if len(self._odds) == 1:
            return [1.0 + odds for odds in self._odds[0]]
        return [sum(row) for row in zip(*self._odds, strict=True)]

    def probabilities(self) -> list[list[float]]:
        """Of each head's class, for each row."""
        totals = self._totals()
        return [[odds / total for odds, total in zip(head, totals, strict=True)] for head in self._odds]

    def gradients(self, head: int, probabilities: Sequence[float]) -> list[float]:
        """First derivatives of the log loss by the head's score: the probability less whether it is the class."""
        return [p - is_target for p, is_target in zip(probabilities, self._is_target[head], strict=True)]

    def leaves(self, splits: Sequence[Split]) -> Leaves:
        """The leaves that the splits of a tree make of the rows."""
        masks = self.coded.leaves(splits)
        return Leaves(masks, leaf_of_each(masks, self.rows))

    def derivatives(
        self, head: int, probabilities: Sequence[float], leaves: Leaves
    ) -> list[tuple[float, float]]:
        """The first and the second derivative of the log loss by the head's score, each summed over a leaf's rows."""
        sums = []
        for mask, is_leaf in zip(leaves.masks, _IS_LEAF, strict=False):
            inside = list(compress(probabilities, leaves.of_row.translate(is_leaf)))
            expected = math.fsum(inside)
            observed = (mask & self._of_target[head]).bit_count()
            sums.append((expected - observed, expected - math.sumprod(inside, inside)))
        return sums

    def add(self, head: int, leaves: Leaves, values: Sequence[int]) -> None:
        """Adds a tree's leaf values, in units, to the head's scores."""
        factors = [math.exp(value * UNIT) for value in values]
        odds = self._odds[head]
        self._odds[head] = [x * factors[leaf] for x, leaf in zip(odds, leaves.of_row, strict=True)]

    def loss(self) -> float:
        """The mean log loss of the rows."""
        total = math.fsum(map(math.log, self._totals()))
        of_label = (
            math.fsum(map(math.log, compress(odds, is_target)))
            for odds, is_target in zip(self._odds, self._is_target, strict=True)
        )
        return (total - math.fsum(of_label)) / self.rows
