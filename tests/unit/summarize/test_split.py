"""Which rows are held out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from shared.errors import InvalidDatasetError
from summarize import split

PARTS = st.lists(st.integers(0, 40), min_size=1, max_size=8)


def mask(method: str, part_rows: list[int], held_out: int, seed: int = 0) -> str:
    """A digit per row: 1 for a test row."""
    masks = list(split.held_out_masks(method, part_rows, held_out, seed))
    assert [len(part) for part in masks] == part_rows
    return "".join(str(row) for part in masks for row in part)


@given(rows=st.integers(2, 10_000), test_size=st.floats(0.001, 0.999))
def test_counts_are_those_of_train_test_split(rows, test_size):
    try:
        train, test = train_test_split(np.arange(rows), test_size=test_size)
    except ValueError:
        with pytest.raises(InvalidDatasetError, match="leave no row to train on"):
            split.held_out_count(rows, test_size)
    else:
        assert split.held_out_count(rows, test_size) == len(test)
        assert rows - len(test) == len(train)


@pytest.mark.parametrize(
    ("rows", "test_size"), [(2, 0.5), (10, 0.2), (10, 0.25), (10, 0.3), (100, 0.07), (8727, 0.2)]
)
def test_counts_at_round_numbers(rows, test_size):
    assert split.held_out_count(rows, test_size) == len(train_test_split(range(rows), test_size=test_size)[1])


def test_the_last_rows_are_the_test_rows_of_a_chronological_split():
    assert mask("chronological", [10], 3) == "0000000111"
    assert mask("chronological", [4, 0, 4, 2], 3) == "0000000111"
    assert mask("chronological", [4, 6], 8) == "0011111111"


@given(part_rows=PARTS, seed=st.integers(0, 2**63 - 1), data=st.data())
def test_a_shuffled_split_draws_exactly_so_many_rows(part_rows, seed, data):
    held_out = data.draw(st.integers(0, sum(part_rows)))
    assert mask("shuffled", part_rows, held_out, seed).count("1") == held_out


@pytest.mark.parametrize("method", ["chronological", "shuffled"])
@given(part_rows=PARTS, data=st.data())
def test_the_same_rows_are_held_out_however_they_are_cut_into_parts(method, part_rows, data):
    rows = sum(part_rows)
    held_out = data.draw(st.integers(0, rows))
    assert mask(method, part_rows, held_out, 7) == mask(method, [rows], held_out, 7)


def test_a_seed_gives_the_same_rows_again_and_another_seed_others():
    assert (
        mask("shuffled", [1000], 200, 1)
        == mask("shuffled", [1000], 200, 1)
        != mask("shuffled", [1000], 200, 2)
    )


def test_the_rows_of_a_seed_never_change():
    assert mask("shuffled", [20], 5, 42) == "01010001010010000000"


def test_every_row_is_held_out_as_often_as_any_other():
    counts = np.zeros(50)
    draws = 4000
    for seed in range(draws):
        counts += np.array(list(mask("shuffled", [50], 10, seed)), int)
    deviation = math.sqrt(draws * 0.2 * 0.8)
    assert np.abs(counts - draws * 0.2).max() < 4.5 * deviation
