"""Metrics on held-out rows, against sklearn.metrics."""

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from shared.model.decision import HALF, Decision
from summarize.scoring.evaluation import MAX_CURVES, Evaluation

NAMES = {2: ["0", "1"], 3: ["cat", "dog", "emu"], 5: list("abcde")}


def random_case(classes: int, rows: int, seed: int) -> tuple[list[str], np.ndarray, list[int]]:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(classes, 0.7), rows)
    weights = np.arange(1, classes + 1) / np.arange(1, classes + 1).sum()
    labels = generator.choice(NAMES[classes], rows, p=weights).tolist()
    return labels, probabilities, probabilities.argmax(axis=1).tolist()


def evaluated(
    classes: list[str], labels, probabilities, predicted, block: int = 17, positive: str | None = None
) -> Evaluation:
    """positive: of two classes, the second where it is not said."""
    two = len(classes) == 2
    decision = Decision((positive or classes[1]) if two else None, HALF, 0.5 if two else None)
    evaluation = Evaluation(classes, decision)
    for start in range(0, len(labels), block):
        rows = slice(start, start + block)
        evaluation.add(labels[rows], probabilities[rows].T.tolist(), predicted[rows])
    return evaluation


@pytest.mark.parametrize(("classes", "positive"), [(2, "0"), (2, "1"), (3, None), (5, None)])
@pytest.mark.parametrize("seed", range(5))
def test_every_figure_is_scikit_learn_s(classes, positive, seed):
    names = NAMES[classes]
    labels, probabilities, predicted = random_case(classes, 211, seed)
    guesses = [names[k] for k in predicted]
    evaluation = evaluated(names, labels, probabilities, predicted, positive=positive)
    metrics = evaluation.metrics(names[0])
    average = {"average": "binary", "pos_label": positive} if classes == 2 else {"average": "macro"}
    scores = probabilities[:, 1] if classes == 2 else probabilities
    expected = {
        "accuracy": reference.accuracy_score(labels, guesses),
        "precision": reference.precision_score(labels, guesses, zero_division=0, **average),
        "recall": reference.recall_score(labels, guesses, zero_division=0, **average),
        "f1": reference.f1_score(labels, guesses, zero_division=0, **average),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, guesses),
        "roc_auc": reference.roc_auc_score(labels, scores, multi_class="ovr"),
        "average_precision": reference.average_precision_score(
            [[label == name for name in names] for label in labels]
            if classes > 2
            else [x == positive for x in labels],
            probabilities if classes > 2 else probabilities[:, names.index(positive)],
        ),
        "log_loss": reference.log_loss(labels, probabilities, labels=names),
        "brier_score": reference.brier_score_loss(labels, probabilities, labels=names),
        "baseline_accuracy": labels.count(names[0]) / len(labels),
    }
    interval = {name: metrics.pop(name) for name in ("accuracy_low", "accuracy_high")}
    assert metrics == pytest.approx(expected, rel=1e-12)
    assert interval["accuracy_low"] < metrics["accuracy"] < interval["accuracy_high"]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_per_class_figures_and_confusion_matrix_are_scikit_learn_s(classes):
    names = NAMES[classes]
    labels, probabilities, predicted = random_case(classes, 100, 9)
    guesses = [names[k] for k in predicted]
    evaluation = evaluated(names, labels, probabilities, predicted)
    report = reference.classification_report(labels, guesses, output_dict=True, zero_division=0)
    assert evaluation.per_class() == {
        name: pytest.approx(
            {("f1" if key == "f1-score" else key): value for key, value in report[name].items()}
        )
        for name in names
    }
    assert evaluation.confusion_matrix() == {
        "labels": names,
        "counts": reference.confusion_matrix(labels, guesses, labels=names).tolist(),
    }


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_blocks_leave_no_trace_in_the_figures(block):
    labels, probabilities, predicted = random_case(3, 300, 4)
    whole = evaluated(NAMES[3], labels, probabilities, predicted, 300)
    cut = evaluated(NAMES[3], labels, probabilities, predicted, block)
    assert cut.metrics("emu") == pytest.approx(whole.metrics("emu"), rel=1e-12)
    assert cut.confusion_matrix() == whole.confusion_matrix()


def test_certain_and_wrong_predictions_have_the_log_loss_scikit_learn_gives_them():
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    labels = ["0", "1", "1", "0"]
    metrics = evaluated(["0", "1"], labels, probabilities, [0, 1, 0, 1]).metrics("0")
    assert metrics["log_loss"] == pytest.approx(reference.log_loss(labels, probabilities), rel=1e-12)
    assert (metrics["accuracy"], metrics["brier_score"]) == (0.5, 0.5)


def test_a_class_that_is_never_predicted_has_precision_zero():
    probabilities = np.array([[0.9, 0.1]] * 4)
    evaluation = evaluated(["0", "1"], ["0", "0", "1", "0"], probabilities, [0] * 4)
    assert evaluation.per_class() == {
        "0": {"precision": 0.75, "recall": 1.0, "f1": pytest.approx(6 / 7), "support": 3},
        "1": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
    }
    metrics = evaluation.metrics("0")
    assert (metrics["precision"], metrics["recall"], metrics["f1"]) == (0.0, 0.0, 0.0)


def test_test_rows_of_one_class_alone_have_no_roc_curve():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    metrics = evaluated(["0", "1"], ["0", "0"], probabilities, [0, 1]).metrics("1")
    assert metrics["roc_auc"] is None
    assert (metrics["accuracy"], metrics["balanced_accuracy"], metrics["baseline_accuracy"]) == (
        0.5,
        0.5,
        0.0,
    )
    assert (metrics["precision"], metrics["recall"], metrics["f1"]) == (0.0, 0.0, 0.0)


def test_a_label_that_training_never_saw_counts_as_wrong():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    evaluation = evaluated(["0", "1"], ["0", "1", "new"], probabilities, [0, 1, 1])
    assert evaluation.labels() == ["0", "1", "new"]
    metrics = evaluation.metrics("0")
    assert metrics["accuracy"] == pytest.approx(2 / 3)
    assert metrics["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(2.0**-52)) / 3)
    assert metrics["f1"] == pytest.approx(
        reference.f1_score(["0", "1", "new"], ["0", "1", "1"], average="macro", zero_division=0), rel=1e-12
    )


def test_the_brier_score_of_an_unseen_label_is_not_halved():
    """Three labels are in play, so it is the multi-class score: (0.16 + 0.36 + 1) for this one row."""
    evaluation = evaluated(["0", "1"], ["new"], np.array([[0.4, 0.6]]), [1])
    assert evaluation.metrics("0")["brier_score"] == pytest.approx(1.52, rel=1e-12)


@pytest.mark.parametrize(("classes", "positive"), [(2, "0"), (2, "1"), (3, None), (5, None)])
def test_curves_are_those_of_each_class_against_the_rest(classes, positive):
    names = NAMES[classes]
    labels, probabilities, predicted = random_case(classes, 400, 6)
    evaluation = evaluated(names, labels, probabilities, predicted, positive=positive)
    curves = evaluation.curves()
    assert [entry["class"] for entry in curves] == ([positive] if positive else names)
    for entry in curves:
        is_class = [label == entry["class"] for label in labels]
        own = probabilities[:, names.index(entry["class"])]
        assert entry["roc"]["area"] == pytest.approx(reference.roc_auc_score(is_class, own), rel=1e-12)
        assert entry["roc"]["true_positives"][-1] == sum(entry["reliability"]["hits"]) == sum(is_class)
        assert sum(entry["reliability"]["rows"]) == 400


def test_of_many_classes_those_with_most_test_rows_have_curves():
    names = [f"c{k:02d}" for k in range(MAX_CURVES + 5)]
    labels = [name for k, name in enumerate(names) for _ in range(1 if k < 5 else 2)]
    probabilities = np.full((len(labels), len(names)), 1 / len(names))
    evaluation = evaluated(names, labels, probabilities, [0] * len(labels))
    assert [entry["class"] for entry in evaluation.curves()] == names[5:]


@pytest.mark.parametrize("classes", [2, 3])
def test_every_interval_holds_its_metric(classes):
    names = NAMES[classes]
    evaluation = evaluated(names, *random_case(classes, 90, 2))
    metrics = evaluation.metrics(names[0])
    intervals = evaluation.intervals()
    expected = {"accuracy", "balanced_accuracy", "f1", "roc_auc"}
    assert set(intervals) == expected | ({"precision", "recall"} if classes == 2 else set())
    for name, (low, high) in intervals.items():
        assert 0.0 <= low < metrics[name] < high <= 1.0
    assert intervals["accuracy"] == [metrics["accuracy_low"], metrics["accuracy_high"]]


def test_figures_that_the_test_rows_do_not_define_have_no_interval():
    evaluation = evaluated(["0", "1"], ["0", "0"], np.array([[0.9, 0.1], [0.8, 0.2]]), [0, 0])
    intervals = evaluation.intervals()
    assert [intervals[name] for name in ("precision", "recall", "f1", "roc_auc")] == [None] * 4
    assert evaluation.curves()[0]["roc"] is None


def test_rows_added_after_the_curves_were_read_are_in_them():
    evaluation = evaluated(["0", "1"], ["0", "1"], np.array([[0.9, 0.1], [0.2, 0.8]]), [0, 1])
    assert evaluation.curves()[0]["roc"]["area"] == 1.0
    evaluation.add(["0"], [[0.0], [1.0]], [1])
    assert evaluation.curves()[0]["roc"]["area"] == 0.5
