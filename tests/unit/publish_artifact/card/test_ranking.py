from itertools import pairwise

import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from publish_artifact.card.drawing import X, Y
from publish_artifact.card.ranking import _steps, ranking


def test_the_area_under_the_steps_is_the_average_precision():
    y, scores = [0, 1, 1, 0, 1, 0, 0, 1], [0.1, 0.9, 0.4, 0.35, 0.8, 0.7, 0.2, 0.6]
    precision, recall, _ = precision_recall_curve(y, scores)
    points = _steps({"recall": recall[-2::-1].tolist(), "precision": precision[-2::-1].tolist()})
    area = sum((b[0] - a[0]) * b[1] for a, b in pairwise(points))
    assert area == pytest.approx(average_precision_score(y, scores))


def test_the_threshold_that_is_used_is_marked_in_the_table_and_on_both_curves(full, subject_of):
    artifact = full("candles")
    html = ranking(subject_of(artifact))
    assert html.count("(used)") == 1
    assert "the one with the best F1 on out-of-fold predictions of train rows" in html
    own = artifact["evaluation"]["per_class"][artifact["evaluation"]["positive_class"]]
    assert f'cx="{X(own["recall"]):.1f}" cy="{Y(own["precision"]):.1f}" r="5"' in html
    assert html.count('r="5"') == 2


def test_the_lift_is_the_precision_by_the_share_of_the_class(full, subject_of):
    artifact = full("candles")
    evaluation = artifact["evaluation"]
    own = evaluation["per_class"][evaluation["positive_class"]]
    rows = sum(each["support"] for each in evaluation["per_class"].values())
    lift = own["precision"] / (own["support"] / rows)
    assert f" {lift:.2f} times as often as any test row: the lift." in ranking(subject_of(artifact))
    matrix = evaluation["confusion_matrix"]
    none_taken = [[sum(row), 0] if matrix["labels"][1] == evaluation["positive_class"] else [0, sum(row)]
                  for row in matrix["counts"]]  # fmt: skip
    flat = evaluation | {"confusion_matrix": matrix | {"counts": none_taken}}
    assert "the lift" not in ranking(subject_of(artifact, evaluation=flat))


def test_of_more_classes_there_is_no_threshold(full, subject_of):
    html = ranking(subject_of(full("iris")))
    assert "(used)" not in html
    assert "ROC curves, each class against the rest" in html
    assert html.count('<path class="s2"') >= 2


def test_where_nothing_is_flagged_there_is_no_precision(full, subject_of):
    artifact = full("candles")
    line = {"threshold": 0.95, "precision": 0.0, "recall": 0.0, "f1": 0.0, "flagged": 0.0}
    html = ranking(subject_of(artifact, evaluation=artifact["evaluation"] | {"thresholds": [line]}))
    assert '0.950</th><td class="n">-</td><td class="n">0.000</td>' in html
