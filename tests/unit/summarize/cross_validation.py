"""A table, and the folds of it as the steps go through them: helpers of the tests of choosing."""

from array import array
from collections.abc import Sequence

import numpy as np

from shared.event_fields import Json
from shared.model.rows import Feature, Rows
from summarize.choosing.candidates import Candidate
from summarize.choosing.fit_fold import fold_result
from summarize.choosing.folds import rows_of_fold, stratified_folds


def table(rows: int = 200, classes: int = 2, seed: int = 0) -> tuple[Rows, list[Feature], tuple[str, ...]]:
    """Two numbers that say something of the class, one a line and one a bend, and one that says nothing."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(rows, 3))
    slopes, bends = rng.normal(size=(2, classes))
    scores = numbers[:, 0, None] * slopes + np.abs(numbers[:, 1, None]) * bends
    labels = (2 * scores + rng.gumbel(size=(rows, classes))).argmax(1)
    columns = [array("d", column.tolist()) for column in numbers.T]
    features = [Feature("line"), Feature("bend"), Feature("nothing")]
    return Rows(columns, bytes(labels.tolist())), features, tuple("abcdefgh"[:classes])


def taken(rows: Rows, places: Sequence[int]) -> Rows:
    columns = [array("d", [column[i] for i in places]) for column in rows.columns]
    return Rows(columns, bytes(rows.labels[i] for i in places))


def folds_of(
    rows: Rows,
    features: Sequence[Feature],
    classes: Sequence[str],
    compared: Sequence[Candidate],
    folds: int = 5,
    seed: int = 1,
) -> tuple[list[Rows], list[Json]]:
    """The held-out rows of each stratified fold, and what was fitted without them."""
    assigned = stratified_folds(rows.labels, classes, folds, seed)
    held_out, results = [], []
    for fold in range(folds):
        train, other = (taken(rows, places) for places in rows_of_fold(assigned, fold, forward=False))
        held_out.append(other)
        results.append(fold_result(train, other, features, classes, compared, seed))
    return held_out, results
