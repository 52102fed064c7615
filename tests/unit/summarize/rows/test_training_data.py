"""Blocks of rows, wherever the rows were cut before."""

from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.rows import Rows
from summarize.rows.training_data import blocks_of_rows


def piece(start: int, end: int, wide: bool) -> Rows:
    """Rows that are their numbers; codes are bytes in one piece and numbers in another, as parts have them."""
    codes = [place % 7 for place in range(start, end)]
    return Rows(
        [array("d", range(start, end)), array("H", codes) if wide else bytes(codes)],
        [place % 3 for place in range(start, end)]
        if wide
        else bytes(place % 3 for place in range(start, end)),
        array("q", range(start, end)),
    )


def shown(block: Rows) -> tuple:
    return [list(column) for column in block.columns], list(block.labels), list(block.places)


@given(
    rows=st.integers(0, 60),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    size=st.integers(1, 20),
    data=st.data(),
)
def test_blocks_are_cut_as_if_the_rows_came_in_one_piece(rows, cuts, size, data):
    bounds = [0, *sorted(min(cut, rows) for cut in cuts), rows]
    pieces = [piece(a, b, data.draw(st.booleans())) for a, b in pairwise(bounds)]

    blocks = list(blocks_of_rows(pieces, size))

    assert [shown(block) for block in blocks] == [
        shown(block) for block in blocks_of_rows([piece(0, rows, False)], size)
    ]
    assert [place for block in blocks for place in block.places] == list(range(rows))
    assert [len(block.labels) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    assert all(0 < len(block.labels) <= size for block in blocks)


@pytest.mark.parametrize("size", [4, 5])
def test_numbers_are_lists_in_a_block_and_codes_stay_as_they_are(size):
    first, *_ = blocks_of_rows([piece(0, 8, wide=False)], size)
    assert isinstance(first.columns[0], list)
    assert isinstance(first.columns[1], bytes)
