import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from summarize.weights import blend_weights


def loss(weights, own) -> float:
    return float(-np.log(np.maximum(np.array(weights) @ np.array(own), 1e-300)).sum())


def by_scipy(own) -> float:
    """The lowest loss that SciPy finds, from several starts."""
    members = len(own)
    starts = [np.full(members, 1 / members), *np.eye(members) * 0.9 + 0.1 / members]
    bounds, total = [(0, 1)] * members, {"type": "eq", "fun": lambda w: w.sum() - 1}
    return min(
        minimize(loss, start, args=(own,), bounds=bounds, constraints=total, tol=1e-12).fun
        for start in starts
    )


@given(st.integers(2, 4), st.integers(5, 60), st.integers(0, 2**32 - 1))
def test_no_weights_are_better_than_these(members, rows, seed):
    own = np.random.default_rng(seed).uniform(0.01, 1, size=(members, rows)).tolist()
    weights = blend_weights(own)
    assert min(weights) >= 0.0
    assert math.isclose(sum(weights), 1.0, rel_tol=1e-12)
    assert loss(weights, own) <= by_scipy(own) + 1e-6


def test_a_member_that_is_worse_on_every_row_gets_nothing():
    better = np.linspace(0.3, 0.9, 50)
    assert blend_weights([(better / 2).tolist(), better.tolist()]) == [0.0, 1.0]


def test_members_that_err_on_different_rows_share():
    weights = blend_weights([[0.9, 0.1] * 20, [0.1, 0.9] * 20])
    assert weights == pytest.approx([0.5, 0.5])


def test_the_same_member_twice_is_worth_what_it_is_once():
    rng = np.random.default_rng(1)
    one, two = rng.uniform(0.1, 1, size=(2, 80)).tolist()
    pair = blend_weights([one, two])
    assert loss(blend_weights([one, one, two]), [one, one, two]) == pytest.approx(loss(pair, [one, two]))


def test_a_member_that_rules_out_the_truth_does_not_rule_the_blend():
    weights = blend_weights([[0.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5]])
    assert 0.0 < weights[0] < 1.0
    assert loss(weights, [[0.0, 1.0, 1.0, 1.0], [0.5] * 4]) < 4 * math.log(2)


def test_one_member_has_all_the_weight():
    assert blend_weights([[0.2, 0.4]]) == [1.0]
