"""The precision-recall curve, beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve

from summarize.scoring.precision_recall import STEPS, precision_recall
from summarize.scoring.score_counts import ScoreCounts

SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.50001, 0.9, 1.0]), max_size=60)


def of(own: list[float], rest: list[float]) -> ScoreCounts:
    found = ScoreCounts(None)
    found.add(own, rest)
    return found


@given(SCORES.filter(bool), SCORES)
def test_the_average_precision_is_scikit_learn_s_and_every_point_is_on_its_curve(own, rest):
    curve = precision_recall(of(own, rest))
    labels, scores = [1] * len(own) + [0] * len(rest), own + rest
    assert curve.average_precision == pytest.approx(average_precision_score(labels, scores), rel=1e-12)
    precision, recall, _ = precision_recall_curve(labels, scores)
    on_curve = set(zip(np.round(recall, 12), np.round(precision, 12), strict=True))
    assert set(zip(np.round(curve.recall, 12), np.round(curve.precision, 12), strict=True)) <= on_curve
    assert list(curve.recall) == sorted(set(curve.recall))
    assert curve.recall[-1] == 1.0


def test_of_many_rows_few_points_are_kept():
    generator = np.random.default_rng(0)
    own, rest = generator.normal(1, 1, 3000).tolist(), generator.normal(0, 1, 9000).tolist()
    curve = precision_recall(of(own, rest))
    assert STEPS - 1 <= len(curve.recall) <= STEPS + 1
    assert max(np.diff([0.0, *curve.recall])) <= 1.01 / STEPS


def test_without_a_row_of_the_class_there_is_no_curve():
    assert precision_recall(of([], [0.5])) is None
