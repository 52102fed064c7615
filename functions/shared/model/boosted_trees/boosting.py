"""Fits boosted trees: each tree is grown on the gradients of the log loss that the trees before it leave, and its
leaves take a Newton step (Friedman, "Greedy function approximation: a gradient boosting machine", 2001)."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from operator import itemgetter

from shared.errors import InvalidDatasetError
from shared.model.boosted_trees.bins import codes_of, every_code, thresholds_of
from shared.model.boosted_trees.fixed_point import whole_units
from shared.model.boosted_trees.growing import grow
from shared.model.boosted_trees.histogram import RoundedGradients
from shared.model.boosted_trees.masks import CodedRows
from shared.model.boosted_trees.model import MOST_CLASSES, BoostedTrees
from shared.model.boosted_trees.options import Options
from shared.model.boosted_trees.standing import Standing
from shared.model.boosted_trees.tree import Tree
from shared.model.rows import Feature, Rows

GROUP = 16_384  # rows that a tree is grown on, at most: the groups of a larger table take turns
LONGEST_STEP = 10.0  # of a score, before the rate


def fit(train: Rows, features: Sequence[Feature], classes: Sequence[str], options: Options) -> BoostedTrees:
    """The model of train rows, with `options.trees` rounds, or fewer where no tree finds a split."""
    boosting = Boosting(train, features, classes, options)
    return boosting.model(list(islice(boosting.rounds(), options.trees)))


def fit_watching(
    train: Rows, held_out: Rows, features: Sequence[Feature], classes: Sequence[str], options: Options
) -> tuple[BoostedTrees, list[float]]:
    """The model of train rows, and the mean log loss of the held-out rows with the first t of its rounds, for each t.

    It ends `options.patience` rounds after the lowest loss: how many rounds to keep is for the caller to say. Raises
    InvalidDatasetError where there is no row to watch.
    """
    if not held_out.labels:
        raise InvalidDatasetError("there is no held-out row to end the boosting of trees by")
    boosting = Boosting(train, features, classes, options)
    watched = boosting.standing(held_out)
    losses = [watched.loss()]
    rounds: list[list[Tree]] = []
    best = 0
    for trees in islice(boosting.rounds(), options.trees):
        rounds.append(trees)
        for head, tree in enumerate(trees):
            watched.add(head, watched.leaves(tree.splits), tree.values)
        losses.append(watched.loss())
        if losses[-1] < losses[best]:
            best = len(rounds)
        elif len(rounds) - best >= options.patience:
            break
    return boosting.model(rounds), losses


class Boosting:
    """The train rows made ready, and one round after another on them."""

    def __init__(
        self, train: Rows, features: Sequence[Feature], classes: Sequence[str], options: Options
    ) -> None:
        """Raises InvalidDatasetError for more classes than there may be, and where there is no row."""
        if not 2 <= len(classes) <= MOST_CLASSES:
            raise InvalidDatasetError(
                f"boosted trees tell 2 to {MOST_CLASSES} classes apart, and there are {len(classes)}: "
                "ask for another model"
            )
        if not train.labels:
            raise InvalidDatasetError("there is no row to fit boosted trees on")
        self._features = tuple(features)
        self._classes = tuple(classes)
        self._options = options
        self._random = random.Random(options.seed)
        self._thresholds = thresholds_of(features, train.columns)
        self._categories = [every_code(feature) for feature in features]
        self._start = _prior_scores(train.labels, len(classes))
        columns = list(map(codes_of, train.columns, self._thresholds))
        self._constant = [len(set(codes)) == 1 for codes in columns]
        self._min_rows = options.rows_of_a_leaf(len(train.labels))
        self._groups = [
            Standing(
                CodedRows([bytes(take(codes)) for codes in columns], rows),
                bytes(take(train.labels)),
                self._start,
            )
            for take, rows in self._taken(len(train.labels))
        ]
        self._noise = [self._random.random() for _ in range(self._groups[0].rows)]

    def _taken(self, rows: int) -> Iterator[tuple[Callable, int]]:
        """What takes the rows of a group, the largest first, and how many these are."""
        groups = -(-rows // GROUP)
        if groups == 1:
            yield list, rows
            return
        order = self._random.sample(range(rows), rows)
        for group in range(groups):
            places = order[group::groups]
            yield itemgetter(*places), len(places)

    def standing(self, rows: Rows) -> Standing:
        """Other labelled rows before the first round."""
        coded = CodedRows(map(codes_of, rows.columns, self._thresholds), len(rows.labels))
        return Standing(coded, bytes(rows.labels), self._start)

    def rounds(self) -> Iterator[list[Tree]]:
        """A tree for each head, again and again, until no tree finds a split."""
        for growing in cycle(range(len(self._groups))):
            probabilities = [group.probabilities() for group in self._groups]
            trees = [
                self._tree(head, growing, [of_heads[head] for of_heads in probabilities])
                for head in range(len(self._start))
            ]
            if not any(tree.splits for tree in trees):
                return
            yield trees

    def _tree(self, head: int, growing: int, probabilities: list[list[float]]) -> Tree:
        """The next tree of a head, grown on one group and settled and added in all; probabilities: by group."""
        group = self._groups[growing]
        gradients = RoundedGradients.of(group.gradients(head, probabilities[growing]), self._next_noise())
        splits = grow(group.coded, gradients, self._categories, self._options.leaves, self._min_rows)
        leaves = [group.leaves(splits) for group in self._groups]
        values = self._values(
            group.derivatives(head, p, of_group)
            for group, p, of_group in zip(self._groups, probabilities, leaves, strict=True)
        )
        for group, of_group in zip(self._groups, leaves, strict=True):
            group.add(head, of_group, values)
        return Tree(tuple(splits), values)

    def _next_noise(self) -> list[float]:
        """Numbers on [0, 1), one a row of a group: the same ones from another place on, which costs no time."""
        place = self._random.randrange(len(self._noise))
        return self._noise[place:] + self._noise[:place]

    def _values(self, derivatives: Iterable[list[tuple[float, float]]]) -> tuple[int, ...]:
        """The shortened Newton step of each leaf, in units; derivatives: by group, then by leaf."""
        values = []
        for of_leaf in zip(*derivatives, strict=True):
            first, second = map(math.fsum, zip(*of_leaf, strict=True))
            step = -first / (second + self._options.ridge)
            values.append(whole_units(self._options.rate * max(-LONGEST_STEP, min(LONGEST_STEP, step))))
        return tuple(values)

    def model(self, rounds: Sequence[Sequence[Tree]]) -> BoostedTrees:
        """The model that rounds on these train rows make."""
        return BoostedTrees(
            features=self._features,
            classes=self._classes,
            left_out={
                feature.name: "the same in every train row"
                for feature, constant in zip(self._features, self._constant, strict=True)
                if constant
            },
            thresholds=self._thresholds,
            start=self._start,
            rounds=tuple(map(tuple, rounds)),
        )


def _prior_scores(labels: Sequence[int], classes: int) -> tuple[float, ...]:
    """The score of each head from the share of its class, half a row added to each: a class may have no row."""
    counts = Counter(labels)
    logs = [math.log((counts[k] + 0.5) / (len(labels) + 0.5 * classes)) for k in range(classes)]
    return (logs[1] - logs[0],) if classes == 2 else tuple(logs)
