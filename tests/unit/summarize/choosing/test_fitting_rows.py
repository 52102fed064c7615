"""The rows that candidates are fitted on, and folds that hold out every row once."""

from array import array
from types import SimpleNamespace

import pytest

from shared.folds import Fold
from shared.model.encoding import Encoding, Input
from shared.parts import Part
from shared.typed_columns import CodedColumn
from summarize.choosing.fitting_rows import FittingRows
from summarize.rows.drawn_rows import DrawnRows
from summarize.rows.fit_rows import drawn_places
from summarize.rows.sample import Sample
from summarize.rows.split import CHRONOLOGICAL, SHUFFLED

ENCODING = Encoding((Input("x"), Input("colour", "category", values=("red", "blue"))))


def fitting(rows: int, forward: bool, classes: int = 3, most: int | None = None) -> FittingRows:
    """x is the row's place; classes take turns, of three one is rare. The rows lie in two pieces."""
    names = tuple(f"c{k:03d}" for k in range(classes))
    labels = [i % classes if classes != 3 else 0 if i % 10 else 2 if i % 20 else 1 for i in range(rows)]
    pieces = []
    for start, end in ((0, 64), (64, rows)):
        colours = CodedColumn(array("B", (i % 2 for i in range(start, end))), ("red", "blue"))
        part = Part([array("d", range(start, end)), colours], array("H", labels[start:end]), names)
        pieces.append(DrawnRows(part, b"\1" * (end - start), bytes(end - start)))
    split = SimpleNamespace(method=CHRONOLOGICAL if forward else SHUFFLED, train_rows=rows)
    data = SimpleNamespace(classes=names, split=split, labels=lambda part: list(part.codes))
    draws = SimpleNamespace(most=most or rows, own=True, bit=lambda fold: 1)
    return FittingRows(data, draws, Sample(tuple(pieces)), ENCODING, {"fit_rows": None, "seed": 7}, [])


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
            assert list(rows.labels) == [found.of_fold(index).labels[int(x)] for x in rows.columns[0]]
            assert list(rows.columns[1]) == [2 + int(x) % 2 for x in rows.columns[0]]
        held_out += test.columns[0]
    assert sorted(held_out) == [float(i) for i in range(900)]


def test_forward_folds_are_fitted_on_what_came_before():
    found = fitting(900, forward=True)
    for index in range(3):
        train, test = found.fold(Fold(index, 3))
        assert max(train.columns[0]) < min(test.columns[0])
        assert min(train.columns[0]) == 0.0


def test_where_the_time_allows_for_fewer_rows_than_were_drawn_each_fold_draws_its_own_of_these(monkeypatch):
    monkeypatch.setattr("summarize.choosing.fitting_rows.affordable_rows", lambda *_: 300)
    found = fitting(900, forward=False)
    draws = [[int(x) for x in found.of_fold(index).columns[0]] for index in range(3)]
    labels = [0 if i % 10 else 2 if i % 20 else 1 for i in range(900)]
    assert draws[0] == drawn_places(labels, 300, 7)
    assert all(len(rows) == 300 and rows == sorted(set(rows)) for rows in draws)
    assert len({tuple(rows) for rows in draws}) == 3
    for index in range(3):
        train, test = found.fold(Fold(index, 3))
        assert sorted([*train.columns[0], *test.columns[0]]) == draws[index]
