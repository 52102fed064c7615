"""Which class is positive, and what is predicted of a probability."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.decision import HALF, Decision, default_positive_class, rule_of
from shared.model.probabilities import predicted_of


@pytest.mark.parametrize(
    ("train_rows", "positive"),
    [
        ({"0": 10, "1": 90}, "1"),
        ({"no": 10, "yes": 90}, "yes"),
        ({"FALSE": 10, "TRUE": 90}, "TRUE"),
        ({"N": 10, "Y": 90}, "Y"),
        ({"f": 10, "t": 90}, "t"),
        ({"fraud": 6, "ok": 94}, "fraud"),
        ({"churned": 20, "stayed": 80}, "churned"),
        ({"defaulted": 30, "paid": 70}, "defaulted"),
        ({"a": 50, "b": 50}, "b"),
        ({"true": 40, "yes": 60}, "true"),
        ({"a": 1, "b": 2, "c": 3}, None),
    ],
)
def test_the_positive_class_is_called_yes_or_is_the_rarer_one(train_rows, positive):
    assert default_positive_class(train_rows) == positive
    assert default_positive_class(dict(reversed(train_rows.items()))) == positive


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_a_row_is_positive_where_its_probability_reaches_the_threshold(positive):
    of_positive = [0.1, 0.3, 0.31, 0.9]
    of_other = [1.0 - p for p in of_positive]
    both = [of_other, of_positive] if positive == "yes" else [of_positive, of_other]
    found = Decision(positive, "given", 0.3).predicted(both, ["no", "yes"])
    assert [["no", "yes"][k] == positive for k in found] == [False, True, True, True]


def test_of_more_classes_the_most_probable_one_is_predicted():
    probabilities = [[0.2, 0.5], [0.5, 0.2], [0.3, 0.3]]
    assert Decision(None, HALF, None).predicted(probabilities, ["a", "b", "c"]) == [1, 0]


@given(st.lists(st.floats(0, 1).filter(lambda p: abs(p - 0.5) > 1e-9)), st.sampled_from(["a", "b"]))
def test_at_one_half_the_more_probable_class_is_predicted_whichever_is_positive(of_b, positive):
    both = [[1.0 - p for p in of_b], of_b]
    assert Decision(positive, HALF, 0.5).predicted(both, ["a", "b"]) == predicted_of(both)


@pytest.mark.parametrize(
    ("decision", "classes", "problem"),
    [
        (Decision("up", "given", 0.3), ["down", "up"], None),
        (Decision(None, HALF, None), ["a", "b", "c"], None),
        (Decision("flat", HALF, 0.5), ["down", "up"], "the positive class 'flat' is none of two classes"),
        (Decision("a", HALF, 0.5), ["a", "b", "c"], "the positive class 'a' is none of two classes"),
        (Decision("up", HALF, 1.5), ["down", "up"], "the threshold 1.5 is no number from 0 to 1"),
        (Decision("up", HALF, None), ["down", "up"], "the threshold None is no number"),
    ],
)
def test_what_does_not_fit_a_model_is_said(decision, classes, problem):
    found = decision.problem(classes)
    assert found is None if problem is None else found.startswith(problem)


def test_a_decision_comes_back_from_json():
    decision = Decision("up", "given", 0.3)
    assert Decision.from_json(decision.to_json()) == decision


@pytest.mark.parametrize(
    ("threshold", "rule"), [(0.5, "0.5"), (0.3, "given"), (0.51, "given"), (1, "given"), ("f1", "f1")]
)
def test_the_rule_says_where_a_threshold_comes_from(threshold, rule):
    assert rule_of(threshold) == rule
