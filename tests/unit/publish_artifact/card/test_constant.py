"""What constant answers get, against scikit-learn on rows that are answered so."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)

from publish_artifact.card.constant import constant_metrics


def artifact(train: dict[str, int], test: dict[str, int], positive: str | None) -> dict:
    majority = max(train, key=train.__getitem__)
    return {
        "metrics": {"baseline_accuracy": test.get(majority, 0) / sum(test.values())},
        "evaluation": {
            "positive_class": positive,
            "majority_class": majority,
            "per_class": {name: {"support": rows} for name, rows in test.items()},
        },
        "classes": [
            {"name": name, "rows": rows + test.get(name, 0), "train_rows": rows}
            for name, rows in train.items()
        ],
    }


def rows_of(counts: dict[str, int]) -> np.ndarray:
    return np.repeat(list(counts), list(counts.values()))


def test_of_two_classes_every_constant_is_scikit_learn_s():
    train, test = {"no": 90, "yes": 10}, {"no": 40, "yes": 6}
    y = rows_of(test)
    found = {name: value for name, (value, _) in constant_metrics(artifact(train, test, "yes")).items()}
    always_yes, share = np.full(y.size, "yes"), np.tile([0.9, 0.1], (y.size, 1))
    assert found == pytest.approx(
        {
            "accuracy": accuracy_score(y, np.full(y.size, "no")),
            "balanced_accuracy": balanced_accuracy_score(y, np.full(y.size, "no")),
            "roc_auc": 0.5,
            "f1": f1_score(y, always_yes, pos_label="yes"),
            "precision": precision_score(y, always_yes, pos_label="yes"),
            "recall": recall_score(y, always_yes, pos_label="yes"),
            "average_precision": average_precision_score(y == "yes", np.full(y.size, 0.1)),
            "log_loss": log_loss(y, share, labels=["no", "yes"]),
            "brier_score": brier_score_loss(y == "yes", share[:, 1]),
        }
    )


def test_of_three_classes_the_brier_score_is_not_halved_and_f1_has_no_constant():
    train, test = {"a": 50, "b": 30, "c": 20}, {"a": 10, "b": 20, "c": 5}
    found = constant_metrics(artifact(train, test, None))
    y, share = rows_of(test), np.array([0.5, 0.3, 0.2])
    corners = np.array([[name == label for name in "abc"] for label in y])
    assert found["brier_score"][0] == pytest.approx(((corners - share) ** 2).sum(axis=1).mean())
    assert found["log_loss"][0] == pytest.approx(log_loss(y, np.tile(share, (y.size, 1)), labels=list("abc")))
    assert "f1" not in found


def test_a_class_of_no_train_row_and_test_rows_of_one_class_leave_out_what_they_do_not_define():
    assert "log_loss" not in constant_metrics(artifact({"a": 9, "b": 1}, {"a": 3, "z": 1}, None))
    assert "roc_auc" not in constant_metrics(artifact({"a": 9, "b": 1}, {"a": 3}, "b"))
