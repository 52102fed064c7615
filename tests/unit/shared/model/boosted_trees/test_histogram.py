import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_trees import plain_rounded

from shared.model.boosted_trees.histogram import histogram, planes_of, rounded, rows_and_gradient
from shared.model.boosted_trees.masks import CodedRows

rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 63), st.integers(0, 14), st.booleans()), min_size=1
)


def counted(codes, numbers, inside):
    """What the cells of a column are, row by row."""
    return [
        (
            sum(i and c == code for c, i in zip(codes, inside, strict=True)),
            sum(i and c == code and number - 7 for c, number, i in zip(codes, numbers, inside, strict=True)),
        )
        for code in sorted(set(codes))
    ]


@given(rows)
def test_a_cell_counts_the_rows_of_its_code_in_the_node_and_sums_their_gradients(table):
    *columns, numbers, inside = zip(*table, strict=True)
    coded, planes = CodedRows(map(bytes, columns), len(table)), planes_of(bytes(numbers))
    node = int("".join("01"[i] for i in inside), 2)
    found = histogram(coded, node, planes)
    for codes, cells in zip(columns, found.cells, strict=True):
        assert [*map(rows_and_gradient, cells)] == counted(codes, numbers, inside)
    rest = histogram(coded, coded.everyone, planes).without(found)
    assert rest == histogram(coded, coded.everyone ^ node, planes)


def test_gradients_are_rounded_up_or_down_and_are_right_on_average():
    gradients = [-1.0, -0.33, 0.0, 0.1, 0.71, 1.0]
    draws = [rounded(gradients, [(k + 0.5) / 1000] * 6) for k in range(1000)]
    for gradient, numbers in zip(gradients, zip(*draws, strict=True), strict=True):
        assert set(numbers) <= {int(gradient * 7 + 7), int(gradient * 7 + 7) + 1}
        assert sum(numbers) / 1000 - 7 == pytest.approx(7 * gradient, abs=0.001)


def test_the_largest_gradient_of_either_sign_sets_the_scale():
    rng = random.Random(0)
    for spread in (1e-300, 1e-9, 1.0, 1e12):
        gradients = [rng.uniform(-spread, spread / 2) for _ in range(50)]
        noise = [rng.random() for _ in gradients]
        assert list(rounded(gradients, noise)) == plain_rounded(gradients, noise)


def test_gradients_of_zero_stay_zero():
    assert set(rounded([0.0] * 5, [0.999] * 5)) == {7}
