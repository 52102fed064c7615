"""The population stability index: its formula, its pooling, and that chance exceeds `chance` once in a hundred."""

import math
import random
from collections import Counter

import pytest
from scipy.stats import chi2

from shared.stability_index import NOT_COMPARED, chi_square_99, stability


def test_the_index_is_the_sum_over_the_bins():
    found = stability([(100, 200), (300, 200)])
    p, q = [100.5 / 401, 300.5 / 401], [200.5 / 401, 200.5 / 401]
    assert found.psi == pytest.approx(sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True)))
    assert found.chance == pytest.approx(chi2.ppf(0.99, 1) * (2 / 400), rel=0.01)
    assert found.shifted


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 27, 100])
def test_the_quantile_is_scipy_s(freedom):
    assert chi_square_99(freedom) == pytest.approx(chi2.ppf(0.99, freedom), rel=0.01)


def test_equal_samples_have_no_index():
    assert stability([(50, 500), (10, 100), (40, 400)]).psi == pytest.approx(0.0, abs=2e-4)


def test_an_empty_bin_has_a_finite_index_and_one_that_is_gone_a_large_one():
    found = stability([(0, 500), (500, 0)])
    assert found.psi == pytest.approx(2 * (500.5 - 0.5) / 501 * math.log(1001.0))


def test_one_bin_has_not_moved_and_few_rows_are_not_compared():
    assert stability([(100, 300), (0, 0)]) == (0.0, 0.0)
    assert stability([(9, 300), (0, 100)]) == NOT_COMPARED
    assert stability([]) == NOT_COMPARED
    assert stability([(11, 1), (1, 11)]).psi is not None


def test_small_neighbours_are_pooled_and_the_last_ones_with_the_bin_before():
    counts = [(1, 1), (2, 2), (3, 3), (50, 80), (2, 1), (1, 0)]
    assert stability(counts) == stability([(6, 6), (53, 81)])


def test_small_values_are_pooled_whatever_their_order():
    pairs = [(40, 60), (1, 2), (2, 1), (60, 30), (2, 4), (1, 1)]
    assert stability([], pairs) == stability([], pairs[::-1]) == stability([], [(40, 60), (6, 8), (60, 30)])


@pytest.mark.parametrize(("before", "now"), [(200, 200), (2000, 300), (5000, 5000)])
@pytest.mark.parametrize("shares", [[1] * 20, [0.5**k for k in range(12)]], ids=["even", "skewed"])
def test_unchanged_data_exceeds_chance_about_once_in_a_hundred_and_its_mean_is_as_the_source_says(
    before, now, shares
):
    draw = random.Random(11)
    bins = range(len(shares))

    def counted(rows: int) -> Counter[int]:
        return Counter(draw.choices(bins, shares, k=rows))

    tries = 300
    found = []
    for _ in range(tries):
        one, other = counted(before), counted(now)
        found.append(stability([(one[k], other[k]) for k in bins]))
    assert sum(index.shifted for index in found) <= 0.03 * tries
    if shares[0] == shares[-1]:
        expected = (len(shares) - 1) * (1 / before + 1 / now)
        assert sum(index.psi for index in found) / tries == pytest.approx(expected, rel=0.1)
