"""The walk over the test rows: what is kept of each row, and that the cut into blocks changes nothing."""

import math
import random

import pytest

from shared.model.decision import Decision
from shared.model.registry import GAUSSIAN
from shared.model.rows import Feature, Rows
from summarize import scored_test
from summarize.evaluation_counts import ranked
from summarize.scored_test import score_test_rows

CLASSES = ("a", "b", "never trained")
DECISION = Decision("b", "given", 0.4)


class Model:
    """Says of x that b has the probability x."""

    classes = ("a", "b")

    def probabilities(self, columns: list) -> list[list[float]]:
        return [[1 - x for x in columns[0]], list(columns[0])]


def scored(count: int, size: int, labels=(0, 1)):
    draw = random.Random(2)
    rows = [(round(draw.random(), 3), draw.choice(labels)) for _ in range(count)]
    blocks = [
        Rows(
            [[x for x, _ in part]],
            [label for _, label in part],
            list(range(start + 1000, start + 1000 + len(part))),
        )
        for start in range(0, count, size)
        if (part := rows[start : start + size])
    ]
    return rows, score_test_rows(Model(), DECISION, CLASSES, [Feature("x")], blocks, count, 5, False)


def test_of_each_row_is_kept_where_it_stands_what_was_said_and_what_that_cost():
    rows, found = scored(50, 7)
    kept = found.rows
    assert list(kept.places) == list(range(1000, 1050))
    assert list(kept.labels) == [label for _, label in rows]
    assert list(kept.predicted) == [int(x >= 0.4) for x, _ in rows]
    assert list(kept.probabilities) == [x for x, _ in rows]
    assert list(kept.losses) == pytest.approx([-math.log(x if label else 1 - x) for x, label in rows])
    assert kept.classes == CLASSES


@pytest.mark.parametrize("size", [1, 7, 50, 60])
def test_any_cut_into_blocks_gives_the_same(size, monkeypatch):
    monkeypatch.setattr(scored_test, "SAMPLE_ROWS", 20)
    monkeypatch.setattr(scored_test, "MOST_STORED", 17)
    _, whole = scored(50, 50)
    rows, found = scored(50, size)
    assert found.rows == whole.rows
    assert found.sample == whole.sample
    for name, losses in whole.evidence.losses.items():
        assert found.evidence.losses[name].present == losses.present
        assert found.evidence.losses[name].mean == pytest.approx(losses.mean, rel=1e-12)
    assert list(found.rows.places) == list(range(1000, 1050, 3))
    assert list(found.rows.probabilities) == [x for x, _ in rows[::3]]
    assert len(found.sample.labels) == 20


def test_a_sample_has_rows_that_are_rows_each_once(monkeypatch):
    monkeypatch.setattr(scored_test, "SAMPLE_ROWS", 20)
    rows, found = scored(50, 7)
    places = [
        rows.index((x, label)) for x, label in zip(found.sample.columns[0], found.sample.labels, strict=True)
    ]
    assert places == sorted(set(places))
    assert len(places) == 20


@pytest.mark.parametrize(("count", "most", "step"), [(20, 20, 1), (21, 20, 2), (40, 20, 2), (41, 20, 3)])
def test_at_most_so_many_rows_are_stored(count, most, step, monkeypatch):
    monkeypatch.setattr(scored_test, "MOST_STORED", most)
    _, found = scored(count, 8)
    assert list(found.rows.places) == list(range(1000, 1000 + count, step))


def test_a_class_that_was_never_trained_has_the_largest_loss_and_is_never_predicted():
    rows, found = scored(30, 30, labels=(0, 1, 2))
    unknown = [loss for loss, (_, label) in zip(found.rows.losses, rows, strict=True) if label == 2]
    assert unknown
    assert set(unknown) == {-math.log(2**-52)}
    assert set(found.rows.predicted) <= {0, 1}


@pytest.mark.parametrize(
    ("kinds", "rows"),
    [((GAUSSIAN.kind,), 900_000), (("logistic",), 200_000), ((GAUSSIAN.kind, "logistic"), 200_000)],
)
def test_models_that_are_slow_to_score_are_evaluated_on_a_draw(kinds, rows):
    class Data:
        class split:
            test_rows = 900_000

    assert scored_test.rows_scored(Data, kinds) == rows
    Data.split.test_rows = 150
    assert scored_test.rows_scored(Data, kinds) == 150


def test_the_classes_that_are_ranked_are_the_positive_one_of_two():
    assert list(ranked(Model.classes, DECISION)) == [1]
