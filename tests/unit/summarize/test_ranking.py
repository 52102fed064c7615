"""The area under the ROC curve, against scikit-learn's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from summarize.ranking import SortedScores, area_under_roc

SCORES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


def sorted_scores(scores: list[float], memory_scores: int = 1000, block: int = 7) -> SortedScores:
    result = SortedScores(memory_scores)
    for start in range(0, len(scores), block):
        result.extend(scores[start : start + block])
    return result


@given(positive=SCORES, negative=SCORES, memory_scores=st.integers(1, 20))
def test_the_area_is_scikit_learn_s_ties_included(positive, negative, memory_scores):
    expected = roc_auc_score([1] * len(positive) + [0] * len(negative), positive + negative)
    actual = area_under_roc(sorted_scores(positive, memory_scores), sorted_scores(negative, memory_scores))
    assert actual == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(SCORES, st.integers(1, 20))
def test_scores_come_out_in_order_however_often_they_are_spilled(scores, memory_scores):
    result = sorted_scores(scores, memory_scores)
    assert list(result) == sorted(scores)
    assert list(result) == sorted(scores)
    assert result.count == len(scores)


def test_without_contrast_there_is_no_area():
    some, none = sorted_scores([0.5]), SortedScores()
    assert area_under_roc(some, none) is None
    assert area_under_roc(none, some) is None
    assert area_under_roc(none, none) is None
