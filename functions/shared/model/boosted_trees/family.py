"""Boosted trees as a family: all blocks of rows are gathered, since each tree looks at them again."""

from array import array
from collections.abc import Iterable, Sequence

from shared.event_fields import Json
from shared.model.boosted_trees import boosting
from shared.model.boosted_trees.model import BoostedTrees
from shared.model.boosted_trees.options import Options
from shared.model.rows import Feature, Rows


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


def gathered(blocks: Iterable[Rows], features: Sequence[Feature]) -> Rows:
    """All rows in one."""
    columns = [array("d" if feature.values is None else "H") for feature in features]
    labels = bytearray()
    for block in blocks:
        for column, more in zip(columns, block.columns, strict=True):
            column.extend(more)
        labels.extend(block.labels)
    return Rows(columns, bytes(labels))
