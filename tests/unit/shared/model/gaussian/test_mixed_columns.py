"""Categories and missing numbers: scikit-learn behind SimpleImputer and OneHotEncoder, or beside CategoricalNB."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from standardised_naive_bayes import StandardisedNB

from shared.model.gaussian.design import MAX_INDICATORS, Design
from shared.model.gaussian.family import GAUSSIAN
from shared.model.registry import model_from_json, model_to_json
from shared.model.rows import Feature, Rows

FEATURES = [
    Feature("x"),
    Feature("colour", ("red", "green", "blue")),
    Feature("price"),
    Feature("flag", ("yes", "no")),
]
CLASSES = ["a", "b", "c"]
NUMBERS, CATEGORIES = [0, 2], [1, 3]
ESTIMATORS = {
    "pooled": LinearDiscriminantAnalysis(solver="lsqr"),
    "full": QuadraticDiscriminantAnalysis(),
}


def table(rows: int = 600, seed: int = 0, missing: float = 0.1) -> tuple[list[np.ndarray], np.ndarray]:
    """The columns of FEATURES (codes as integers) and labels that have to do with all of them."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, 3, rows)
    x = generator.normal(y, 1.0)
    price = generator.normal(60_000.0 + 2 * y, 3.0)
    for column in (x, price):
        column[generator.random(rows) < missing] = np.nan
    colour = np.where(generator.random(rows) < 0.3, y + 1, generator.integers(0, 5, rows))
    flag = generator.integers(0, 2, rows) * generator.integers(0, 2, rows) + 2
    return [x, colour, price, flag], y


def rows_of(columns: list[np.ndarray], y: np.ndarray, chosen: slice = slice(None)) -> Rows:
    return Rows(
        [
            bytes(column[chosen].tolist()) if j in CATEGORIES else column[chosen].tolist()
            for j, column in enumerate(columns)
        ],
        bytes(y[chosen].tolist()),
    )


def fitted(columns: list[np.ndarray], y: np.ndarray, covariance: str, blocks: int = 1):
    cuts = np.linspace(0, len(y), blocks + 1).astype(int)
    parts = [rows_of(columns, y, slice(a, b)) for a, b in pairwise(cuts)]
    return GAUSSIAN.fit(parts, FEATURES, CLASSES, {"covariance": covariance})


def probabilities(model, columns: list[np.ndarray]) -> np.ndarray:
    return np.array(model.probabilities(rows_of(columns, np.zeros(len(columns[0]), int)).columns)).T


def reference(covariance: str):
    """One value less than there are, whichever: a discriminant does not depend on it."""
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer(
        [("numbers", SimpleImputer(), NUMBERS), ("texts", encoder, CATEGORIES)], sparse_threshold=0.0
    )
    # Standardised, as scikit-learn multiplies before it centres; the model does not depend on the units.
    return make_pipeline(columns, StandardScaler(), ESTIMATORS[covariance])


@pytest.mark.parametrize("covariance", ["pooled", "full"])
@pytest.mark.parametrize("blocks", [1, 7, 100])
def test_a_mean_for_missing_numbers_and_indicators_for_values_are_scikit_learn_s(covariance, blocks):
    columns, y = table()
    X = np.column_stack(columns)
    expected = reference(covariance).fit(X, y).predict_proba(X)
    model = fitted(columns, y, covariance, blocks)
    assert model.left_out == {}
    np.testing.assert_allclose(probabilities(model, columns), expected, rtol=1e-9, atol=1e-200)


@pytest.mark.parametrize("blocks", [1, 7, 100])
def test_naive_bayes_of_numbers_and_categories_is_scikit_learn_s(blocks):
    columns, y = table(missing=0.0)
    codes = np.column_stack([np.unique(columns[j], return_inverse=True)[1] for j in CATEGORIES])
    numbers = StandardisedNB().fit(np.column_stack([columns[j] for j in NUMBERS]), y)
    categories = CategoricalNB(alpha=1.0).fit(codes, y)
    joint = (
        numbers.predict_joint_log_proba(np.column_stack([columns[j] for j in NUMBERS]))
        + categories.predict_joint_log_proba(codes)
        - np.log(numbers.class_prior_)
    )
    expected = np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None])
    found = probabilities(fitted(columns, y, "diagonal", blocks), columns)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)


def test_categories_alone_are_categorical_naive_bayes():
    columns, y = table()
    codes = np.column_stack([np.unique(columns[j], return_inverse=True)[1] for j in CATEGORIES])
    expected = CategoricalNB(alpha=1.0).fit(codes, y).predict_proba(codes)
    rows = Rows([bytes(columns[j].tolist()) for j in CATEGORIES], bytes(y.tolist()))
    model = GAUSSIAN.fit([rows], [FEATURES[j] for j in CATEGORIES], CLASSES, {"covariance": "diagonal"})
    np.testing.assert_allclose(np.array(model.probabilities(rows.columns)).T, expected, rtol=1e-9)


def test_naive_bayes_skips_missing_numbers_in_the_fit_and_in_a_row():
    columns, y = table()
    model = fitted(columns, y, "diagonal", 7)
    for place, j in enumerate(NUMBERS):
        for k in range(len(CLASSES)):
            present = columns[j][(y == k) & ~np.isnan(columns[j])]
            assert model.means[k][place] == pytest.approx(present.mean(), rel=1e-12)
            assert model.covariances[k][place] == pytest.approx(present.var(), rel=1e-7)
    without = [columns[0] * np.nan, columns[1], columns[2], columns[3]]
    alone = GAUSSIAN.fit(
        [Rows(rows_of(columns, y).columns[1:], bytes(y.tolist()))],
        FEATURES[1:],
        CLASSES,
        {"covariance": "diagonal"},
    )
    expected = np.array(alone.probabilities(rows_of(columns, y).columns[1:])).T
    np.testing.assert_allclose(probabilities(model, without), expected, rtol=1e-6)


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_a_value_that_no_train_row_has_is_scored_and_says_nothing(covariance):
    columns, y = table()
    columns[1][columns[1] == 1] = 2  # no other value is left in the train rows
    model = fitted(columns, y, covariance)
    columns[1][:] = 1
    unseen = probabilities(model, columns)
    np.testing.assert_allclose(unseen.sum(axis=1), 1.0, rtol=1e-12)
    if covariance == "diagonal":
        columns[1][:] = 2
        assert np.abs(unseen - probabilities(model, columns)).max() > 0.01
    else:  # as the most frequent one, whose indicators are 0
        frequent = max(range(5), key=np.bincount(table()[0][1].clip(2), minlength=5).__getitem__)
        columns[1][:] = frequent
        np.testing.assert_array_equal(unseen, probabilities(model, columns))


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_it_comes_back_from_json_number_for_number(covariance):
    columns, y = table()
    model = fitted(columns, y, covariance)
    again = model_from_json(model_to_json(model), FEATURES)
    assert again == model
    np.testing.assert_array_equal(probabilities(again, columns), probabilities(model, columns))


@pytest.mark.parametrize("covariance", ["diagonal", "pooled"])
def test_what_matters_has_a_number_for_every_column_or_category(covariance):
    columns, y = table()
    found = fitted(columns, y, covariance).importance()
    expected = {
        "diagonal": ("x", "price", "colour", "flag"),
        "pooled": (
            "x",
            "price",
            "colour missing",
            "colour other",
            "colour = green",
            "colour = blue",
            "flag = no",
        ),
    }[covariance]
    assert set(found.names) >= set(expected) - {"colour = green", "flag = no"}
    assert all(len(numbers) == len(found.names) for numbers in found.numbers.values())
    assert set(found.curves) == {"x", "price"}


def test_a_number_without_a_value_and_a_category_of_one_value_are_left_out():
    columns, y = table()
    columns[0][:] = np.nan
    columns[3][:] = 2
    for covariance in ("diagonal", "pooled", "full"):
        assert fitted(columns, y, covariance).left_out == {
            "x": "no value in the training rows",
            "flag": "constant in the training rows",
        }


def test_a_number_that_a_class_never_has_is_left_out_of_naive_bayes():
    columns, y = table()
    columns[0][y == 1] = np.nan
    assert fitted(columns, y, "diagonal").left_out == {"x": "no value in class 'b'"}
    assert fitted(columns, y, "pooled").left_out == {}


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(0, 1000), min_size=1, max_size=300),
)
def test_the_indicators_are_never_more_than_there_is_room_for(sizes):
    features = [Feature(f"c{j}", tuple(f"v{i}" for i in range(size))) for j, size in enumerate(sizes)]
    design = Design.of(features)
    assert sum(len(category.codes) - 1 for category in design.categories) <= MAX_INDICATORS
    assert len(design.categories) + len(design.crowded) == len(sizes)
    for category in design.categories:
        codes = sorted(code for slot in category.codes for code in slot)
        assert codes == list(range(2 + sizes[category.feature]))
        assert category.codes[1][0] == 1


def test_rare_values_beyond_the_room_count_as_other():
    values = tuple(f"v{k}" for k in range(1000))
    codes = [2] * 5000 + list(range(1002)) * 2
    y = bytes(np.random.default_rng(3).integers(0, 2, len(codes)).tolist())
    model = GAUSSIAN.fit([Rows([codes], y)], [Feature("c", values)], ["a", "b"], {"covariance": "pooled"})
    assert len(model.columns) == MAX_INDICATORS
    assert (codes_of := next(column.codes for column in model.columns if 1 in column.codes))[-1] == 1001
    assert len(codes_of) == 1 + 1002 - 256
