import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish_artifact.card.text import (
    aligned,
    alike,
    count_of,
    number,
    section,
    side_by_side,
    signed,
    table,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (8727, "8,727"), (13970.4, "13,970"), (0.68929, "0.6893"), (1.0, "1"), (0.0, "0"),
     (-2.5, "-2.5"), (1e-9, "1e-09"), (100.0, "100"), (1.5e12, "1.5e+12")],
)  # fmt: skip
def test_numbers_have_four_digits(value, shown):
    assert number(value) == shown


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1), unit=st.floats(1e-3, 1e3))
def test_values_of_one_quantity_have_one_number_of_decimals(values, unit):
    texts = alike(values, unit)
    assert len({len(text.partition(".")[2]) for text in texts}) == 1


def test_decimal_points_stand_in_one_line():
    assert aligned(["1.25", "13,970", "0.1"]) == ["1.25", "13,970\u2008\u2007\u2007", "0.1\u2007"]


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_aligned_numbers_are_the_same_width_after_the_point(values):
    texts = aligned([number(value) for value in values if abs(value) >= 1e-4])
    tails = {len(text) - (text + "\u2008").replace(".", "\u2008").index("\u2008") for text in texts}
    assert len(tails - {0}) <= 1


def test_counts_have_their_noun():
    assert [count_of(count, "cell") for count in (0, 1, 1200)] == ["0 cells", "1 cell", "1,200 cells"]


def test_what_is_empty_leaves_no_trace():
    assert section("Title", "", "") == ""
    assert side_by_side("", "") == ""
    assert side_by_side("one", "") == "one"
    assert side_by_side("one", "two").count("<div>") == 2


def test_a_table_has_its_caption_once_in_sight_and_once_as_the_name_of_its_region():
    assert table("About", ["a", "b"], [["x", "1"]]).count("About") == 2


def test_a_difference_has_a_sign_unless_it_rounds_to_zero():
    assert [signed(value) for value in (0.25, -0.0004, 0.0, -0.01)] == ["+0.250", "0.000", "0.000", "-0.010"]
