"""Ranges by rows and features alone, and the plan that every task of a range goes by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference
from summarize.rows.range_plan import RangePlan
from summarize.rows.ranges import BLOCK_ROWS, MOST_RANGES, Range, range_rows, ranges_of
from summarize.rows.split import CHRONOLOGICAL, SHUFFLED

CELLS = 1 << 24
REFERENCE = FileReference("artifacts", "manifest.json", "ab")
PLAN = RangePlan(10_000, 4096, SHUFFLED, {"a": 5000, "b": 3000}, {"a": 1250, "b": 750}, False)


@pytest.mark.parametrize(
    ("rows", "features", "size"),
    [
        (1, 1, 1 << 24),
        (10**6, 5, 3_354_624),  # a multiple of 4,096 below 2^24 / 5
        (10**6, 500, 32_768),
        (10**6, 100_000, 4096),
        (10**12, 5, 100_003_840),  # so that there are 10,000 at most
    ],
)
def test_a_range_is_so_many_cells_or_a_ten_thousandth_of_the_rows(rows, features, size):
    assert range_rows(rows, features, CELLS) == size


@given(rows=st.integers(1, 10**13), features=st.integers(1, 10**4), cells=st.integers(1, 1 << 27))
def test_ranges_are_whole_blocks_and_never_too_many(rows, features, cells):
    size = range_rows(rows, features, cells)
    assert size % BLOCK_ROWS == 0
    assert size > 0
    assert -(-rows // size) <= MOST_RANGES


@given(rows=st.integers(1, 5000), size=st.integers(1, 700))
def test_ranges_hold_every_row_once_and_in_order(rows, size):
    found = list(ranges_of(rows, size))
    assert [row for one in found for row in range(one.first, one.end)] == list(range(rows))
    assert [one.index for one in found] == list(range(len(found)))
    assert {one.rows for one in found[:-1]} <= {size}


def test_a_plan_is_the_same_after_a_round_trip():
    document = PLAN.to_json("run", REFERENCE)
    assert RangePlan.from_json(document) == PLAN
    assert (document["count"], document["range_rows"], document["manifest"]) == (
        3,
        4096,
        REFERENCE.to_event(),
    )


def test_the_split_is_that_of_the_plan():
    shuffled = PLAN.split(7)
    assert (shuffled.method, shuffled.rows, shuffled.test_rows) == (SHUFFLED, 10_000, 2000)
    assert shuffled.train_rows_per_class == {"a": 5000, "b": 3000}
    in_order = RangePlan(10, 4096, CHRONOLOGICAL, {"a": 8}, {"b": 2}, True).split(7)
    assert (in_order.method, in_order.train_rows, in_order.test_rows_per_class) == (
        CHRONOLOGICAL,
        8,
        {"b": 2},
    )


def test_an_item_is_one_of_the_plan_s_ranges_or_an_invalid_request():
    assert PLAN.range_in({"index": 2, "first": 8192, "rows": 1808, "shards": [0, 1]}) == Range(2, 8192, 1808)
    for nonsense in (
        *(None, [], {}, {"index": 0}, {"index": "0", "first": 0, "rows": 4096}),
        *({"index": 3, "first": 12288, "rows": 1}, {"index": -1, "first": -4096, "rows": 4096}),
        *({"index": 2, "first": 8192, "rows": 4096}, {"index": 1, "first": 0, "rows": 4096}),
        {"index": False, "first": 0, "rows": 4096},
    ):
        with pytest.raises(InvalidRequestError, match="range must be one of the plan's 3 ranges, not"):
            PLAN.range_in(nonsense)
