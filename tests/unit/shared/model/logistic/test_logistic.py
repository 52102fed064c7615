"""scikit-learn's LogisticRegression at the same C on the same design matrix is the reference."""

import json
import math
from array import array
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import sklearn.linear_model
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidDatasetError
from shared.model.logistic.family import LOGISTIC
from shared.model.registry import DamagedModelError, model_from_json, model_to_json
from shared.model.rows import Feature, Rows

NAMES = tuple("abcdefghijklmnopqrstuvwxyz")


def table(n: int, classes: int, seed: int = 0, missing: float = 0.0, values: int = 0):
    """Rows, features, of three numbers and, with `values`, a category."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 3)) * [1.0, 1000.0, 1e-6] + [0.0, 5000.0, 1.0]
    labels = (numbers[:, 0, None] * rng.normal(size=classes) + rng.gumbel(size=(n, classes))).argmax(1)
    numbers[rng.random(size=(n, 3)) < missing] = np.nan
    columns: list[Sequence] = [array("d", column.tolist()) for column in numbers.T]
    features = [Feature("one"), Feature("two"), Feature("three")]
    if values:
        codes = np.minimum(rng.integers(0, 2 + values, size=n), rng.integers(0, 2 + values, size=n))
        columns.append(array("H", codes.tolist()))
        features.append(Feature("kind", tuple(f"v{k}" for k in range(values))))
        labels = np.where(rng.random(n) < 0.3, codes % classes, labels)
    return Rows(columns, labels.tolist()), features


def design_matrix(rows: Rows, features, like: Rows | None = None) -> np.ndarray:
    """The columns by their definition: standardised numbers, then indicators in the order of the features."""
    dense, indicators = [], []
    for column, fitted, feature in zip(rows.columns, (like or rows).columns, features, strict=True):
        own, train = np.array(column, dtype=float), np.array(fitted, dtype=float)
        if feature.values is None:
            mean = np.nanmean(train)
            filled = np.where(np.isnan(train), mean, train)
            dense.append((np.where(np.isnan(own), mean, own) - mean) / filled.std())
            if np.isnan(train).any():
                indicators.append(np.isnan(own))
        else:
            codes = [code for code in range(2 + len(feature.values)) if (train == code).sum() >= 10]
            indicators += [own == code for code in codes]
    return np.column_stack([*dense, *indicators]).astype(float)


def reference(rows: Rows, features, strength: float):
    """With two classes by Newton's method, with more by SciPy's L-BFGS, until neither goes on."""
    two = len(set(rows.labels)) == 2
    regression = sklearn.linear_model.LogisticRegression(
        C=strength, solver="newton-cholesky" if two else "lbfgs", tol=1e-12, max_iter=100_000
    )
    return regression.fit(design_matrix(rows, features), rows.labels)


def agrees_with_scikit_learn(rows: Rows, features, strength: float, rtol: float = 1e-6):
    classes = NAMES[: len(set(rows.labels))]
    model = LOGISTIC.fit([rows], features, classes, {"strength": strength})
    expected = reference(rows, features, strength)
    heads = np.array(model.heads())
    np.testing.assert_allclose(heads[:, 1:], expected.coef_, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(heads[:, 0], expected.intercept_, rtol=rtol, atol=rtol)
    probabilities = np.array(model.probabilities(rows.columns)).T
    own = expected.predict_proba(design_matrix(rows, features))
    np.testing.assert_allclose(probabilities, own, rtol=0, atol=1e-6)
    assert list(model.problems()) == []
    return model


@pytest.mark.parametrize("strength", [0.03, 0.3, 3.0, 100.0])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_coefficients_and_probabilities_are_scikit_learns(classes, strength):
    agrees_with_scikit_learn(*table(400, classes), strength)


@pytest.mark.parametrize("classes", [2, 4])
def test_missing_cells_and_categories_are_those_of_the_design_matrix(classes):
    agrees_with_scikit_learn(*table(600, classes, missing=0.1, values=12), 0.3)


def test_new_rows_are_scored_with_what_the_train_rows_said():
    rows, features = table(500, 3, missing=0.05, values=6)
    new, _ = table(200, 3, seed=9, missing=0.3, values=6)
    model = LOGISTIC.fit([rows], features, NAMES[:3], {"strength": 0.3})
    expected = reference(rows, features, 0.3).predict_proba(design_matrix(new, features, like=rows))
    np.testing.assert_allclose(np.array(model.probabilities(new.columns)).T, expected, rtol=0, atol=1e-6)


def test_a_missing_cell_where_the_train_rows_had_none_is_the_mean():
    rows, features = table(100, 2)
    model = LOGISTIC.fit([rows], features, NAMES[:2], {"strength": 1.0})
    at_means = model.probabilities([[sum(column) / len(column)] for column in rows.columns])
    np.testing.assert_allclose(model.probabilities([[math.nan]] * 3), at_means, rtol=1e-12)


def test_perfectly_separable_rows_have_finite_weights():
    rows = Rows([array("d", range(40)), array("d", [1.0, 2.0] * 20)], [0] * 20 + [1] * 20)
    features = [Feature("place"), Feature("other")]
    agrees_with_scikit_learn(rows, features, 3.0)
    agrees_with_scikit_learn(rows, features, 1e4, rtol=1e-4)


def test_a_class_of_one_row_is_learnt():
    rows, features = table(200, 2)
    model = agrees_with_scikit_learn(Rows(rows.columns, [*rows.labels[:-1], 2]), features, 0.3)
    assert model.classes == ("a", "b", "c")


def test_a_class_without_rows_is_not_among_the_models():
    rows, features = table(200, 2)
    labels = [2 * label for label in rows.labels]
    model = LOGISTIC.fit([Rows(rows.columns, labels)], features, NAMES[:4], {"strength": 0.3})
    assert model.classes == ("a", "c")
    same = LOGISTIC.fit([rows], features, NAMES[:2], {"strength": 0.3})
    assert model.heads() == same.heads()


def test_two_classes_are_needed():
    rows, features = table(20, 2)
    with pytest.raises(InvalidDatasetError, match="only the class 'b'"):
        LOGISTIC.fit([Rows(rows.columns, [1] * 20)], features, NAMES[:2], {"strength": 0.3})


@pytest.mark.parametrize("classes", [2, 3])
def test_a_thousand_columns(classes):
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(120, 1000))
    labels = (numbers[:, :classes] + rng.gumbel(size=(120, classes))).argmax(1).tolist()
    rows = Rows([array("d", column.tolist()) for column in numbers.T], labels)
    agrees_with_scikit_learn(rows, [Feature(f"x{j}") for j in range(1000)], 0.3)


def test_a_category_of_hundreds_of_values():
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 502, size=6000)
    labels = (rng.random(6000) < (codes % 10) / 10).astype(int).tolist()
    rows = Rows([array("H", codes.tolist()), array("d", rng.normal(size=6000).tolist())], labels)
    features = [Feature("place", tuple(f"v{k}" for k in range(500))), Feature("size")]
    agrees_with_scikit_learn(rows, features, 0.3)


def test_columns_that_say_nothing_are_left_out_with_their_reason():
    rows, features = table(100, 2)
    nothing = [array("d", [7.5] * 100), array("d", [math.nan] * 100), bytes([3] * 100), bytes(range(100))]
    names = [
        Feature("constant"),
        Feature("empty"),
        Feature("same", ("x", "y")),
        Feature("all different", tuple(f"{k}" for k in range(98))),
    ]
    both = Rows([*nothing, *rows.columns], rows.labels)
    model = LOGISTIC.fit([both], [*names, *features], NAMES[:2], {"strength": 0.3})
    assert model.left_out == {
        "constant": "constant in the training rows",
        "empty": "constant in the training rows",
        "same": "constant in the training rows",
        "all different": "no value is in 10 of the training rows",
    }
    assert model.heads() == LOGISTIC.fit([rows], features, NAMES[:2], {"strength": 0.3}).heads()
    assert list(model.problems()) == []


def test_of_a_constant_with_holes_the_holes_are_what_is_said():
    labels = [0] * 30 + [1] * 30
    column = array("d", [5.0] * 28 + [math.nan] * 20 + [5.0] * 12)
    model = LOGISTIC.fit([Rows([column], labels)], [Feature("x")], NAMES[:2], {"strength": 1.0})
    full, hole = (model.probabilities([[value]])[1][0] for value in (5.0, math.nan))
    assert hole > 0.7 > 0.5 > full


def test_nothing_but_constants_is_an_invalid_dataset():
    with pytest.raises(InvalidDatasetError, match="every feature is constant"):
        LOGISTIC.fit([Rows([[1.0] * 4], [0, 1, 0, 1])], [Feature("x")], NAMES[:2], {"strength": 1.0})


@given(st.lists(st.integers(-900, 900), min_size=3, max_size=3), st.sampled_from([2, 3]))
def test_columns_in_other_units_of_a_power_of_two_give_the_same_predictions(powers, classes):
    rows, features = table(60, classes, missing=0.1)
    scaled = [
        array("d", [math.ldexp(x, power) for x in column])
        for column, power in zip(rows.columns, powers, strict=True)
    ]
    models = [
        LOGISTIC.fit([Rows(columns, rows.labels)], features, NAMES[:classes], {"strength": 0.3})
        for columns in (rows.columns, scaled)
    ]
    assert models[0].heads() == models[1].heads()
    assert models[0].probabilities(rows.columns) == models[1].probabilities(scaled)


def test_the_largest_and_the_smallest_numbers_of_float64_are_numbers_like_any():
    labels = [0, 1] * 20
    big = array("d", [1.7e308 if label else -1.7e308 for label in labels])
    small = array("d", [1e-305 if k % 3 else 0.0 for k in range(40)])
    features = [Feature("x"), Feature("y")]
    model = LOGISTIC.fit([Rows([big, small], labels)], features, NAMES[:2], {"strength": 1.0})
    assert not model.left_out
    tiny = LOGISTIC.fit([Rows([big, [5e-324, 0.0] * 20], labels)], features, NAMES[:2], {"strength": 1.0})
    assert tiny.left_out == {"y": "constant in the training rows"}
    probabilities = model.probabilities([big, small])
    assert all(0.9 < probabilities[label][row] <= 1.0 for row, label in enumerate(labels))


def test_blocks_of_any_size_give_the_same_model():
    rows, features = table(300, 3, missing=0.1, values=5)

    def block(start, stop):
        return Rows([column[start:stop] for column in rows.columns], rows.labels[start:stop])

    whole = LOGISTIC.fit([rows], features, NAMES[:3], {"strength": 0.3})
    blocks = [block(start, start + 37) for start in range(0, 300, 37)]
    assert LOGISTIC.fit(blocks, features, NAMES[:3], {"strength": 0.3}) == whole


def test_strengths_one_after_the_other_give_the_models_of_each():
    rows, features = table(300, 3, missing=0.1, values=5)
    path = LOGISTIC.fit_each([rows], features, NAMES[:3], [0.03, 0.3, 3.0])
    for strength, model in zip([0.03, 0.3, 3.0], path, strict=True):
        alone = LOGISTIC.fit([rows], features, NAMES[:3], {"strength": strength})
        assert model.strength == strength
        np.testing.assert_allclose(model.heads(), alone.heads(), rtol=0, atol=1e-6)


def fitted(classes: int = 3):
    rows, features = table(200, classes, missing=0.1, values=4)
    features.append(Feature("nothing"))
    rows = Rows([*rows.columns, [0.0] * 200], rows.labels)
    return rows, LOGISTIC.fit([rows], features, NAMES[:classes], {"strength": 0.3})


@pytest.mark.parametrize("classes", [2, 3])
def test_json_and_back_is_the_same_model(classes):
    _, model = fitted(classes)
    assert model_from_json(json.loads(json.dumps(model_to_json(model))), model.features) == model


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["strength"], 0.0, "strength 0 is not positive"),
        (["intercepts"], [0.0, 1.0], "intercepts has 2 numbers for 3 classes"),
        (["intercepts", 0], math.nan, "a weight is NaN or infinite"),
        (["terms"], [], "0 terms and 3 classes"),
        (["terms", 0, "feature"], "two", "not in the order"),
        (["terms", 0, "feature"], "unheard of", "'unheard of' is missing"),
        (["terms", 0, "deviation"], 0.0, "term 'one': mean or deviation"),
        (["terms", 0, "weights"], [1.0], "term 'one': weights are not 3 numbers"),
        (["terms", 3, "codes", 0], 77, "term 'kind': codes are not among the 6"),
        (["terms", 3, "codes", 0], 1, "term 'kind': codes are not in order"),
        (["terms", 3, "weights"], [[1.0] * 3], "term 'kind': weights are not"),
        (["terms", 3, "feature"], "nothing", "term 'nothing': is of another kind"),
        (["left_out"], {}, "left_out"),
    ],
)
def test_what_does_not_fit_together_is_a_damaged_model(path, value, problem):
    _, model = fitted()
    document = json.loads(json.dumps(model_to_json(model)))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(DamagedModelError) as caught:
        model_from_json(document, model.features)
    assert problem in str(caught.value) or problem in " ".join(
        LOGISTIC.from_json(document, model.features, model.classes).problems()
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"classes": ("a",)}, "{terms} terms and 1 classes"),
        ({"classes": ()}, "{terms} terms and 0 classes"),
        ({"terms": ()}, "0 terms and 3 classes"),
    ],
)
def test_a_model_that_tells_nothing_from_nothing_is_damaged(change, problem):
    _, model = fitted()
    assert list(replace(model, **change).problems()) == [problem.format(terms=len(model.terms))]


@pytest.mark.parametrize(
    ("strength", "sound"), [(1e-300, True), (0.0, False), (-1.0, False), (math.inf, False), (math.nan, False)]
)
def test_a_strength_is_a_positive_number(strength, sound):
    _, model = fitted()
    told = [] if sound else [f"strength {strength:g} is not positive and finite"]
    assert list(replace(model, strength=strength).problems()) == told


def test_what_matters_has_a_name_per_number_and_value():
    _, model = fitted()
    found = model.importance()
    assert set(found.numbers) == {"a", "b", "c"}
    assert {"one", "one: missing", "kind: v0"} <= set(found.names)
    assert all(len(row) == len(found.names) for row in found.numbers.values())
    _, of_two = fitted(2)
    assert set(of_two.importance().numbers) == {"b"}


def test_it_says_what_it_is():
    _, model = fitted()
    assert model.describe().startswith("logistic regression: ")
    assert "C = 0.3" in model.describe()
