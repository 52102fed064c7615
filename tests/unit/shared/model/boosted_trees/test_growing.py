import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_trees import plain_grow

from shared.model.boosted_trees.growing import grow
from shared.model.boosted_trees.histogram import RoundedGradients
from shared.model.boosted_trees.masks import CodedRows

CATEGORY = (1 << 7) - 1


def grown(columns, numbers, categories, leaves, min_rows):
    return grow(
        CodedRows(map(bytes, columns), len(numbers)),
        RoundedGradients(bytes(numbers)),
        categories,
        leaves,
        min_rows,
    )


@given(
    st.lists(st.tuples(*[st.integers(0, 6)] * 4, st.integers(0, 14)), min_size=1, max_size=60),
    st.integers(2, 9),
    st.integers(1, 6),
)
def test_every_split_is_the_one_that_trying_all_finds(table, leaves, min_rows):
    *columns, numbers = zip(*table, strict=True)
    arguments = columns, numbers, [None, CATEGORY, None, CATEGORY], leaves, min_rows
    assert grown(*arguments) == plain_grow(*arguments)


@pytest.mark.parametrize("seed", range(3))
def test_every_split_is_the_one_that_trying_all_finds_on_larger_tables(seed):
    rng = random.Random(seed)
    kinds = [None, None, (1 << 40) - 1, None]
    columns = [[rng.choice([0, *range(1, width)]) for _ in range(700)] for width in (33, 5, 40, 2)]
    numbers = [
        min(14, max(0, round(rng.gauss(7 + (a > 9) - 2 * (b == 2), 3))))
        for a, b in zip(*columns[:2], strict=True)
    ]
    assert grown(columns, numbers, kinds, 8, 14) == plain_grow(columns, numbers, kinds, 8, 14)


def test_missing_cells_go_where_they_gain_more():
    numbers = [0, 0, 14, 14, 0, 0]
    low = grown([[1, 1, 2, 2, 0, 0]], numbers, [None], 2, 1)
    high = grown([[2, 2, 1, 1, 0, 0]], numbers, [None], 2, 1)
    assert [split.codes for split in low] == [0b011]  # with the lower cells
    assert [split.codes for split in high] == [0b010]  # with the higher ones


def test_where_no_cell_is_missing_those_to_come_go_with_most_rows():
    assert grown([[1, 1, 1, 2]], [0, 0, 0, 14], [None], 2, 1)[0].codes == 0b011
    assert grown([[1, 2, 2, 2]], [0, 14, 14, 14], [None], 2, 1)[0].codes == 0b010


def test_unseen_categories_go_with_most_rows():
    assert grown([[2, 2, 2, 4]], [0, 0, 0, 14], [CATEGORY], 2, 1)[0].codes == 0b1101111
    assert grown([[2, 4, 4, 4]], [0, 14, 14, 14], [CATEGORY], 2, 1)[0].codes == 0b0000100


def test_a_split_of_categories_is_a_set_of_values_and_not_a_range():
    codes = [2, 3, 4, 5] * 10
    numbers = [0 if code in (2, 5) else 14 for code in codes]
    assert grown([codes], numbers, [CATEGORY], 2, 1)[0].codes == 0b0100100


def test_columns_that_nothing_looks_at_or_that_are_constant_are_not_split():
    coded = CodedRows([None, b"\1\1\1", b"\1\2\2"], 3)
    assert {split.feature for split in grow(coded, RoundedGradients(b"\0\7\16"), [None] * 3, 4, 1)} == {2}


def test_what_rounding_makes_of_equal_means_is_no_gain():
    """3 * 3 / 9 + 5 * 5 / 15 is more than 8 * 8 / 24, by half of a unit in the last place."""
    codes, numbers = [1] * 9 + [2] * 15, [8] * 3 + [7] * 6 + [8] * 5 + [7] * 10
    assert 3 * 3 / 9 + 5 * 5 / 15 > 8 * 8 / 24
    assert grown([codes], numbers, [None], 2, 1) == []
    assert grown([codes], [14, *numbers[1:]], [None], 2, 1) != []
