"""The model family against scikit-learn, and what happens where a covariance matrix cannot be inverted."""

import json
import tracemalloc
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.preprocessing import StandardScaler
from standardised_naive_bayes import StandardisedNB

from shared.errors import InvalidDatasetError
from shared.model.gaussian import scoring
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.family import GAUSSIAN
from shared.model.gaussian.linear_algebra import inverse_cholesky
from shared.model.probabilities import predicted_of
from shared.model.registry import model_from_json, model_to_json
from shared.model.rows import Feature, Rows

KINDS = ["diagonal", "pooled", "full"]


def fitted(
    X: np.ndarray, y: np.ndarray, covariance: str, features: tuple[str, ...] | None = None
) -> Discriminant:
    names = features or tuple(f"x{j}" for j in range(X.shape[1]))
    classes = np.unique(y).tolist()
    rows = Rows([column.tolist() for column in X.T], bytes(np.searchsorted(classes, y).tolist()))
    return GAUSSIAN.fit([rows], list(map(Feature, names)), classes, {"covariance": covariance})


def given(model: Discriminant, X: np.ndarray) -> list[list[float]]:
    """The columns of X, nothing in the place of features that are left out where X has the others alone."""
    columns = [column.tolist() for column in X.T]
    if len(columns) == len(model.features):
        return columns
    by_name = dict(zip(model.names, columns, strict=True))
    return [by_name.get(feature.name, []) for feature in model.features]


def probabilities(model: Discriminant, X: np.ndarray) -> np.ndarray:
    return np.array(model.probabilities(given(model, X))).T


def predictions(model: Discriminant, X: np.ndarray) -> np.ndarray:
    codes = predicted_of(model.scores(given(model, X)))
    return np.array(model.classes)[np.array(codes, int)]


def reference(covariance: str):
    return {
        "diagonal": StandardisedNB(),
        "pooled": LinearDiscriminantAnalysis(solver="lsqr", store_covariance=True),
        "full": QuadraticDiscriminantAnalysis(store_covariance=True),
    }[covariance]


@pytest.mark.parametrize("covariance", KINDS)
def test_parameters_are_scikit_learn_s(covariance, data_set):
    model = fitted(data_set.X, data_set.y, covariance)
    estimator = reference(covariance).fit(data_set.X, data_set.y)
    priors = estimator.class_prior_ if covariance == "diagonal" else estimator.priors_
    means = estimator.theta_ if covariance == "diagonal" else estimator.means_
    covariances = {
        "diagonal": lambda: estimator.var_,
        "pooled": lambda: [estimator.covariance_],
        "full": lambda: estimator.covariance_,
    }[covariance]()
    assert model.classes == tuple(estimator.classes_.tolist())
    assert model.left_out == {}
    np.testing.assert_allclose(model.priors, priors, rtol=1e-15)
    np.testing.assert_allclose(model.means, means, rtol=1e-12)
    np.testing.assert_allclose(model.covariances, covariances, rtol=1e-9)


@pytest.mark.parametrize("covariance", KINDS)
def test_predictions_are_scikit_learn_s(covariance, data_set):
    estimator = reference(covariance).fit(data_set.X, data_set.y)
    model = fitted(data_set.X, data_set.y, covariance)
    np.testing.assert_array_equal(predictions(model, data_set.X), estimator.predict(data_set.X))


def test_naive_bayes_probabilities_are_scikit_learn_s(data_set):
    expected = StandardisedNB().fit(data_set.X, data_set.y).predict_proba(data_set.X)
    actual = probabilities(fitted(data_set.X, data_set.y, "diagonal"), data_set.X)
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-300)


def test_linear_probabilities_are_scikit_learn_s(data_set):
    """The estimator gets standardised columns: it multiplies before it centres, which costs it digits
    (1.5e-9 on the penguins' body mass in grams), and the model does not depend on the columns' units."""
    X = StandardScaler().fit_transform(data_set.X)
    expected = LinearDiscriminantAnalysis(solver="lsqr").fit(X, data_set.y).predict_proba(X)
    actual = probabilities(fitted(data_set.X, data_set.y, "pooled"), data_set.X)
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-300)


def test_quadratic_probabilities_are_scikit_learn_s(data_set):
    """Down to 1e-200: below, rounding in a squared distance of 500 and more is all that is left to compare."""
    expected = QuadraticDiscriminantAnalysis().fit(data_set.X, data_set.y).predict_proba(data_set.X)
    actual = probabilities(fitted(data_set.X, data_set.y, "full"), data_set.X)
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-200)


@pytest.mark.parametrize("covariance", KINDS)
def test_probabilities_add_up_to_one(covariance, data_set):
    actual = probabilities(fitted(data_set.X, data_set.y, covariance), data_set.X)
    np.testing.assert_allclose(actual.sum(axis=1), 1.0, rtol=1e-14)
    assert (actual >= 0).all()


@pytest.mark.parametrize("covariance", ["pooled", "full"])
def test_the_units_of_the_columns_do_not_matter(covariance, data_sets):
    iris = data_sets["iris"]
    X = iris.X * [1e-6, 1.0, 1e6, 3e2] + [0.0, -5.0, 1e7, 1.0]
    np.testing.assert_allclose(
        probabilities(fitted(X, iris.y, covariance), X),
        probabilities(fitted(iris.X, iris.y, covariance), iris.X),
        rtol=1e-6,
        atol=1e-12,
    )


def test_a_model_in_json_says_all_it_is(data_sets):
    iris = data_sets["iris"]
    model = fitted(iris.X[:, :2], iris.y, "pooled", iris.features[:2])
    assert model_to_json(model) == {
        "kind": "gaussian",
        "covariance": "pooled",
        "features": [
            {"name": "sepal_length", "kind": "number"},
            {"name": "sepal_width", "kind": "number"},
        ],
        "left_out": {},
        "classes": ("setosa", "versicolor", "virginica"),
        "priors": model.priors,
        "columns": [
            {"feature": "sepal_length", "missing": pytest.approx(5.84333333)},
            {"feature": "sepal_width", "missing": pytest.approx(3.05733333)},
        ],
        "tables": [],
        "means": model.means,
        "covariances": model.covariances,
    }


@pytest.mark.parametrize("covariance", KINDS)
def test_a_model_is_the_same_after_a_round_trip_through_json(covariance, data_set):
    model = fitted(data_set.X, data_set.y, covariance)
    assert model_from_json(json.loads(json.dumps(model_to_json(model))), model.features) == model


def two_classes(rows: int = 60, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    y = np.array(["no", "yes"])[np.arange(rows) % 2]
    return generator.normal(size=(rows, 2)) + (y == "yes")[:, None], y


@pytest.mark.parametrize("covariance", KINDS)
def test_a_constant_column_is_left_out_and_changes_nothing(covariance):
    X, y = two_classes()
    model = fitted(np.column_stack([X[:, 0], np.full(len(y), 60_000.1), X[:, 1]]), y, covariance)
    assert model.names == ("x0", "x2")
    assert model.left_out == {"x1": "constant in the training rows"}
    without = fitted(X, y, covariance)
    np.testing.assert_allclose(probabilities(model, X), probabilities(without, X), rtol=1e-9)


@pytest.mark.parametrize(("covariance", "where"), [("pooled", "in every class"), ("full", "in class 'no'")])
def test_a_column_that_others_determine_is_left_out_and_changes_nothing(covariance, where):
    X, y = two_classes()
    model = fitted(np.column_stack([X, X @ [2.0, -1.0] + 3.0]), y, covariance)
    assert model.names == ("x0", "x1")
    assert model.left_out == {"x2": f"determined by earlier columns {where}"}
    np.testing.assert_allclose(probabilities(model, X), probabilities(fitted(X, y, covariance), X), rtol=1e-9)


@pytest.mark.parametrize(("covariance", "where"), [("pooled", "in every class"), ("full", "in class 'no'")])
def test_a_column_without_spread_within_a_class_says_so(covariance, where):
    X, y = two_classes()
    flat = np.where(y == "no", 0.1, 7.0 if covariance == "pooled" else X[:, 0])
    model = fitted(np.column_stack([flat, X]), y, covariance)
    assert model.left_out == {"x0": f"constant {where}"}


def test_naive_bayes_keeps_collinear_columns_as_scikit_learn_does():
    X, y = two_classes()
    X = np.column_stack([X, X @ [2.0, -1.0] + 3.0])
    model = fitted(X, y, "diagonal")
    assert model.left_out == {}
    np.testing.assert_allclose(
        probabilities(model, X), StandardisedNB().fit(X, y).predict_proba(X), rtol=1e-9
    )


@pytest.mark.parametrize("covariance", ["diagonal", "pooled"])
def test_a_column_that_is_constant_in_one_class_is_used(covariance):
    X, y = two_classes()
    X[y == "no", 1] = 0.25
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference(covariance).fit(X, y).predict(X)
    model = fitted(X, y, covariance)
    assert model.left_out == {}
    np.testing.assert_array_equal(predictions(model, X), expected)


def test_a_column_that_is_constant_in_one_class_is_left_out_of_a_full_model():
    X, y = two_classes()
    X[y == "no", 1] = 0.25
    model = fitted(X, y, "full")
    assert model.names == ("x0",)
    assert list(model.left_out) == ["x1"]


@pytest.mark.parametrize("covariance", KINDS)
def test_nothing_but_constant_columns_is_refused(covariance):
    y = np.array(["a", "b"] * 10)
    with pytest.raises(InvalidDatasetError, match="every feature is constant in the training rows"):
        fitted(np.full((20, 2), 3.0), y, covariance)


@pytest.mark.parametrize("covariance", KINDS)
def test_a_single_class_is_refused_by_name(covariance):
    X, _ = two_classes()
    with pytest.raises(InvalidDatasetError, match="the training rows hold only the class 'up'"):
        fitted(X, np.full(len(X), "up"), covariance)


def test_a_class_with_too_few_rows_for_its_own_covariance_is_refused_by_name():
    X, y = two_classes(40)
    y = np.where(np.arange(40) < 2, "rare", y)
    with pytest.raises(
        InvalidDatasetError, match=r"class 'rare' has 2 training rows, too few .* at least 3 are needed"
    ):
        fitted(X, y, "full")
    assert fitted(X, y, "pooled").classes == ("no", "rare", "yes")


def test_too_few_rows_for_a_pooled_covariance_are_refused():
    X, y = two_classes(3)
    with pytest.raises(InvalidDatasetError, match=r"3 training rows are too few .* at least 4 are needed"):
        fitted(X, y, "pooled")


def test_naive_bayes_does_with_a_single_row_of_a_class():
    X, y = two_classes(41)
    y = np.where(np.arange(41) < 1, "rare", y)
    model = fitted(X, y, "diagonal")
    np.testing.assert_allclose(model.covariances, StandardisedNB().fit(X, y).var_, rtol=1e-9)


@pytest.mark.parametrize("covariance", KINDS)
def test_rows_far_out_have_finite_probabilities(covariance, data_set):
    model = fitted(data_set.X, data_set.y, covariance)
    X = np.array([data_set.X.max(axis=0) * 1e6, -data_set.X.max(axis=0) * 1e6, np.zeros(data_set.X.shape[1])])
    actual = probabilities(model, X)
    assert np.isfinite(actual).all()
    np.testing.assert_allclose(actual.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("covariance", "classes", "columns", "told"),
    [
        ("pooled", 100, 600, "36,000,000 numbers"),
        ("full", 20, 300, "1,800,000 numbers"),
    ],
)
def test_matrices_that_memory_could_not_hold_are_refused_before_a_row_is_read(
    covariance: str, classes: int, columns: int, told: str
) -> None:
    def rows() -> Iterator[Rows]:
        raise AssertionError("a block was read")
        yield

    features = [Feature(f"x{j}") for j in range(columns)]
    names = [f"c{k}" for k in range(classes)]
    with pytest.raises(InvalidDatasetError, match=f'{told}.*covariance "diagonal"'):
        GAUSSIAN.fit(rows(), features, names, {"covariance": covariance})


def test_naive_bayes_of_many_classes_and_columns_holds_no_matrix() -> None:
    classes, columns = 60, 300
    labels = [k for k in range(classes) for _ in range(2)]
    values = [[float((row * (j + 3)) % 7) for row in range(len(labels))] for j in range(columns)]
    tracemalloc.start()
    model = GAUSSIAN.fit(
        [Rows(values, bytes(labels))],
        [Feature(f"x{j}") for j in range(columns)],
        [f"c{k:02d}" for k in range(classes)],
        {"covariance": "diagonal"},
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(model.classes) == classes
    assert peak < 20e6  # a matrix a class would be 86 MB, and without its upper half 43


def test_what_matters_takes_no_second_factorization(monkeypatch):
    """It is most of the time of many columns: at 1,000 of them 7 s."""
    found = []
    monkeypatch.setattr(
        scoring, "inverse_cholesky", lambda matrix: found.append(matrix) or inverse_cholesky(matrix)
    )
    generator = np.random.default_rng(0)
    model = fitted(generator.normal(size=(90, 4)), np.repeat(["a", "b", "c"], 30), "pooled")
    model.importance()
    assert list(model.problems()) == []
    assert len(found) == 1
