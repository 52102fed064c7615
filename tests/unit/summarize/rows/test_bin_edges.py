"""The edges between bins: few, round, nobody's cell, and those of two datasets nested in each other."""

import math
import random
from bisect import bisect_right
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.rows.bin_edges import bin_edges

DAY = 86_400.0
FINITE = st.floats(-1e150, 1e150)
DRAW = random.Random(7)
NORMAL = sorted(DRAW.gauss(50.0, 10.0) for _ in range(5000))
SKEWED = sorted(DRAW.lognormvariate(3.0, 1.5) for _ in range(5000))


def rows_by_bin(values: list[float], edges: tuple[float, ...]) -> list[int]:
    counts = Counter(bisect_right(edges, value) for value in values)
    return [counts[place] for place in range(len(edges) + 1)]


@given(st.one_of(st.lists(FINITE, min_size=1), st.lists(st.integers(-50, 50).map(float), min_size=1)))
def test_all_values_lie_between_the_outer_edges_and_the_edges_are_few_and_rise(values):
    edges = bin_edges(sorted(values))
    assert 2 <= len(edges) <= 26
    assert all(map(math.isfinite, edges))
    assert list(edges) == sorted(set(edges))
    assert rows_by_bin(values, edges)[0] == rows_by_bin(values, edges)[-1] == 0


def test_no_value_has_no_edge():
    assert bin_edges([]) == ()


@pytest.mark.parametrize("values", [NORMAL, SKEWED], ids=["normal", "skewed"])
def test_bins_are_finer_where_many_rows_are(values):
    counts = rows_by_bin(values, bin_edges(values))
    assert len(counts) >= 18
    assert max(counts) <= 0.1 * len(values)


def test_small_whole_numbers_have_a_bin_each():
    edges = bin_edges(sorted([1.0] * 90 + [2.0] * 60 + [4.0] * 50))
    assert edges == (1.0, 2.0, 3.0, 4.0, 5.0)


def test_a_value_that_most_rows_have_is_not_cut_around():
    values = sorted([0.0] * 600 + [DRAW.uniform(0.0, 64.0) for _ in range(400)])
    edges = bin_edges(values)
    assert edges[:3] == (0.0, 4.0, 8.0)


def test_days_are_not_cut_into_hours_and_hours_are():
    days = [k * DAY for k in range(19_000, 19_010)]
    assert all(edge % DAY == 0 for edge in bin_edges(days, "date"))
    assert bin_edges(days, "date")[:3] == (19_000 * DAY, 19_001 * DAY, 19_002 * DAY)
    hours = [19_000 * DAY + 3600.0 * k for k in range(24)]
    assert bin_edges(hours, "date")[:2] == (19_000 * DAY, 19_000 * DAY + DAY / 16)


def test_an_outlier_does_not_take_the_bins_and_is_not_told():
    outlier = 123_456.789
    edges = bin_edges(sorted([*NORMAL, outlier]))
    assert edges[:-1] == bin_edges(NORMAL)[:-1]
    assert outlier < edges[-1] <= 2 * outlier
    assert edges[-1] % 65_536 == 0


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_a_bin_begins_at_a_multiple_of_its_width_which_is_a_power_of_two(scale, shift):
    """So two bins, be they of two datasets, are apart, or one holds the other."""
    values = sorted((value - 50.0) / 10.0 * scale + shift for value in NORMAL[::10])
    edges = bin_edges(values)
    counts = rows_by_bin(values, edges)[1:-1]
    inner = [bin_ for bin_, rows in zip(pairwise(edges), counts, strict=True) if rows][1:-1]
    assert len(inner) > 8
    for low, high in inner:
        width = high - low
        assert math.frexp(width)[0] == 0.5
        assert low % width == 0
