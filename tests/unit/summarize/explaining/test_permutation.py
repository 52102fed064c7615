"""Permutation importance, beside scikit-learn's with the same permutations."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as reference
from sklearn.utils import check_random_state

from shared.model.registry import BOOSTED_TREES, GAUSSIAN, LOGISTIC
from shared.model.rows import Feature, Rows
from summarize.explaining import permutation
from summarize.explaining.permutation import HeldOut, permutation_importance, permutations, rises_of

OPTIONS = {
    "gaussian": {"covariance": "full"},
    "logistic": {"strength": 1.0},
    "boosted_trees": {"trees": 20, "seed": 0},
}
FAMILIES = {"gaussian": GAUSSIAN, "logistic": LOGISTIC, "boosted_trees": BOOSTED_TREES}


def held_out_of(kind: str, classes: int = 2, width: int = 4, rows: int = 300) -> tuple[HeldOut, np.ndarray]:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(2 * rows, width))
    y = np.digitize(X[:, 0] + 0.5 * X[:, 1] + generator.normal(size=2 * rows), np.arange(classes - 1) - 0.5)
    features = [Feature(f"x{j}") for j in range(width)]
    names = tuple("abc"[:classes])
    train = Rows(X[:rows].T.tolist(), y[:rows].tolist())
    model = FAMILIES[kind].fit([train], features, names, OPTIONS[kind])
    inputs = {feature.name: [j] for j, feature in enumerate(features)}
    return HeldOut(model, X[rows:].T.tolist(), y[rows:].tolist(), inputs), X[rows:]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", OPTIONS)
def test_the_rises_are_scikit_learn_s_with_the_same_permutations(kind, classes):
    held_out, X = held_out_of(kind, classes)
    model = held_out.model

    class Estimator:
        classes_ = np.arange(classes)
        _estimator_type = "classifier"

        def fit(self, X, y):
            return self

        def predict_proba(self, X):
            return np.array(model.probabilities(X.T.tolist())).T

        def __sklearn_tags__(self):
            return SimpleNamespace(estimator_type="classifier", input_tags=SimpleNamespace(pairwise=False))

    expected = reference(
        Estimator(), X, np.array(held_out.labels), scoring="neg_log_loss", n_repeats=5, random_state=3
    )
    # One seed for all columns; each shuffle goes on from the order that the one before has left.
    seed = check_random_state(3).randint(np.iinfo(np.int32).max + 1)
    draw, index, order, orders = check_random_state(seed), np.arange(len(X)), np.arange(len(X)), []
    for _ in range(5):
        draw.shuffle(index)
        order = order[index]
        orders.append(order.tolist())
    (loss,) = held_out.losses([{}])
    found = rises_of(held_out, [[name] for name in held_out.inputs], orders, loss)
    np.testing.assert_allclose(found, expected.importances, atol=1e-12)


def test_it_says_mean_and_spread_the_strongest_first():
    held_out, _ = held_out_of("logistic")
    found = permutation_importance(held_out, 0)
    assert (found["rows"], found["repeats"], found["of_columns"], found["groups"]) == (300, 5, 4, [])
    assert [entry["name"] for entry in found["columns"]][:2] == ["x0", "x1"]
    means = [entry["mean"] for entry in found["columns"]]
    assert means == sorted(means, reverse=True)
    (rises,) = rises_of(held_out, [["x0"]], permutations(300, 0), found["loss"])
    first = found["columns"][0]
    assert (first["mean"], first["deviation"]) == pytest.approx((np.mean(rises), np.std(rises)))
    assert permutation_importance(held_out, 0) == found
    assert permutation_importance(held_out, 1) != found


def test_columns_that_carry_each_other_are_shuffled_together():
    """Each of two copies is worth little while the other one stays; together they are worth what the one is."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=600)
    X = np.column_stack([x, x + 0.01 * generator.normal(size=600), generator.normal(size=600)])
    y = (x + generator.normal(size=600) > 0).astype(int)
    features = [Feature("one"), Feature("copy"), Feature("noise")]
    model = GAUSSIAN.fit(
        [Rows(X[:300].T.tolist(), y[:300].tolist())], features, ("no", "yes"), {"covariance": "pooled"}
    )
    inputs = {feature.name: [j] for j, feature in enumerate(features)}
    found = permutation_importance(HeldOut(model, X[300:].T.tolist(), y[300:].tolist(), inputs), 0)
    assert found["groups"] == [
        {"columns": ["one", "copy"], **{k: found["columns"][0][k] for k in ("mean", "deviation")}}
    ]
    assert [(entry["name"], entry["group"]) for entry in found["columns"]] == [
        ("one", 0),
        ("copy", 0),
        ("noise", None),
    ]
    assert found["columns"][0]["mean"] > 0.1 > abs(found["columns"][2]["mean"])


def test_a_column_of_several_features_is_shuffled_as_one():
    held_out, _ = held_out_of("gaussian")
    together = HeldOut(
        held_out.model, held_out.columns, held_out.labels, {"date": [0, 1], "x2": [2], "x3": [3]}
    )
    found = permutation_importance(together, 0)
    alone = permutation_importance(held_out, 0)
    assert found["columns"][0]["name"] == "date"
    assert found["columns"][0]["mean"] > max(entry["mean"] for entry in alone["columns"])


def test_of_many_columns_the_leading_ones_are_shuffled_on_fewer_rows(monkeypatch):
    monkeypatch.setattr(permutation, "MOST_COLUMNS", 3)
    monkeypatch.setattr(permutation, "_MOST_SCORED", 1500)
    held_out, _ = held_out_of("logistic", width=12)
    found = permutation_importance(held_out, 0)
    assert (found["rows"], found["of_columns"], len(found["columns"])) == (100, 12, 3)
    assert [entry["name"] for entry in found["columns"]][:2] == ["x0", "x1"]


def test_a_model_that_reads_nothing_and_no_rows_have_no_importance():
    held_out, _ = held_out_of("gaussian")
    assert permutation_importance(HeldOut(held_out.model, held_out.columns, held_out.labels, {}), 0) is None
    assert permutation_importance(HeldOut(held_out.model, [[]] * 4, [], held_out.inputs), 0) is None


def test_a_label_that_the_model_does_not_know_costs_what_it_costs_in_the_log_loss():
    held_out, _ = held_out_of("gaussian")
    unknown = HeldOut(held_out.model, held_out.columns, [-1] * 300, held_out.inputs)
    found = permutation_importance(unknown, 0)
    assert found["loss"] == pytest.approx(-np.log(2.0**-52))
    assert {entry["mean"] for entry in found["columns"]} == {0.0}
