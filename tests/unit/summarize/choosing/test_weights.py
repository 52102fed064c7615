import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax

from summarize.choosing.weights import blend_weights


def said(members: int, rows: int, classes: int, seed: int) -> tuple[np.ndarray, list[int]]:
    """Logarithms of probabilities (members, classes, rows), better than chance, and the true classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=rows)
    scores = rng.normal(size=(members, classes, rows)) + rng.uniform(0, 2) * np.eye(classes)[labels].T
    return log_softmax(scores, axis=1), labels.tolist()


def loss(weights, logs, labels) -> float:
    mixed = log_softmax(np.tensordot(np.asarray(weights), np.asarray(logs), axes=1), axis=0)
    return float(-mixed[labels, np.arange(len(labels))].sum())


def by_scipy(logs, labels) -> float:
    """The lowest loss that SciPy finds, from several starts."""
    members = len(logs)
    starts = [np.full(members, 1 / members), *np.eye(members) * 0.9 + 0.1 / members]
    bounds, total = [(0, 1)] * members, {"type": "eq", "fun": lambda w: w.sum() - 1}
    return min(
        minimize(
            loss, start, args=(logs, labels), bounds=bounds, constraints=total, options={"ftol": 1e-12}
        ).fun
        for start in starts
    )


@given(st.integers(2, 4), st.integers(5, 60), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_no_weights_are_better_than_these(members, rows, classes, seed):
    logs, labels = said(members, rows, classes, seed)
    weights = blend_weights(logs.tolist(), labels)
    assert min(weights) >= 0.0
    assert math.isclose(sum(weights), 1.0, rel_tol=1e-12)
    assert loss(weights, logs, labels) <= by_scipy(logs, labels) + 1e-6


def logs_of(*own: float) -> list[list[float]]:
    """Of two classes, where the rows' true one is the first and has these probabilities."""
    return [[math.log(p) for p in own], [math.log(1 - p) for p in own]]


def test_a_member_that_is_worse_on_every_row_gets_nothing():
    assert blend_weights([logs_of(0.3, 0.4, 0.45), logs_of(0.6, 0.8, 0.9)], [0, 0, 0]) == [0.0, 1.0]


def test_members_that_err_on_different_rows_share():
    weights = blend_weights([logs_of(*[0.9, 0.4] * 20), logs_of(*[0.4, 0.9] * 20)], [0] * 40)
    assert weights == pytest.approx([0.5, 0.5])


def test_the_same_member_twice_is_worth_what_it_is_once():
    logs, labels = said(2, 80, 3, 1)
    one, two = logs.tolist()
    pair, triple = blend_weights([one, two], labels), blend_weights([one, one, two], labels)
    assert loss(triple, [one, one, two], labels) == pytest.approx(loss(pair, logs, labels))


def test_one_member_has_all_the_weight():
    assert blend_weights([logs_of(0.2, 0.4)], [0, 0]) == [1.0]
