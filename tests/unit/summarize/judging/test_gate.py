"""The quality gate: its decision, and the figures in its cause."""

import pytest

from shared.contracts import Gate
from summarize.judging.gate import gate

REQUEST = {
    "min_accuracy": None,
    "min_balanced_accuracy": None,
    "min_f1": None,
    "min_roc_auc": None,
    "baseline_gate": "not_worse",
    "max_regression": None,
    "max_drift": None,
}
METRICS = {"accuracy": 0.8, "balanced_accuracy": 0.6, "f1": 0.5, "roc_auc": 0.7}
VERDICT = {
    "outcome": "better",
    "sentence": "Better than a constant answer on 100 test rows: right on 80.0%, always answering 'a' on 60.0%.",
}
WORSE = {"outcome": "worse", "sentence": "Worse than a constant answer on 100 test rows: log loss 0.900, the class "
         "shares 0.690."}  # fmt: skip
UNSURE = {"outcome": "not_shown", "sentence": "Not shown to be better than a constant answer: by chance."}
UNKNOWN = {
    "outcome": "cannot_be_judged",
    "sentence": "Cannot be judged: 9 test rows are too few, 30 is the least.",
}


def decided(asked=None, current=None, compared=True, positive=None, **summary) -> Gate:
    found = {
        "metrics": METRICS,
        "verdict": VERDICT,
        "decision": {"positive_class": positive, "rule": "0.5"},
    } | summary
    regression = None if current is None else {"compared": compared, "metrics": current}
    return gate(REQUEST | (asked or {}), found, regression)


@pytest.mark.parametrize(
    ("asked", "current"),
    [
        ({}, {"accuracy": 1.0, "f1": 1.0}),
        ({"min_accuracy": 0.8, "min_balanced_accuracy": 0.6, "min_f1": 0.5, "min_roc_auc": 0.7}, None),
        ({"max_regression": 0.0}, None),
        ({"max_regression": 0.0}, {}),
        ({"max_regression": 0.0}, METRICS),
        ({"max_regression": 0.25}, {"accuracy": 1.0, "f1": 0.75}),
        ({"max_regression": 0.0}, {"accuracy": 0.1, "f1": None}),
    ],
)
def test_a_model_that_is_good_enough_passes(asked, current):
    assert decided(asked, current) == Gate(True, "")


@pytest.mark.parametrize(
    ("asked", "current", "cause"),
    [
        ({"min_accuracy": 0.81}, None, "accuracy is 0.8000; min_accuracy asks for 0.81 or more"),
        ({"min_f1": 0.6}, None, "f1 is 0.5000; min_f1 asks for 0.6 or more"),
        ({"min_roc_auc": 0.75}, None, "roc_auc is 0.7000; min_roc_auc asks for 0.75 or more"),
        (
            {"min_balanced_accuracy": 0.7},
            None,
            "balanced_accuracy is 0.6000; min_balanced_accuracy asks for 0.7 or more",
        ),
        (
            {"max_regression": 0.1},
            {"accuracy": 0.95, "f1": 0.5},
            "accuracy is 0.8000, 0.1500 lower than the current model's 0.9500 on the same test rows; max_regression "
            "allows 0.1",
        ),
        (
            {"min_accuracy": 0.9, "max_regression": 0.0},
            {"accuracy": 0.7, "f1": 0.75},
            "accuracy is 0.8000; min_accuracy asks for 0.9 or more; "
            "f1 is 0.5000, 0.2500 lower than the current model's 0.7500 on the same test rows; max_regression allows 0",
        ),
    ],
)
def test_a_model_that_is_not_is_rejected_with_its_figures(asked, current, cause):
    assert decided(asked, current) == Gate(False, cause)


def test_figures_of_other_test_rows_are_named_so():
    found = decided({"max_regression": 0.1}, {"accuracy": 0.95}, compared=False)
    assert "the current model's 0.9500 on its own test rows; max_regression" in found.cause


@pytest.mark.parametrize(("rule", "passed"), [("0.5", False), ("f1", True), ("given", True)])
def test_accuracy_is_not_compared_where_the_threshold_is_for_something_else(rule, passed):
    decision = {"positive_class": "yes", "rule": rule}
    assert decided({"max_regression": 0.1}, {"accuracy": 1.0}, decision=decision).passed is passed
    assert not decided({"max_regression": 0.1}, {"f1": 1.0}, decision=decision).passed


def test_a_roc_area_that_is_not_defined_is_below_every_floor():
    metrics = METRICS | {"roc_auc": None}
    assert decided(metrics=metrics).passed
    assert decided({"min_roc_auc": 0.0}, metrics=metrics).cause == (
        "roc_auc is not defined, as the test rows have one class alone; min_roc_auc asks for 0 or more"
    )


def test_the_class_that_f1_is_about_is_named_where_there_are_two():
    asked = {"min_accuracy": 0.9, "min_f1": 0.9, "max_regression": 0.01}
    found = decided(asked, {"accuracy": 0.5, "f1": 0.8}, positive="fraud")
    assert "accuracy is 0.8000; " in found.cause
    assert "f1 of 'fraud' is 0.5000; min_f1" in found.cause
    assert "f1 of 'fraud' is 0.5000, 0.3000 lower than the current model's 0.8000" in found.cause


@pytest.mark.parametrize(
    ("baseline_gate", "passing"),
    [
        ("not_worse", [VERDICT, UNSURE, UNKNOWN]),
        ("better", [VERDICT]),
        ("off", [VERDICT, UNSURE, UNKNOWN, WORSE]),
    ],
)
def test_the_verdict_decides_as_the_request_asks(baseline_gate, passing):
    for verdict in (VERDICT, UNSURE, UNKNOWN, WORSE):
        found = decided({"baseline_gate": baseline_gate}, verdict=verdict)
        assert found.passed is (verdict in passing), verdict
        assert found.passed or ("baseline_gate" in found.cause and verdict["sentence"][:-1] in found.cause)


def test_a_model_worse_than_a_constant_is_refused_with_the_figures_and_the_way_round():
    assert decided(verdict=WORSE).cause == (
        "Worse than a constant answer on 100 test rows: log loss 0.900, the class shares 0.690; baseline_gate "
        '"not_worse" refuses what is worse ("off" does not)'
    )
