"""The walk over the test rows: what is kept of each row, and that the cut into blocks and ranges changes nothing."""

import math
import random
from types import SimpleNamespace

import pytest

from shared.model.decision import Decision
from shared.model.rows import Rows
from summarize.rows.split import SHUFFLED
from summarize.scoring import range_evaluation
from summarize.scoring.evaluation_counts import ranked
from summarize.scoring.range_evaluation import RangeEvaluation

CLASSES = ("a", "b", "never trained")
DECISION = Decision("b", "given", 0.4)


class Model:
    """Says of x that b has the probability x."""

    classes = ("a", "b")

    def probabilities(self, columns: list) -> list[list[float]]:
        return [[1 - x for x in columns[0]], list(columns[0])]


def range_of(rows: list[tuple[float, int]], first: int, count: int, size: int) -> SimpleNamespace:
    """Test rows, of `count` in all, that begin at the one with the number `first`, in blocks, at place 1000 more."""
    blocks = [
        Rows([[x for x, _ in part]], [label for _, label in part], list(range(place, place + len(part))))
        for start in range(0, len(rows), size)
        for part, place in [(rows[start : start + size], 1000 + first + start)]
    ]
    return SimpleNamespace(
        data=SimpleNamespace(classes=CLASSES, split=SimpleNamespace(test_rows=count, method=SHUFFLED)),
        blocks=lambda encoding, test: iter(blocks),
        test_before=lambda: first,
        sides=lambda: iter(()),
    )


def scored(count: int, size: int, labels=(0, 1), of_range: int | None = None):
    """Rows and their evaluation, in ranges of so many."""
    draw = random.Random(2)
    rows = [(round(draw.random(), 3), draw.choice(labels)) for _ in range(count)]
    ranges = [
        range_of(rows[first : first + (of_range or count)], first, count, size)
        for first in range(0, count, of_range or count)
    ]
    return rows, RangeEvaluation.merged(RangeEvaluation.of(one, Model(), DECISION, None) for one in ranges)


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
@pytest.mark.parametrize("of_range", [7, 25, 50])
def test_any_cut_into_blocks_and_ranges_gives_the_same(size, of_range, monkeypatch):
    monkeypatch.setattr(range_evaluation, "MOST_STORED", 17)
    _, whole = scored(50, 50)
    rows, found = scored(50, size, of_range=of_range)
    assert found.rows == whole.rows
    assert found.evaluation.confusion == whole.evaluation.confusion
    assert found.evaluation.log_loss == pytest.approx(whole.evaluation.log_loss, rel=1e-12)
    assert found.evaluation.rankings.area() == whole.evaluation.rankings.area()
    for name, losses in whole.evidence.losses.items():
        assert found.evidence.losses[name].present == losses.present
        assert found.evidence.losses[name].mean == pytest.approx(losses.mean, rel=1e-12)
    assert list(found.rows.places) == list(range(1000, 1050, 3))
    assert list(found.rows.probabilities) == [x for x, _ in rows[::3]]


@pytest.mark.parametrize(("count", "most", "step"), [(20, 20, 1), (21, 20, 2), (40, 20, 2), (41, 20, 3)])
def test_at_most_so_many_rows_are_stored(count, most, step, monkeypatch):
    monkeypatch.setattr(range_evaluation, "MOST_STORED", most)
    _, found = scored(count, 8)
    assert list(found.rows.places) == list(range(1000, 1000 + count, step))


def test_a_class_that_was_never_trained_has_the_largest_loss_and_is_never_predicted():
    rows, found = scored(30, 30, labels=(0, 1, 2))
    unknown = [loss for loss, (_, label) in zip(found.rows.losses, rows, strict=True) if label == 2]
    assert unknown
    assert set(unknown) == {-math.log(2**-52)}
    assert set(found.rows.predicted) <= {0, 1}


def test_the_classes_that_are_ranked_are_the_positive_one_of_two():
    assert list(ranked(Model.classes, DECISION)) == [1]
