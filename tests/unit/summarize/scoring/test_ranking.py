"""The area under the ROC curve, against scikit-learn's."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score
from sklearn.metrics import roc_curve as reference_curve

from summarize.scoring.ranking import MAX_POINTS, roc_curve
from summarize.scoring.score_counts import ScoreCounts, score_bins

SCORES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


def counted(own: list[float], rest: list[float], bins: int | None = None, block: int = 7) -> ScoreCounts:
    """Scores as they are gathered, block by block."""
    result = ScoreCounts(bins)
    for start in range(0, max(len(own), len(rest)), block):
        result.add(own[start : start + block], rest[start : start + block])
    return result


@given(positive=SCORES, negative=SCORES)
def test_the_area_is_scikit_learn_s_ties_included(positive, negative):
    expected = roc_auc_score([1] * len(positive) + [0] * len(negative), positive + negative)
    actual = roc_curve(counted(positive, negative))
    assert actual.area == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_without_contrast_there_is_no_area():
    assert roc_curve(counted([0.5], [])) is None
    assert roc_curve(counted([], [0.5])) is None
    assert roc_curve(counted([], [])) is None


@given(SCORES, SCORES)
def test_groups_are_the_distinct_scores_in_order(own, rest):
    counts = Counter(own), Counter(rest)
    expected = [(counts[0][score], counts[1][score]) for score in sorted({*own, *rest})]
    assert list(counted(own, rest).groups()) == expected


@given(positive=SCORES, negative=SCORES, bins=st.sampled_from([2, 64, 1 << 16]))
def test_counted_in_bins_the_area_is_within_its_bound(positive, negative, bins):
    exact, binned = counted(positive, negative), counted(positive, negative, bins)
    assert abs(roc_curve(exact).area - roc_curve(binned).area) <= binned.area_error() + 1e-12
    assert exact.area_error() == 0.0
    assert (binned.positives, binned.negatives) == (len(positive), len(negative))


def test_of_many_rows_the_bound_is_far_below_what_a_figure_shows():
    generator = np.random.default_rng(1)
    positive = (1 / (1 + np.exp(-generator.normal(0.5, 1, 20_000)))).tolist()
    negative = (1 / (1 + np.exp(-generator.normal(0, 1, 20_000)))).tolist()
    binned = counted(positive, negative, 1 << 16, block=4096)
    assert 0.0 < binned.area_error() < 2e-4
    assert abs(roc_curve(binned).area - roc_curve(counted(positive, negative)).area) <= binned.area_error()


def test_few_scores_are_counted_one_by_one_and_many_in_bins_which_many_classes_share():
    assert score_bins(1 << 18, 1) is None
    assert score_bins((1 << 18) + 1, 1) == 1 << 16
    assert score_bins(1 << 17, 3) == 1 << 16
    assert score_bins(1 << 17, 100) == 1 << 13
    assert score_bins(1 << 17, 60_000) == 1 << 6


def corners(positive: list[float], negative: list[float]) -> set[tuple[int, int]]:
    """All corners of scikit-learn's curve, as counts."""
    labels = [1] * len(positive) + [0] * len(negative)
    across, up, _ = reference_curve(labels, positive + negative, drop_intermediate=False)
    scaled = zip(np.rint(across * len(negative)), np.rint(up * len(positive)), strict=True)
    return {(int(a), int(b)) for a, b in scaled}


@given(positive=SCORES, negative=SCORES)
def test_the_curve_of_few_rows_has_scikit_learn_s_area_and_end_points(positive, negative):
    curve = roc_curve(counted(positive, negative))
    points = list(zip(curve.false_positives, curve.true_positives, strict=True))
    assert points[0] == (0, 0)
    assert points[-1] == (len(negative), len(positive)) == (curve.negatives, curve.positives)
    assert points == sorted(points)
    assert len(set(points)) == len(points) <= MAX_POINTS
    area = auc(
        np.array(curve.false_positives) / len(negative), np.array(curve.true_positives) / len(positive)
    )
    assert area == pytest.approx(curve.area, abs=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("digits", [1, 2, 12])
def test_the_curve_of_many_rows_is_thinned_to_points_of_the_whole_one(shift, digits):
    generator = np.random.default_rng(3)
    positive = generator.normal(shift, 1, 3000).round(digits).tolist()
    negative = generator.normal(0, 1, 5000).round(digits).tolist()
    curve = roc_curve(counted(positive, negative))
    points = list(zip(curve.false_positives, curve.true_positives, strict=True))
    assert len(points) <= MAX_POINTS
    assert set(points) <= corners(positive, negative)
    thinned = auc(np.array(curve.false_positives) / 5000, np.array(curve.true_positives) / 3000)
    assert thinned == pytest.approx(curve.area, abs=0.001)


@given(positive=SCORES, negative=SCORES, data=st.data())
def test_the_order_of_the_rows_leaves_no_trace_in_the_curve(positive, negative, data):
    shuffled = data.draw(st.permutations(positive)), data.draw(st.permutations(negative))
    assert roc_curve(counted(*shuffled)) == roc_curve(counted(positive, negative))
