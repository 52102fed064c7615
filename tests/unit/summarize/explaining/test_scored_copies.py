"""Altered copies of rows get what the model says of each of them alone, however many go into a batch."""

import math

import pytest

from summarize.explaining import scored_copies as module
from summarize.explaining.scored_copies import scored_copies

COLUMNS = [[0.0, 1.0, 2.0], [10.0, 20.0, 30.0]]
COPIES = [{}, {0: [5.0, 5.0, 5.0]}, {1: [7.0, 8.0, 9.0]}, {0: [3.0, 2.0, 1.0], 1: [1.0, 1.0, 1.0]}, {}]


class Model:
    """Says a sum and its negative, and of an x of 2 nothing. Counts its calls and the rows of the largest one."""

    classes = ("a", "b")

    def __init__(self) -> None:
        self.calls, self.most = 0, 0

    def probabilities(self, columns):
        self.calls, self.most = self.calls + 1, max(self.most, len(columns[0]))
        sums = [math.nan if x == 2.0 else x + y for x, y in zip(*columns, strict=True)]
        return [sums, [-value for value in sums]]


def alone(altered: dict) -> list[list[float]]:
    found = Model().probabilities([altered.get(j, column) for j, column in enumerate(COLUMNS)])
    return [[0.5 if math.isnan(value) else value for value in column] for column in found]


@pytest.mark.parametrize(
    ("rows", "cells", "calls", "most"),
    [
        (16_384, 1_000_000, 1, 15),
        (6, 1_000_000, 3, 6),
        (1, 1_000_000, 5, 3),
        (16_384, 12, 3, 6),
        (16_384, 1, 5, 3),
    ],
)
def test_each_copy_is_scored_as_if_alone_in_batches_within_bounds(rows, cells, calls, most, monkeypatch):
    monkeypatch.setattr(module, "_BATCH_ROWS", rows)
    monkeypatch.setattr(module, "_BATCH_CELLS", cells)
    model = Model()
    assert list(scored_copies(model, COLUMNS, 3, COPIES)) == [alone(altered) for altered in COPIES]
    assert (model.calls, model.most) == (calls, most)


def test_no_copy_is_no_call():
    model = Model()
    assert list(scored_copies(model, COLUMNS, 3, [])) == []
    assert model.calls == 0
