import json

import numpy as np
import pytest
from cross_validation import folds_of, table

from shared.model.registry import BOOSTED_TREES, LOGISTIC, model_from_json, model_to_json
from summarize.choosing.candidates import candidates
from summarize.choosing.final import final_model

LINEAR = {"kind": "logistic", "options": {"strength": 0.3}, "weight": 0.4}
TREES = {"kind": "boosted_trees", "options": {"trees": 7}, "weight": 0.6}


def geometric(linear: np.ndarray, trees: np.ndarray) -> np.ndarray:
    product = linear**0.4 * trees**0.6
    return product / product.sum(axis=0)


@pytest.fixture(scope="module")
def dataset():
    return table(200, 3)


@pytest.fixture(scope="module")
def fold_models(dataset):
    compared = candidates("boosted_trees", 3)
    _, results = folds_of(*dataset, compared, folds=3)
    return json.loads(json.dumps([result["fitted"][0]["model"] for result in results]))


def test_after_stratified_folds_the_trees_are_the_mean_of_theirs_and_the_rest_is_fitted_anew(
    dataset, fold_models
):
    rows, features, classes = dataset
    model = final_model(rows, [LINEAR, TREES], fold_models, features, classes)
    trees = [BOOSTED_TREES.from_json(one, features, classes).truncated(7) for one in fold_models]
    of_trees = np.mean([one.probabilities(rows.columns) for one in trees], axis=0)
    linear = np.array(LOGISTIC.fit([rows], features, classes, {"strength": 0.3}).probabilities(rows.columns))
    expected = geometric(linear, of_trees)
    np.testing.assert_allclose(model.probabilities(rows.columns), expected, rtol=0, atol=1e-12)


def test_after_folds_forward_in_time_every_member_is_fitted_on_all_rows(dataset):
    rows, features, classes = dataset
    model = final_model(rows, [LINEAR, TREES], [], features, classes)
    trees = BOOSTED_TREES.fit([rows], features, classes, {"trees": 7})
    linear = LOGISTIC.fit([rows], features, classes, {"strength": 0.3})
    expected = geometric(*(np.array(one.probabilities(rows.columns)) for one in (linear, trees)))
    np.testing.assert_allclose(model.probabilities(rows.columns), expected, rtol=0, atol=1e-12)


def test_one_member_of_one_model_is_that_model(dataset):
    rows, features, classes = dataset
    model = final_model(rows, [{**LINEAR, "weight": 1.0}], [], features, classes)
    assert model == LOGISTIC.fit([rows], features, classes, {"strength": 0.3})


def test_the_final_model_goes_to_json_and_back(dataset, fold_models):
    rows, features, classes = dataset
    model = final_model(rows, [LINEAR, TREES], fold_models, features, classes)
    again = model_from_json(json.loads(json.dumps(model_to_json(model))), model.features)
    assert again == model
    assert again.probabilities(rows.columns) == model.probabilities(rows.columns)
