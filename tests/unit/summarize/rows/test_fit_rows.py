"""The draws of rows: by class and rank, or by place."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from summarize.rows.fit_rows import RowDraw, drawn_places, drawn_ranks, places_by_class

labels_of_rows = st.lists(st.sampled_from("aaaab"), min_size=1, max_size=300)


@given(labels_of_rows, st.integers(2, 100), st.integers(0, 1000))
def test_each_class_has_its_share_and_at_least_one_row(labels, most, seed):
    counts = Counter(labels)
    draw = RowDraw(counts, most, seed)
    found = {name: list(draw.ranks(name, 0, rows)) for name, rows in counts.items()}
    assert sum(map(len, found.values())) == draw.rows <= max(most, len(counts))
    for name, rows in counts.items():
        assert len(found[name]) == max(1, rows if len(labels) <= most else rows * most // len(labels))
        assert found[name] == sorted(set(found[name]))


@given(st.integers(1, 300), st.integers(0, 100), st.integers(0, 2**63 - 1), st.lists(st.integers(0, 300)))
def test_whoever_asks_for_a_stretch_of_ranks_finds_those_of_the_whole(rows, most, seed, cuts):
    bounds = [0, *sorted(min(cut, rows) for cut in cuts), rows]
    pieces = [rank for a, b in pairwise(bounds) for rank in drawn_ranks(rows, most, seed, a, b)]
    assert pieces == list(drawn_ranks(rows, most, seed))
    assert len(pieces) == min(rows, most)


def test_the_rows_are_drawn_from_all_over_the_data():
    ranks = list(RowDraw({"a": 1000}, 100, 7).ranks("a", 0, 1000))
    assert [rank // 10 for rank in ranks] == list(range(100))
    assert max(Counter(rank % 10 for rank in ranks).values()) < 25


def test_the_seed_decides():
    found = [list(RowDraw({"a": 1000}, 100, seed).ranks("a", 0, 1000)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_few_rows_are_all_drawn():
    draw = RowDraw({"a": 3, "b": 2}, 5, 0)
    assert (draw.is_whole, draw.rows) == (True, 5)
    assert list(draw.ranks("a", 1, 3)) == [1, 2]


def test_a_draw_of_rows_at_hand_is_that_of_their_classes_and_ranks():
    labels = bytes([0, 1, 0, 0, 1, 1, 0, 1] * 20)
    places = drawn_places(labels, 40, 5)
    draw = RowDraw({"0": 80, "1": 80}, 40, 5)
    by_class = places_by_class(labels, range(160))
    assert places == sorted(by_class[k][rank] for k in (0, 1) for rank in draw.ranks(str(k), 0, 80))
    assert drawn_places(labels, 160, 5) == list(range(160))
