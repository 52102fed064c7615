"""Bins of a reliability curve: enough rows each, none lost, each with Wilson's interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish_artifact.card.reliability import MIN_ROWS, merged, reliability, together
from shared.proportions import wilson_interval

PAIRS = st.lists(
    st.integers(0, 60).flatmap(lambda rows: st.tuples(st.just(rows), st.integers(0, rows))),
    min_size=10,
    max_size=10,
)


def bins_of(pairs: list[tuple[int, int]]) -> dict:
    return {
        "rows": [rows for rows, _ in pairs],
        "hits": [hits for _, hits in pairs],
        "mean_probability": [(i + 0.5) / len(pairs) if rows else None for i, (rows, _) in enumerate(pairs)],
    }


@given(pairs=PAIRS)
def test_no_row_is_lost_and_every_bin_has_enough_where_there_are_enough(pairs):
    found = merged(bins_of(pairs))
    rows = sum(rows for rows, _ in pairs)
    assert sum(each.rows for each in found) == rows
    assert sum(each.share * each.rows for each in found) == pytest.approx(sum(hits for _, hits in pairs))
    assert all(each.rows >= min(MIN_ROWS, rows) for each in found)
    assert [each.mean for each in found] == sorted(each.mean for each in found)
    for each in found:
        assert each.interval == wilson_interval(round(each.share * each.rows), each.rows)


def test_two_row_bins_are_one_bin():
    found = merged(
        bins_of([(2, 0), (2, 2), (2, 0), (40, 10), (0, 0), (0, 0), (0, 0), (0, 0), (2, 2), (1, 0)])
    )
    assert [each.rows for each in found] == [49]


def test_the_bins_of_all_classes_are_added_up():
    one, two = bins_of([(10, 1)] * 10), bins_of([(0, 0)] * 9 + [(30, 30)])
    assert together([one, two])["rows"] == [10] * 9 + [40]
    assert together([one, two])["hits"] == [1] * 9 + [31]
    assert together([one, two])["mean_probability"][9] == pytest.approx(0.95)


def test_the_figure_says_its_bins_and_intervals_in_words(published, subject_of):
    html = reliability(subject_of(published("candles")))
    assert "95% interval" in html
    assert html.count("<circle") == html.count(" 95% interval ")
