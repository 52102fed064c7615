"""The positive class and its threshold, as the terminal names them."""

import pytest

from model_service_cli.runs.decision_lines import decision_lines


@pytest.mark.parametrize(
    ("rule", "threshold", "end"),
    [
        ("0.5", 0.5, "probability of 0.5 on"),
        ("given", 0.125, "probability of 0.125 on"),
        ("f1", 0.31, 'had not seen (threshold "f1")'),
    ],
)
def test_the_class_and_the_threshold_are_named(rule, threshold, end):
    decision = {"positive_class": "fraud", "rule": rule, "threshold": threshold}
    text = " ".join(line.strip() for line in decision_lines({"decision": decision}))
    assert text.startswith(
        "positive   'fraud': precision, recall, F1 and average precision are of this class"
    )
    assert text.endswith(end)


@pytest.mark.parametrize(
    "output", [{}, {"decision": {"positive_class": None, "rule": "0.5", "threshold": None}}]
)
def test_of_more_classes_nothing_is_said(output):
    assert list(decision_lines(output)) == []
