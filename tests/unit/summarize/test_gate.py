"""The quality gate: its verdict, and the figures in its cause."""

import pytest

from shared.contracts import Gate
from summarize.gate import gate

NONE = {"min_accuracy": None, "min_f1": None, "max_regression": None, "max_drift": None}
METRICS = {"accuracy": 0.8, "f1": 0.5}


@pytest.mark.parametrize(
    ("asked", "current"),
    [
        ({}, {"accuracy": 1.0, "f1": 1.0}),
        ({"min_accuracy": 0.8, "min_f1": 0.5}, {}),
        ({"max_regression": 0.0}, {}),
        ({"max_regression": 0.0}, METRICS),
        ({"max_regression": 0.25}, {"accuracy": 1.0, "f1": 0.75}),
        ({"max_regression": 0.0}, {"accuracy": 0.1, "f1": None}),
    ],
)
def test_a_model_that_is_good_enough_passes(asked, current):
    assert gate(NONE | asked, METRICS, current) == Gate(True, "")


@pytest.mark.parametrize(
    ("asked", "current", "cause"),
    [
        ({"min_accuracy": 0.81}, {}, "accuracy is 0.8000; min_accuracy asks for 0.81 or more"),
        ({"min_f1": 0.6}, {}, "f1 is 0.5000; min_f1 asks for 0.6 or more"),
        (
            {"max_regression": 0.1},
            {"accuracy": 0.95, "f1": 0.5},
            "accuracy is 0.8000, 0.1500 lower than the current model's 0.9500; max_regression allows 0.1",
        ),
        (
            {"min_accuracy": 0.9, "max_regression": 0.0},
            {"accuracy": 0.7, "f1": 0.75},
            "accuracy is 0.8000; min_accuracy asks for 0.9 or more; "
            "f1 is 0.5000, 0.2500 lower than the current model's 0.7500; max_regression allows 0",
        ),
    ],
)
def test_a_model_that_is_not_is_rejected_with_its_figures(asked, current, cause):
    assert gate(NONE | asked, METRICS, current) == Gate(False, cause)


def test_the_class_that_f1_is_about_is_named_where_there_are_two():
    request = NONE | {"min_accuracy": 0.9, "min_f1": 0.9, "max_regression": 0.01}
    found = gate(request, {"accuracy": 0.5, "f1": 0.5}, {"accuracy": 0.5, "f1": 0.8}, "fraud")
    accuracy, f1, lower = (
        found.cause.split("; min_")[0],
        *(part for part in found.cause.split("; ") if "fraud" in part),
    )
    assert accuracy == "accuracy is 0.5000"
    assert f1 == "f1 of 'fraud' is 0.5000"
    assert lower.startswith("f1 of 'fraud' is 0.5000, 0.3000 lower than the current model's 0.8000")
