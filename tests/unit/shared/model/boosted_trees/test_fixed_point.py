from hypothesis import given
from hypothesis import strategies as st

from shared.model.boosted_trees.fixed_point import UNIT, Sums, whole_units
from shared.model.boosted_trees.masks import CodedRows


@given(st.data())
def test_sums_are_exact_whatever_the_values_and_their_order(data):
    rows = data.draw(st.integers(1, 30))
    trees = data.draw(
        st.lists(
            st.tuples(
                st.lists(st.integers(-(2**40), 2**40), min_size=4, max_size=4),
                st.lists(st.integers(0, 3), min_size=rows, max_size=rows),
            ),
            max_size=12,
        )
    )
    sums = Sums(rows)
    for values, leaf_of_row in trees:
        masks = CodedRows([bytes(leaf_of_row)], rows).masks[0]
        sums.add([masks.get(leaf, 0) for leaf in range(4)], values)
    assert sums.values() == [
        sum(values[leaf_of_row[row]] for values, leaf_of_row in trees) for row in range(rows)
    ]


def test_a_value_is_the_nearest_whole_number_of_units():
    assert whole_units(0.05) == 52429
    assert abs(whole_units(-0.123456) * UNIT + 0.123456) <= UNIT / 2
