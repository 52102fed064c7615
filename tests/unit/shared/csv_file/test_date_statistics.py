"""Whether a column of dates rises or falls, in one piece and in several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.date_statistics import RowOrder

VALUES = st.one_of(
    st.lists(st.integers(0, 5).map(float)),
    st.lists(st.floats(-1e9, 1e9)).map(sorted),
    st.lists(st.floats(-1e9, 1e9)).map(lambda values: sorted(values, reverse=True)),
)


@given(VALUES)
def test_rows_rise_where_they_are_sorted_and_fall_where_they_are_sorted_the_other_way(values):
    found = RowOrder.of(values)
    assert found.rises == (values == sorted(values))
    assert found.falls == (values == sorted(values, reverse=True))
    assert (found.first, found.last) == ((values[0], values[-1]) if values else (None, None))


@given(VALUES, st.integers(0, 10), st.integers(0, 10))
def test_stretches_together_are_the_whole(values, one, other):
    first, second = sorted((one, other))
    whole = RowOrder.of(values)
    parts = [RowOrder.of(part) for part in (values[:first], values[first:second], values[second:])]
    assert parts[0].merge(parts[1]).merge(parts[2]) == whole
    assert parts[0].merge(parts[1].merge(parts[2])) == whole


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ([1.0, 1.0, 2.0], "rises"),
        ([2.0, 1.0, 1.0], "falls"),
        ([1.0, 1.0], None),
        ([1.0, 2.0, 1.0], None),
        ([], None),
    ],
)
def test_one_value_orders_nothing(values, direction):
    assert RowOrder.of(values).direction == direction
