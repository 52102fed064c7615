"""Fitted boosted trees: they score rows, go to JSON and back, and say what matters in them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from shared.event_fields import Json
from shared.model.boosted_trees.bins import CODES, MISSING, NUMBER_BINS, Thresholds, codes_of, every_code
from shared.model.boosted_trees.fixed_point import UNIT, Sums
from shared.model.boosted_trees.masks import CodedRows
from shared.model.boosted_trees.tree import Split, Tree
from shared.model.importance import Importance
from shared.model.probabilities import probabilities_of
from shared.model.rows import Feature

MOST_CLASSES = 32
_BLOCK = 16_384  # rows scored at once, so that their masks stay in the cache


@dataclass(frozen=True)
class BoostedTrees:
    """A fitted model of K classes. Two classes have one head, the log odds of the second; more have a head each.

    thresholds: by feature, None for a category; start: score of each head without trees; rounds: of a tree a head.
    """

    kind: ClassVar[str] = "boosted_trees"

    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    left_out: dict[str, str]
    thresholds: Thresholds
    start: tuple[float, ...]
    rounds: tuple[tuple[Tree, ...], ...]

    def truncated(self, trees: int) -> "BoostedTrees":
        """The model of the first so many rounds, or of all where it has no more."""
        return replace(self, rounds=self.rounds[:trees])

    def _splits(self) -> Iterator[Split]:
        return (split for trees in self.rounds for tree in trees for split in tree.splits)

    def probabilities(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        used = {split.feature for split in self._splits()}
        rows = max(map(len, columns), default=0)
        scores: list[list[float]] = [[] for _ in self.start]
        for first in range(0, rows, _BLOCK):
            block = [
                column[first : first + _BLOCK] if place in used else ()
                for place, column in enumerate(columns)
            ]
            coded = CodedRows(map(codes_of, block, self.thresholds), min(_BLOCK, rows - first))
            for of_head, of_block in zip(scores, self._scores(coded), strict=True):
                of_head += of_block
        return probabilities_of([[0.0] * rows, *scores] if len(self.classes) == 2 else scores)

    def _scores(self, coded: CodedRows) -> Iterator[list[float]]:
        """The scores of each head."""
        for head, start in enumerate(self.start):
            sums = Sums(coded.rows)
            for trees in self.rounds:
                splits, values = trees[head]
                sums.add(coded.leaves(splits), values)
            yield [start + UNIT * total for total in sums.values()]

    def describe(self) -> str:
        leaves = max((len(tree.values) for trees in self.rounds for tree in trees), default=1)
        heads = f", each of a tree for every class ({len(self.classes)})" if len(self.start) > 1 else ""
        return f"gradient boosting: {len(self.rounds)} rounds of trees with at most {leaves} leaves{heads}"

    def to_json(self) -> Json:
        return {
            "left_out": self.left_out,
            "unit": UNIT,
            "thresholds": self.thresholds,
            "start": self.start,
            "rounds": [[self._tree_to_json(tree) for tree in trees] for trees in self.rounds],
        }

    def _tree_to_json(self, tree: Tree) -> Json:
        return {
            "splits": [
                [leaf, feature, *self._codes_to_json(feature, codes), gain]
                for leaf, feature, codes, gain in tree.splits
            ],
            "values": tree.values,
        }

    def _codes_to_json(self, feature: int, codes: int) -> list:
        """A number: the index of the threshold up to which cells stay (-1 for none), and whether missing cells do.
        A category: the codes that stay, bit c of a hexadecimal number for code c."""
        if self.thresholds[feature] is None:
            return [f"{codes:x}"]
        return [codes.bit_length() - 2, codes >> MISSING & 1] if codes > 1 else [-1, 1]

    @classmethod
    def from_json(cls, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> "BoostedTrees":
        if value["unit"] != UNIT:
            raise ValueError(f"unit is {value['unit']!r}, not {UNIT}")
        return cls(
            features=tuple(features),
            classes=tuple(classes),
            left_out=dict(value["left_out"]),
            thresholds=tuple(
                None if thresholds is None else tuple(map(float, thresholds))
                for thresholds in value["thresholds"]
            ),
            start=tuple(map(float, value["start"])),
            rounds=tuple(tuple(map(_tree_from_json, trees)) for trees in value["rounds"]),
        )

    def problems(self) -> Iterator[str]:
        k = len(self.classes)
        if not 2 <= k <= MOST_CLASSES:
            yield f"{k} classes; boosted trees have 2 to {MOST_CLASSES}"
            return
        if len(self.start) != (1 if k == 2 else k) or not all(map(math.isfinite, self.start)):
            yield f"start is not a finite number for each head of {k} classes"
        if len(self.thresholds) != len(self.features):
            yield f"thresholds has {len(self.thresholds)} entries for {len(self.features)} features"
            return
        for feature, thresholds in zip(self.features, self.thresholds, strict=True):
            if (thresholds is None) != (feature.values is not None):
                yield f"thresholds of {feature.name!r} do not fit whether it is a category"
            elif thresholds is not None and not _is_ascending(thresholds):
                yield f"thresholds of {feature.name!r} are not fewer than {NUMBER_BINS} finite ascending numbers"
        for number, trees in enumerate(self.rounds):
            if len(trees) != len(self.start):
                yield f"round {number} has {len(trees)} trees for {len(self.start)} heads"
            for tree in trees:
                yield from (f"round {number}: {problem}" for problem in self._problems_of_tree(tree))

    def _problems_of_tree(self, tree: Tree) -> Iterator[str]:
        if len(tree.values) != len(tree.splits) + 1:
            yield f"{len(tree.values)} leaf values for {len(tree.splits)} splits"
        if any(abs(value) > _LARGEST_VALUE for value in tree.values):
            yield "a leaf value is too large"
        for place, split in enumerate(tree.splits):
            if not 0 <= split.leaf <= place:
                yield f"split {place} is of leaf {split.leaf}"
            if not 0 <= split.feature < len(self.features):
                yield f"split {place} is by feature {split.feature} of {len(self.features)}"
                continue
            thresholds = self.thresholds[split.feature]
            every = (
                every_code(self.features[split.feature]) if thresholds is None else (2 << len(thresholds)) - 1
            )
            if split.codes & ~(every or 0) or not split.codes:
                yield f"split {place} keeps codes that feature {split.feature} does not have, or none"

    def importance(self) -> Importance:
        """Each feature's share of the squared error of the gradients that all splits took away."""
        gains = [0.0] * len(self.features)
        for split in self._splits():
            gains[split.feature] += split.gain
        total = math.fsum(gains) or 1.0
        used = [j for j, feature in enumerate(self.features) if feature.name not in self.left_out]
        return Importance(
            measure="share of gain",
            meaning="the part of what all splits gain that is gained by splits on the feature",
            names=tuple(self.features[j].name for j in used),
            numbers={None: [gains[j] / total for j in used]},
        )


_LARGEST_VALUE = 2**40  # in units: sums of some thousand stay below 2^63


def _tree_from_json(value: Json) -> Tree:
    return Tree(tuple(map(_split_from_json, value["splits"])), tuple(map(_whole, value["values"])))


def _split_from_json(value: Sequence) -> Split:
    leaf, feature, *stay, gain = value
    if len(stay) == 1:
        codes = int(stay[0], 16)
    else:
        threshold, missing = stay
        up_to = _code(threshold + 1)  # 0 where no threshold is meant
        codes = (2 << up_to) - 2 | _code(missing) << MISSING
    return Split(_whole(leaf), _whole(feature), codes, float(gain))


def _code(value: object) -> int:
    if not 0 <= _whole(value) < CODES:
        raise ValueError(f"{value!r} is no code of a cell")
    return _whole(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _is_ascending(thresholds: Iterable[float]) -> bool:
    numbers = list(thresholds)
    return (
        len(numbers) < NUMBER_BINS
        and all(map(math.isfinite, numbers))
        and all(a < b for a, b in pairwise(numbers))
    )
