from collections import Counter
from itertools import compress

from hypothesis import given
from hypothesis import strategies as st

from summarize.fit_rows import RowDraw, drawn_ranks

labels_of_rows = st.lists(st.sampled_from("aaaab"), min_size=1, max_size=300)


@given(labels_of_rows, st.integers(2, 100), st.integers(0, 1000))
def test_each_class_has_its_share_and_at_least_one_row(labels, fit_rows, seed):
    counts = Counter(labels)
    draw = RowDraw(counts, fit_rows, seed)
    found = Counter(compress(labels, draw.mask(labels)))
    assert found.total() == draw.rows <= max(fit_rows, len(counts))
    for name, rows in counts.items():
        share = rows if len(labels) <= fit_rows else rows * fit_rows // len(labels)
        assert found[name] == max(1, share)


@given(labels_of_rows, st.integers(0, 300), st.integers(0, 1000))
def test_it_does_not_matter_how_the_rows_are_cut(labels, cut, seed):
    counts = Counter(labels)
    whole, cut_up = (RowDraw(counts, 10, seed) for _ in range(2))
    assert whole.mask(labels) == cut_up.mask(labels[:cut]) + cut_up.mask(labels[cut:])


def test_the_rows_are_drawn_from_all_over_the_data():
    mask = RowDraw({"a": 1000}, 100, 7).mask(["a"] * 1000)
    assert all(sum(mask[start : start + 10]) == 1 for start in range(0, 1000, 10))
    places = Counter(i % 10 for i in range(1000) if mask[i])
    assert max(places.values()) < 25


def test_the_seed_decides():
    masks = [RowDraw({"a": 1000}, 100, seed).mask(["a"] * 1000) for seed in (1, 1, 2)]
    assert masks[0] == masks[1] != masks[2]


def test_few_rows_are_all_fitted_on():
    assert RowDraw({"a": 3, "b": 2}, 5, 0).mask(list("abaab")) == bytes([1] * 5)


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 2**63 - 1))
def test_ranks_are_those_of_the_draw_of_one_class(rows, drawn, seed):
    mask = RowDraw({"a": rows}, drawn, seed).mask(["a"] * rows)
    assert drawn_ranks(rows, drawn, seed) == [rank for rank, byte in enumerate(mask) if byte]
