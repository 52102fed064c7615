"""The small data sets of the tests are what their note says."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine


@pytest.mark.parametrize(("name", "load"), [("iris", load_iris), ("wine", load_wine)])
def test_iris_and_wine_are_scikit_learn_s(name, load, data_sets):
    np.testing.assert_array_equal(data_sets[name].X, load().data)


@pytest.mark.parametrize(
    ("name", "rows", "features", "classes"),
    [("iris", 150, 4, 3), ("wine", 178, 13, 3), ("penguins", 333, 5, 3), ("candles", 8727, 5, 2)],
)
def test_rows_features_and_classes(name, rows, features, classes, data_sets):
    data_set = data_sets[name]
    assert (data_set.X.shape, len(set(data_set.y))) == ((rows, features), classes)
