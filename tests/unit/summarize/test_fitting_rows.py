"""The rows that candidates are fitted on: all or a draw, and folds that hold out every row once."""

from array import array
from collections import Counter

import pytest

from shared.folds import Fold
from shared.model.rows import Feature, Rows, gathered
from summarize.fit_rows import RowDraw
from summarize.fitting_rows import FittingRows, drawn

FEATURES = (Feature("x"), Feature("colour", ("red", "blue")))
CLASSES = ("a", "b", "c")


def blocks_of(rows: int, size: int, classes: int = 3) -> list[Rows]:
    """x is the row's place, and so is its place; classes take turns, of three one is rare."""
    labels = (
        [0 if i % 10 else 2 if i % 20 else 1 for i in range(rows)]
        if classes == 3
        else [i % classes for i in range(rows)]
    )
    return [
        Rows(
            [[float(i) for i in part], [2 + i % 2 for i in part]],
            [labels[i] for i in part],
            list(part),
        )
        for part in (range(start, min(start + size, rows)) for start in range(0, rows, size))
    ]


def fitting(rows: int, forward: bool, classes: int = 3) -> FittingRows:
    names = CLASSES if classes == 3 else tuple(f"c{k:03d}" for k in range(classes))
    return FittingRows(gathered(blocks_of(rows, 64, classes), FEATURES), FEATURES, names, (), forward, 7)


@pytest.mark.parametrize("size", [1, 7, 500])
def test_as_many_rows_as_are_wanted_or_fewer_are_all_taken(size):
    for most in (120, 121):
        found = list(drawn(lambda: iter(blocks_of(120, size)), 120, CLASSES, most, 3))
        assert [place for block in found for place in block.places] == list(range(120))


@pytest.mark.parametrize("size", [1, 7, 500])
def test_a_draw_has_whole_rows_in_their_order_the_same_from_any_blocks(size):
    found = list(drawn(lambda: iter(blocks_of(400, size)), 400, CLASSES, 100, 3))
    places = [place for block in found for place in block.places]
    assert places == sorted(set(places))
    assert [x for block in found for x in block.columns[0]] == places
    assert [code for block in found for code in block.columns[1]] == [2 + place % 2 for place in places]
    labels = [label for block in found for label in block.labels]
    assert labels == [0 if place % 10 else 2 if place % 20 else 1 for place in places]
    assert Counter(labels) == {0: 90, 1: 5, 2: 5}
    mask = RowDraw({"a": 360, "b": 20, "c": 20}, 100, 3).mask(
        [CLASSES[label] for block in blocks_of(400, 500) for label in block.labels]
    )
    assert places == [place for place, kept in enumerate(mask) if kept]


@pytest.mark.parametrize(("classes", "labels"), [(3, bytes), (256, bytes), (300, array)])
def test_each_row_is_held_out_once_and_trained_on_otherwise(classes, labels):
    found = fitting(900, forward=False, classes=classes)
    held_out = []
    for index in range(3):
        train, test = found.fold(Fold(index, 3))
        assert sorted([*train.columns[0], *test.columns[0]]) == [float(i) for i in range(900)]
        assert isinstance(train.labels, labels)
        assert isinstance(test.labels, labels)
        assert [column.typecode for column in train.columns] == ["d", "H"]
        for rows in (train, test):
            assert list(rows.labels) == [found.rows.labels[int(x)] for x in rows.columns[0]]
            assert list(rows.columns[1]) == [2 + int(x) % 2 for x in rows.columns[0]]
        held_out += test.columns[0]
    assert sorted(held_out) == [float(i) for i in range(900)]


def test_forward_folds_are_fitted_on_what_came_before():
    found = fitting(900, forward=True)
    for index in range(3):
        train, test = found.fold(Fold(index, 3))
        assert max(train.columns[0]) < min(test.columns[0])
        assert min(train.columns[0]) == 0.0
