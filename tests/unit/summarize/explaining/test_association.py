"""Association of columns, beside SciPy's, and the groups that come of it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from scipy.stats.contingency import association as scipy_association
from scipy.stats.contingency import crosstab

from summarize.explaining.association import CARRIES, association, groups_of, prepared

NUMBERS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=40)


@given(NUMBERS)
def test_of_two_numbers_it_is_the_size_of_spearman_s_correlation(rows):
    a, b = ([float(value) for value in column] for column in zip(*rows, strict=True))
    found = association(prepared(a, False), prepared(b, False))
    if len(set(a)) < 2 or len(set(b)) < 2:
        assert found == 0.0
    else:
        assert found == pytest.approx(abs(spearmanr(a, b).statistic), abs=1e-12)


@given(NUMBERS)
def test_of_two_categories_it_is_cramer_s_v_less_what_chance_gives(rows):
    a, b = map(list, zip(*rows, strict=True))
    found = association(prepared(a, True), prepared(b, True))
    table = crosstab(a, b).count
    assert 0.0 <= found <= 1.0
    if min(table.shape) < 2:
        assert found == 0.0
        return
    n, (r, k) = len(rows), table.shape
    phi = scipy_association(table, "cramer") ** 2 * (min(r, k) - 1)
    corrected = max(0.0, phi - (r - 1) * (k - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    assert found == pytest.approx(min(1.0, math.sqrt(corrected / least)) if least > 1e-12 else 0.0, abs=1e-7)


@given(NUMBERS)
def test_of_a_number_and_a_category_it_is_the_correlation_ratio_of_the_ranks(rows):
    codes, numbers = zip(*rows, strict=True)
    found = association(prepared(codes, True), prepared(list(map(float, numbers)), False))
    assert found == association(prepared(list(map(float, numbers)), False), prepared(codes, True))
    assert 0.0 <= found <= 1.0
    groups = [[y for c, y in rows if c == code] for code in set(codes)]
    if len(groups) < 2 or len(set(numbers)) < 2 or len(rows) <= len(groups):
        assert found == 0.0
        return
    ranks = {y: np.mean([i for i, other in enumerate(sorted(numbers)) if other == y]) for y in numbers}
    all_ranks = np.array([ranks[y] for y in numbers])
    within = sum(
        ((np.array([ranks[y] for y in own]) - np.mean([ranks[y] for y in own])) ** 2).sum() for own in groups
    )
    total = ((all_ranks - all_ranks.mean()) ** 2).sum()
    epsilon = 1 - within / total * (len(rows) - 1) / (len(rows) - len(groups))
    assert found == pytest.approx(math.sqrt(max(0.0, epsilon)), abs=1e-7)


def test_a_missing_number_has_the_middle_rank():
    with_holes = prepared([1.0, math.nan, 2.0, 3.0], False)
    assert association(with_holes, prepared([10.0, 20.0, 20.0, 30.0], False)) == pytest.approx(1.0)


def test_columns_that_carry_each_other_are_one_group_and_chains_are_none():
    generator = np.random.default_rng(0)
    a = generator.normal(size=400)
    near = a + 0.1 * generator.normal(size=400)
    half = a + 0.65 * generator.normal(size=400)
    far = half + 0.65 * generator.normal(size=400)
    alone = generator.normal(size=400)
    columns = [[prepared(column.tolist(), False)] for column in (a, alone, near, half, far)]
    assert association(columns[0][0], columns[3][0]) > CARRIES
    assert association(columns[3][0], columns[4][0]) > CARRIES
    assert association(columns[0][0], columns[4][0]) < CARRIES
    assert groups_of(columns) == [[0, 2], [1], [3, 4]]


def test_one_feature_of_a_column_that_carries_another_column_is_enough():
    ranks = prepared([3.0, 1.0, 2.0, 5.0], False)
    other = prepared([1.0, 2.0, 2.0, 1.0], False)
    assert groups_of([[other, ranks], [ranks]]) == [[0, 1]]
