"""How many folds a request's rows are cut into, and that none are where there is nothing to choose."""

import pytest

from shared.folds import Fold, folds_in, folds_of, rows_to_fit

REQUEST = {"model": "auto", "test_size": 0.2, "fit_rows": None}


@pytest.mark.parametrize(("rows", "count"), [(1000, 5), (13, 5), (12, 0), (2, 0), (10**7, 5)])
def test_folds_are_cut_where_there_are_rows_to_choose_by(rows, count):
    """Ten train rows are; more than 50,000 are not looked at."""
    folds = folds_of(REQUEST, rows)
    assert folds == tuple(Fold(index, count) for index in range(count))
    assert folds_in({"folds": [fold.to_event() for fold in folds]}) == folds


@pytest.mark.parametrize("model", ["logistic", "boosted_trees"])
def test_a_strength_or_a_number_of_trees_is_to_be_chosen_too(model):
    assert len(folds_of(REQUEST | {"model": model}, 1000)) == 5


def test_nothing_is_to_be_chosen_of_the_gaussian():
    assert folds_of(REQUEST | {"model": "gaussian"}, 1000) == ()


def test_many_rows_to_fit_on_need_fewer_folds():
    assert len(folds_of(REQUEST | {"fit_rows": 200_000}, 10**6)) == 3
    assert rows_to_fit(REQUEST | {"fit_rows": 200_000}, 1000) == 800
