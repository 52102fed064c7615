from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.folds import MAX_FOLDS, fold_count
from summarize.choosing.folds import NO_FOLD, forward_folds, rows_of_fold, stratified_folds

CLASSES = ("a", "b", "c")
labels_of_rows = st.lists(st.integers(0, 2), min_size=1, max_size=200)


@given(labels_of_rows, st.integers(2, 5), st.integers(0, 1000))
def test_every_class_is_spread_evenly(labels, folds, seed):
    found = stratified_folds(labels, CLASSES, folds, seed)
    for label in set(labels):
        counts = Counter(fold for fold, own in zip(found, labels, strict=True) if own == label)
        assert max(counts.values()) - min(counts.get(fold, 0) for fold in range(folds)) <= 1


@given(labels_of_rows, st.integers(0, 200), st.integers(0, 1000))
def test_rows_to_come_move_no_row(labels, cut, seed):
    assert stratified_folds(labels, CLASSES, 5, seed)[:cut] == stratified_folds(
        labels[:cut], CLASSES, 5, seed
    )


@given(labels_of_rows, st.integers(0, 1000))
def test_a_class_is_spread_by_its_name_and_its_own_rows_alone(labels, seed):
    alone = [label for label in labels if label == 1]
    among = stratified_folds(labels, CLASSES, 5, seed)
    found = bytes(fold for fold, label in zip(among, labels, strict=True) if label == 1)
    assert stratified_folds(alone, CLASSES, 5, seed) == found
    assert stratified_folds([0] * len(alone), ("b",), 5, seed) == found


def test_the_seed_decides():
    labels = [0, 1] * 50
    found = [stratified_folds(labels, CLASSES, 5, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_classes_of_one_row_are_not_all_in_one_fold():
    names = tuple(f"class {k}" for k in range(200))
    counts = Counter(stratified_folds(range(200), names, 5, 0))
    assert set(counts) == set(range(5))
    assert max(counts.values()) < 80


@given(st.integers(6, 500), st.integers(2, 5))
def test_folds_forward_in_time_are_later_and_later_rows(rows, folds):
    found = forward_folds(rows, folds)
    assert len(found) == rows
    sizes = Counter(found)
    assert set(sizes) == {NO_FOLD, *range(folds)}
    assert max(sizes.values()) - min(sizes.values()) <= 1
    in_order = [-1 if fold == NO_FOLD else fold for fold in found]
    assert all(before <= after for before, after in pairwise(in_order))


def test_a_fold_is_fitted_on_the_others_or_on_what_lies_before():
    stratified = bytes([0, 1, 2, 0, 1, 2])
    assert tuple(map(list, rows_of_fold(stratified, 1, forward=False))) == ([0, 2, 3, 5], [1, 4])
    forward = forward_folds(6, 2)
    assert tuple(map(list, rows_of_fold(forward, 0, forward=True))) == ([0, 1], [2, 3])
    assert tuple(map(list, rows_of_fold(forward, 1, forward=True))) == ([0, 1, 2, 3], [4, 5])


@pytest.mark.parametrize(
    ("rows", "folds"), [(2, 2), (5, 2), (6, 3), (10, 5), (50_000, MAX_FOLDS), (50_001, 3), (10**9, 3)]
)
def test_small_and_large_tables_have_fewer_folds(rows, folds):
    assert fold_count(rows) == folds
