"""Partial dependence, beside scikit-learn's."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import partial_dependence as reference

from shared.model.registry import BOOSTED_TREES, GAUSSIAN
from shared.model.rows import Feature, Rows
from summarize.explaining.partial_dependence import POINTS, ROWS, partial_dependence
from summarize.explaining.permutation import HeldOut


class Estimator(ClassifierMixin, BaseEstimator):
    def __init__(self, model=None):
        self.model = model

    def fit(self, X, y):
        self.fitted_ = True
        return self

    @property
    def classes_(self):
        return np.array(self.model.classes)

    def predict_proba(self, X):
        return np.array(self.model.probabilities(np.asarray(X).T.tolist())).T


def held_out_of(family, options, classes: int, rows: int = 240) -> HeldOut:
    generator = np.random.default_rng(1)
    X = np.column_stack([generator.normal(size=rows), generator.integers(0, 5, rows).astype(float)])
    y = np.digitize(X[:, 0] + 0.3 * X[:, 1] + generator.normal(size=rows), np.arange(classes - 1))
    features = [Feature("x"), Feature("steps")]
    model = family.fit([Rows(X.T.tolist(), y.tolist())], features, tuple("abc"[:classes]), options)
    return HeldOut(model, X.T.tolist(), y.tolist(), {"x": [0], "steps": [1]})


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    ("family", "options"), [(GAUSSIAN, {"covariance": "full"}), (BOOSTED_TREES, {"trees": 20, "seed": 0})]
)
def test_it_is_scikit_learn_s_at_the_same_values_of_the_same_rows(family, options, classes):
    held_out = held_out_of(family, options, classes)
    positive = "b" if classes == 2 else None
    found = partial_dependence(held_out, ["x", "steps"], positive, (), {})
    X = np.array(held_out.spread(ROWS).columns).T
    for j, entry in enumerate(found):
        assert (entry["column"], entry["kind"]) == (("x", "steps")[j], "number")
        expected = reference(
            Estimator(held_out.model).fit(X, None),
            X,
            [j],
            custom_values={j: np.array(entry["values"])},
            response_method="predict_proba",
            method="brute",
            kind="average",
        )["average"]
        named = ["b"] if classes == 2 else ["a", "b", "c"]
        assert list(entry["probabilities"]) == named
        np.testing.assert_allclose(list(entry["probabilities"].values()), expected, atol=1e-12)


def test_the_values_are_quantiles_from_the_smallest_to_the_largest_of_the_rows():
    held_out = held_out_of(GAUSSIAN, {"covariance": "full"}, 2)
    numbers, steps = partial_dependence(held_out, ["x", "steps"], "a", (), {})
    rows = held_out.spread(ROWS).columns[0]
    assert len(numbers["values"]) == POINTS
    assert (numbers["values"][0], numbers["values"][-1]) == (min(rows), max(rows))
    assert steps["values"] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_category_s_values_are_its_most_frequent_ones_by_name():
    codes = [2, 3, 2, 3, 2, 3, 0, 1] * 10
    y = [0, 1, 0, 1, 0, 1, 0, 1] * 10
    features = [Feature("colour", ("red", "blue"))]
    model = GAUSSIAN.fit([Rows([codes], y)], features, ("no", "yes"), {"covariance": "diagonal"})
    (found,) = partial_dependence(HeldOut(model, [codes], y, {"colour": [0]}), ["colour"], "yes", (), {})
    assert (found["kind"], found["values"]) == ("category", ["red", "blue"])
    low, high = found["probabilities"]["yes"]
    assert low < 0.2 < 0.8 < high


def test_a_date_is_said_to_be_one_and_a_scaled_number_is_given_in_its_own_unit():
    held_out = held_out_of(GAUSSIAN, {"covariance": "full"}, 2)
    plain = partial_dependence(held_out, ["x", "steps"], "a", (), {})
    found = partial_dependence(held_out, ["x", "steps"], "a", ("x",), {"steps": 3})
    assert [entry["kind"] for entry in found] == ["date", "number"]
    assert found[1]["values"] == [8.0 * value for value in plain[1]["values"]]
    assert found[1]["probabilities"] == plain[1]["probabilities"]


def test_of_many_classes_the_most_frequent_ones_are_told():
    generator = np.random.default_rng(2)
    y = sorted([*range(8)] * 10 + [3, 4, 5, 6, 7] * 10)
    X = generator.normal(size=len(y)) + np.array(y)
    model = GAUSSIAN.fit([Rows([X.tolist()], y)], [Feature("x")], tuple("abcdefgh"), {"covariance": "pooled"})
    (found,) = partial_dependence(HeldOut(model, [X.tolist()], y, {"x": [0]}), ["x"], None, (), {})
    assert set(found["probabilities"]) == set("defgh")
