import math
import sys
from bisect import bisect_left
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.boosted_trees.bins import (
    category_codes,
    codes_of,
    every_code,
    number_codes,
    quantile_thresholds,
    thresholds_of,
)
from shared.model.rows import Feature

numbers = st.one_of(st.floats(), st.integers(-5, 5).map(float), st.just(math.nan))


def test_few_values_are_cut_in_the_middle_between_each_two():
    assert quantile_thresholds([3.0, 1.0, math.nan, 2.0, 1.0, 8.0]) == (1.5, 2.5, 5.5)


@pytest.mark.parametrize("column", [[], [math.nan] * 3, [7.0], [7.0, 7.0, math.nan], [0.0, -0.0]])
def test_a_column_of_one_value_has_no_threshold(column):
    assert quantile_thresholds(column) == ()


def test_many_values_fill_32_bins_evenly():
    column = [float(i * i) for i in range(3200)]
    rows = Counter(number_codes(column, quantile_thresholds(column)))
    assert set(rows) == set(range(1, 33))
    assert min(rows.values()) >= 99
    assert max(rows.values()) <= 101


def test_a_frequent_value_has_a_bin_of_its_own_and_leaves_the_others_to_the_rest():
    column = [0.0] * 5000 + [float(i) for i in range(-500, 500)]
    codes = number_codes(column, quantile_thresholds(column))
    rows = Counter(codes)
    assert len(rows) == 32
    assert rows[codes[0]] == 5001
    assert max(count for code, count in rows.items() if code != codes[0]) <= 40


@given(st.lists(numbers, max_size=200), st.lists(numbers, max_size=30))
def test_a_threshold_parts_the_codes_as_it_parts_the_cells(train, others):
    thresholds = quantile_thresholds(train)
    assert len(thresholds) < 32
    assert all(map(math.isfinite, thresholds))
    assert list(thresholds) == sorted(set(thresholds))
    for cell, code in zip(train + others, number_codes(train + others, thresholds), strict=True):
        if math.isnan(cell):
            assert code == 0
        else:
            assert code >= 1
            assert [cell <= t for t in thresholds] == [code <= 1 + i for i in range(len(thresholds))]


@given(
    st.lists(st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6), max_size=100),
    st.integers(-200, 200),
)
def test_a_power_of_two_scales_the_thresholds_and_changes_no_code(column, exponent):
    scaled = [math.ldexp(cell, exponent) for cell in column]
    thresholds = quantile_thresholds(column)
    assert quantile_thresholds(scaled) == tuple(math.ldexp(t, exponent) for t in thresholds)
    assert number_codes(scaled, quantile_thresholds(scaled)) == number_codes(column, thresholds)


@pytest.mark.parametrize(
    "pair",
    [
        (-math.inf, math.inf),
        (1.0, math.inf),
        (-math.inf, 1.0),
        (-sys.float_info.max, sys.float_info.max),
        (-5e-324, 0.0),
        (0.0, 5e-324),
        (1.0, math.nextafter(1.0, 2.0)),
    ],
)
def test_neighbours_at_the_ends_of_float64_are_told_apart(pair):
    thresholds = quantile_thresholds(pair)
    assert number_codes(pair, thresholds) == bytes([1, 2])
    assert bisect_left(thresholds, pair[0]) == 0


def test_categories_beyond_the_frequent_ones_are_other():
    assert category_codes([0, 1, 2, 63, 64, 999]) == bytes([0, 1, 2, 63, 1, 1])


def test_the_kind_of_a_feature_decides_how_its_column_is_coded():
    features = [Feature("size"), Feature("colour", ("red", "blue"))]
    columns = [[1.0, 2.0], [2, 0]]
    thresholds = thresholds_of(features, columns)
    assert thresholds == ((1.5,), None)
    assert [*map(codes_of, columns, thresholds)] == [bytes([1, 2]), bytes([2, 0])]
    assert [*map(every_code, features)] == [None, 0b1111]
    assert every_code(Feature("town", tuple(map(str, range(500))))) == 2**64 - 1
