from hypothesis import given
from hypothesis import strategies as st
from plain_trees import leaf_of

from shared.model.boosted_trees.masks import CodedRows, bit_of_each, integers, leaf_of_each, mask_of
from shared.model.boosted_trees.tree import Split, Tree

code_columns = st.integers(1, 40).flatmap(
    lambda n: st.lists(
        st.binary(min_size=n, max_size=n).map(lambda b: bytes(c % 64 for c in b)), min_size=1, max_size=3
    )
)


@given(st.lists(st.integers(0, 63), min_size=1), st.integers(0, 63))
def test_a_mask_has_a_bit_for_each_row_with_the_code_the_first_row_highest(codes, code):
    mask = mask_of(bytes(codes), code)
    assert [int(digit) for digit in format(mask, f"0{len(codes)}b")] == [c == code for c in codes]
    assert list(bit_of_each(mask, len(codes))) == [c == code for c in codes]


@given(st.lists(st.integers(0, 255), min_size=1))
def test_bytes_are_put_together_from_their_bits(numbers):
    planes = [int("".join(str(number >> place & 1) for number in numbers), 2) for place in range(8)]
    assert list(integers(planes, len(numbers))) == numbers


@given(code_columns, st.data())
def test_the_leaves_of_a_tree_are_those_that_its_rows_walk_to(columns, data):
    splits = [
        Split(
            data.draw(st.integers(0, place)),
            data.draw(st.integers(0, len(columns) - 1)),
            data.draw(st.integers(0, 2**64 - 1)),
            1.0,
        )
        for place in range(data.draw(st.integers(0, 7)))
    ]
    rows = len(columns[0])
    leaves = CodedRows(columns, rows).leaves(splits)
    assert sum(leaves) == (1 << rows) - 1
    walked = [leaf_of(Tree(tuple(splits), ()), codes) for codes in zip(*columns, strict=True)]
    assert list(leaf_of_each(leaves, rows)) == walked
