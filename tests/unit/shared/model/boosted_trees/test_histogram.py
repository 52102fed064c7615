import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from plain_trees import plain_rounded

from shared.model.boosted_trees.histogram import RoundedGradients, few_rows, histogram, rows_and_gradient
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
    assume(any(inside) and not all(inside))
    coded, gradients = CodedRows(map(bytes, columns), len(table)), RoundedGradients(bytes(numbers))
    node = int("".join("01"[i] for i in inside), 2)
    found = histogram(coded, node, gradients)
    for codes, cells in zip(columns, found.cells, strict=True):
        assert [*map(rows_and_gradient, cells)] == counted(codes, numbers, inside)
    rest = histogram(coded, coded.everyone, gradients).without(found)
    assert rest == histogram(coded, coded.everyone ^ node, gradients)


def test_gradients_are_rounded_up_or_down_and_are_right_on_average():
    gradients = [-1.0, -0.33, 0.0, 0.1, 0.71, 1.0]
    draws = [RoundedGradients.of(gradients, [(k + 0.5) / 1000] * 6).numbers for k in range(1000)]
    for gradient, numbers in zip(gradients, zip(*draws, strict=True), strict=True):
        assert set(numbers) <= {int(gradient * 7 + 7), int(gradient * 7 + 7) + 1}
        assert sum(numbers) / 1000 - 7 == pytest.approx(7 * gradient, abs=0.001)


def test_the_largest_gradient_of_either_sign_sets_the_scale():
    rng = random.Random(0)
    for spread in (1e-300, 1e-9, 1.0, 1e12):
        gradients = [rng.uniform(-spread, spread / 2) for _ in range(50)]
        noise = [rng.random() for _ in gradients]
        assert list(RoundedGradients.of(gradients, noise).numbers) == plain_rounded(gradients, noise)


def test_gradients_of_zero_stay_zero():
    assert set(RoundedGradients.of([0.0] * 5, [0.999] * 5).numbers) == {7}


def test_a_node_of_few_rows_and_one_of_many_are_counted_alike():
    """Either way of adding up: by bits from `few_rows` on, row by row below."""
    rng = random.Random(0)
    rows = 2000
    columns = [[rng.randrange(width) for _ in range(rows)] for width in (1, 2, 33, 64)]
    coded = CodedRows([*map(bytes, columns), None], rows)
    numbers = bytes(rng.randrange(15) for _ in range(rows))
    for size in (1, few_rows(rows) - 1, few_rows(rows), rows):
        chosen = set(rng.sample(range(rows), size))
        inside = [row in chosen for row in range(rows)]
        node = int("".join("01"[i] for i in inside), 2)
        found = histogram(coded, node, RoundedGradients(numbers))
        assert rows_and_gradient(found.whole)[0] == size
        for codes, cells in zip(columns, found.cells, strict=False):
            assert [*map(rows_and_gradient, cells)] == counted(codes, numbers, inside)
        assert found.cells[-1] == []
