"""Sufficient statistics: NumPy's numbers, and the same ones in whatever order blocks are merged."""

import math
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.gaussian.moments import Moments, moments_of


def summary(rows: np.ndarray) -> Moments:
    return moments_of([column.tolist() for column in rows.T])


def sample(seed: int, mean: float, deviation: float, rows: int = 400) -> np.ndarray:
    """Correlated columns around `mean`."""
    generator = np.random.default_rng(seed)
    mixing = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -0.3], [0.0, 0.0, 1.0]])
    return mean + deviation * generator.normal(size=(rows, 3)) @ mixing


def assert_same(a: Moments, b: Moments, tolerance: float = 1e-12) -> None:
    """Equal counts; means to the tolerance; scatter to the tolerance of the columns' own scatter."""
    assert a.count == b.count
    np.testing.assert_allclose(a.mean, b.mean, rtol=tolerance)
    spread = np.sqrt(np.diag(b.scatter))
    np.testing.assert_allclose(
        np.array(a.scatter) / np.outer(spread, spread),
        np.array(b.scatter) / np.outer(spread, spread),
        atol=tolerance,
    )


def test_a_small_example_by_hand():
    assert moments_of([[1.0, 3.0], [2.0, 6.0]]) == Moments(
        count=2, mean=(2.0, 4.0), mean_low=(0.0, 0.0), scatter=((2.0, 4.0), (4.0, 8.0))
    )


def test_a_single_row_has_no_scatter():
    assert moments_of([[5.0], [7.0]]) == Moments(
        count=1, mean=(5.0, 7.0), mean_low=(0.0, 0.0), scatter=((0.0, 0.0), (0.0, 0.0))
    )


@pytest.mark.parametrize(
    ("mean", "deviation"), [(0.0, 1.0), (60_000.0, 1.0), (1e9, 1.0), (-1e-9, 1e-12), (1e100, 1e98)]
)
def test_mean_and_scatter_are_numpy_s(mean, deviation):
    rows = sample(1, mean, deviation)
    centred = rows - rows[0]  # exact enough: neighbouring numbers
    expected = Moments(
        len(rows),
        tuple(rows[0] + centred.mean(axis=0)),
        (0.0, 0.0, 0.0),
        tuple(map(tuple, np.cov(centred.T, ddof=0) * len(rows))),
    )
    assert_same(summary(rows), expected, 1e-11 if mean == 1e9 else 1e-12)


def test_the_rounded_mean_and_its_low_part_are_the_exact_mean():
    column = np.random.default_rng(6).normal(1e9, 1.0, 1001).tolist()
    exact = sum(map(Fraction, column)) / len(column)
    result = moments_of([column])
    assert abs(Fraction(result.mean[0]) + Fraction(result.mean_low[0]) - exact) < Fraction(1, 10**14)


def test_a_moments_of_some_columns_is_that_of_those_columns():
    rows = sample(7, 1e9, 1.0)
    assert summary(rows).restricted([2, 0]) == summary(rows[:, [2, 0]])


@pytest.mark.parametrize(
    ("mean", "deviation"),
    [
        (0.0, 1.0),
        (3.0, 1e-3),
        (1e9, 1.0),
    ],
)
@given(cuts=st.lists(st.integers(1, 399), max_size=30, unique=True), order=st.randoms(use_true_random=False))
def test_any_blocks_merged_in_any_order_are_the_whole(mean, deviation, cuts, order):
    rows = sample(2, mean, deviation)
    blocks = [summary(block) for block in np.split(rows, sorted(cuts))]
    order.shuffle(blocks)
    while len(blocks) > 1:  # any two of them first
        a, b = blocks.pop(order.randrange(len(blocks))), blocks.pop(order.randrange(len(blocks)))
        blocks.append(a.merge(b))
    assert_same(blocks[0], summary(rows))


def test_prices_near_60000_keep_their_digits_over_a_thousand_blocks():
    rows = sample(3, 60_000.0, 1.0, 20_000)
    merged = reduce(Moments.merge, (summary(block) for block in np.array_split(rows, 1000)))
    assert_same(merged, summary(rows))


def test_merging_is_symmetric():
    a, b = summary(sample(4, 5.0, 1.0, 7)), summary(sample(5, -5.0, 2.0, 300))
    assert_same(a.merge(b), b.merge(a), 1e-15)


def test_scatter_is_symmetric_to_the_last_bit():
    scatter = np.array(reduce(Moments.merge, (summary(sample(i, i, 1.0, 9)) for i in range(9))).scatter)
    np.testing.assert_array_equal(scatter, scatter.T)


def test_a_column_with_a_hole_is_nan_and_the_others_are_not():
    result = moments_of([[1.0, math.nan, 3.0], [1.0, 2.0, 3.0], [math.nan, 0.0, 0.0]])
    assert math.isnan(result.mean[0])
    assert math.isnan(result.mean[2])
    assert (result.mean[1], result.scatter[1][1]) == (2.0, 2.0)


def test_columns_in_another_order_with_a_column_of_zeros():
    rows = sample(8, 5.0, 1.0)
    expected = summary(np.column_stack([rows[:, 2], np.zeros(len(rows)), rows[:, 0]]))
    assert_same_scatter(summary(rows).arranged([2, None, 0]), expected)


def test_a_column_added_to_another_is_that_of_the_sum():
    rows = sample(9, 60_000.0, 1.0)
    added = rows.copy()
    added[:, 1] += 2.5 * rows[:, 0]
    assert_same(summary(rows).added(1, 0, 2.5), summary(added), 1e-10)
    scatter = np.array(summary(rows).added(1, 0, 2.5).scatter)
    np.testing.assert_array_equal(scatter, scatter.T)


def assert_same_scatter(a: Moments, b: Moments) -> None:
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-12)
    np.testing.assert_allclose(a.scatter, b.scatter, rtol=1e-12)
