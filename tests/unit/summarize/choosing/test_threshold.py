"""The threshold of the highest F1, by its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_curve

from summarize.choosing.threshold import shortest_between, threshold_of_highest_f1

ROWS = st.lists(
    st.tuples(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.2, 0.5, 1.0])), st.booleans()), min_size=1
).filter(lambda rows: any(hit for _, hit in rows))


@given(ROWS)
def test_no_threshold_has_a_higher_f1(rows):
    scores, hits = map(list, zip(*rows, strict=True))
    threshold = threshold_of_highest_f1(scores, hits)
    own = f1_score(hits, [score >= threshold for score in scores], zero_division=0)
    precision, recall, _ = precision_recall_curve(hits, scores)
    others = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    assert own == pytest.approx(others.max(), abs=1e-12)
    assert 0.0 <= threshold <= 1.0


@given(ROWS)
def test_of_thresholds_with_as_high_an_f1_it_flags_fewest_rows(rows):
    scores, hits = map(list, zip(*rows, strict=True))
    threshold = threshold_of_highest_f1(scores, hits)
    best = f1_score(hits, [score >= threshold for score in scores], zero_division=0)
    for other in (score for score in scores if score > threshold):
        flagged = [score >= other for score in scores]
        if sum(flagged) < sum(score >= threshold for score in scores):
            assert f1_score(hits, flagged, zero_division=0) < best + 1e-12


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_number_lies_above_the_lower_bound_and_not_above_the_upper_one(a, b):
    low, high = sorted((a, b))
    if low < high:
        assert low < shortest_between(low, high) <= high


@pytest.mark.parametrize(
    ("low", "high", "found"), [(0.312, 0.348, 0.33), (0.0, 1.0, 0.5), (0.2, 0.204, 0.202), (0.44, 0.46, 0.45)]
)
def test_it_is_a_number_that_people_can_read(low, high, found):
    assert shortest_between(low, high) == found
