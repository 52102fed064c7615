"""Boosted trees as a family: all blocks of rows are gathered, since each tree looks at them again."""

from collections.abc import Iterable, Sequence

from shared.event_fields import Json
from shared.model.boosted_trees import boosting
from shared.model.boosted_trees.model import BoostedTrees
from shared.model.boosted_trees.options import Options
from shared.model.rows import Feature, Rows, gathered


class BoostedTreesFamily:
    """options: any of the fields of `Options`."""

    kind = BoostedTrees.kind

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> BoostedTrees:
        return boosting.fit(gathered(rows, features), features, classes, Options(**options))

    def fit_watching(
        self,
        train: Rows,
        held_out: Rows,
        features: Sequence[Feature],
        classes: Sequence[str],
        options: Json,
    ) -> tuple[BoostedTrees, list[float]]:
        """`boosting.fit_watching`: the model and, for each number of rounds, the log loss of the held-out rows."""
        return boosting.fit_watching(train, held_out, features, classes, Options(**options))

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> BoostedTrees:
        return BoostedTrees.from_json(value, features, classes)


BOOSTED_TREES = BoostedTreesFamily()
