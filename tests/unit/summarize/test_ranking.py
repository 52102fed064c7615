"""The area under the ROC curve, against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score
from sklearn.metrics import roc_curve as reference_curve

from summarize.ranking import MAX_POINTS, SortedScores, roc_curve

SCORES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


def sorted_scores(scores: list[float], memory_scores: int = 1000, block: int = 7) -> SortedScores:
    result = SortedScores(memory_scores)
    for start in range(0, len(scores), block):
        result.extend(scores[start : start + block])
    return result


@given(positive=SCORES, negative=SCORES, memory_scores=st.integers(1, 20))
def test_the_area_is_scikit_learn_s_ties_included(positive, negative, memory_scores):
    expected = roc_auc_score([1] * len(positive) + [0] * len(negative), positive + negative)
    actual = roc_curve(sorted_scores(positive, memory_scores), sorted_scores(negative, memory_scores))
    assert actual.area == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(SCORES, st.integers(1, 20))
def test_scores_come_out_in_order_however_often_they_are_spilled(scores, memory_scores):
    result = sorted_scores(scores, memory_scores)
    assert list(result) == sorted(scores)
    assert list(result) == sorted(scores)
    assert result.count == len(scores)


def test_without_contrast_there_is_no_area():
    some, none = sorted_scores([0.5]), SortedScores()
    assert roc_curve(some, none) is None
    assert roc_curve(none, some) is None
    assert roc_curve(none, none) is None


def corners(positive: list[float], negative: list[float]) -> set[tuple[int, int]]:
    """All corners of scikit-learn's curve, as counts."""
    labels = [1] * len(positive) + [0] * len(negative)
    across, up, _ = reference_curve(labels, positive + negative, drop_intermediate=False)
    scaled = zip(np.rint(across * len(negative)), np.rint(up * len(positive)), strict=True)
    return {(int(a), int(b)) for a, b in scaled}


@given(positive=SCORES, negative=SCORES, memory_scores=st.integers(1, 20))
def test_the_curve_of_few_rows_has_scikit_learn_s_area_and_end_points(positive, negative, memory_scores):
    curve = roc_curve(sorted_scores(positive, memory_scores), sorted_scores(negative, memory_scores))
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
    curve = roc_curve(sorted_scores(positive), sorted_scores(negative))
    points = list(zip(curve.false_positives, curve.true_positives, strict=True))
    assert len(points) <= MAX_POINTS
    assert set(points) <= corners(positive, negative)
    thinned = auc(np.array(curve.false_positives) / 5000, np.array(curve.true_positives) / 3000)
    assert thinned == pytest.approx(curve.area, abs=0.001)


@given(positive=SCORES, negative=SCORES, data=st.data())
def test_the_order_of_the_rows_leaves_no_trace_in_the_curve(positive, negative, data):
    shuffled = data.draw(st.permutations(positive)), data.draw(st.permutations(negative))
    assert roc_curve(*map(sorted_scores, shuffled)) == roc_curve(
        sorted_scores(positive), sorted_scores(negative)
    )
