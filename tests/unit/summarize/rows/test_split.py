"""Which rows are held out."""

import math
from array import array
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from shared.errors import InvalidDatasetError
from shared.parts import Part
from summarize.rows import split
from summarize.rows.placed_parts import Stretch
from summarize.rows.split import ChronologicalSplit, ShuffledSplit

LABELS = st.lists(st.sampled_from("abc"), min_size=1, max_size=60)


def stretches(labels: list[str], cuts: list[int] | None = None) -> list[Stretch]:
    """Rows cut in pieces, each with class codes of its own."""
    found = []
    for start, end in pairwise([0, *sorted(cuts or []), len(labels)]):
        names = tuple(dict.fromkeys(labels[start:end]))
        codes = array("B", map(names.index, labels[start:end]))
        found.append(Stretch(Part([], codes, names), start, Counter(labels[:start])))
    return found


def held_out(chosen, pieces: list[Stretch]) -> list[int]:
    """The places of the test rows."""
    mask = b"".join(chosen.mask(stretch) for stretch in pieces)
    test = [place for place, byte in enumerate(mask) if byte]
    assert (chosen.test_rows, chosen.train_rows) == (len(test), len(mask) - len(test))
    first, end = chosen.bounds(test=True)
    assert all(first <= place < end for place in test)
    return test


def shuffled(labels: list[str], test_size: float, seed: int = 0) -> ShuffledSplit:
    rows = dict(sorted(Counter(labels).items()))
    return ShuffledSplit(rows, split.held_out_per_class(rows, test_size), seed)


def chronological(labels: list[str], train_rows: int) -> ChronologicalSplit:
    train, test = Counter(labels[:train_rows]), Counter(labels[train_rows:])
    return ChronologicalSplit(len(labels), train_rows, train, test)


@given(rows=st.integers(2, 10_000), test_size=st.floats(0.001, 0.999))
def test_counts_are_those_of_train_test_split(rows, test_size):
    try:
        train, test = train_test_split(np.arange(rows), test_size=test_size)
    except ValueError:
        with pytest.raises(InvalidDatasetError, match="leave no row to train on"):
            split.held_out_count(rows, test_size)
    else:
        assert split.held_out_count(rows, test_size) == len(test)
        assert rows - len(test) == len(train)


@pytest.mark.parametrize(
    ("rows", "test_size"), [(2, 0.5), (10, 0.2), (10, 0.25), (10, 0.3), (100, 0.07), (8727, 0.2)]
)
def test_counts_at_round_numbers(rows, test_size):
    assert split.held_out_count(rows, test_size) == len(train_test_split(range(rows), test_size=test_size)[1])


def test_the_last_rows_are_the_test_rows_of_a_chronological_split():
    for cuts in ([], [4, 4, 8], [7]):
        assert held_out(chronological(["a"] * 10, 7), stretches(["a"] * 10, cuts)) == [7, 8, 9]


@given(labels=LABELS, test_size=st.floats(0.01, 0.99))
def test_a_shuffled_split_is_stratified(labels, test_size):
    """Each class's test rows are its share of all, to less than one row, unless a train row of it would be lost."""
    rows = Counter(labels)
    try:
        found = split.held_out_per_class(rows, test_size)
    except InvalidDatasetError:
        assert math.ceil(len(labels) * test_size) > len(labels) - len(rows)
        return
    count = split.held_out_count(len(labels), test_size)
    assert sum(found.values()) == count
    assert all(found[name] < n for name, n in rows.items())
    if all(n * count / len(labels) + 1 < n for n in rows.values()):
        assert all(abs(found[name] - n * count / len(labels)) < 1 for name, n in rows.items())


def test_remainders_decide_and_of_equal_ones_the_name():
    assert split.held_out_per_class({"a": 5, "b": 5, "c": 10}, 0.25) == {"a": 1, "b": 1, "c": 3}
    assert split.held_out_per_class({"a": 3, "b": 3, "c": 4}, 0.5) == {"a": 2, "b": 1, "c": 2}
    assert split.held_out_per_class({"a": 1, "b": 1, "c": 8}, 0.5) == {"a": 0, "b": 0, "c": 5}


def test_classes_that_all_have_a_single_row_cannot_be_held_out():
    with pytest.raises(InvalidDatasetError, match=r"3 rows of 3 classes .* no train row of every class"):
        split.held_out_per_class({"a": 1, "b": 1, "c": 1}, 0.2)


@given(labels=LABELS, cuts=st.lists(st.integers(0, 60), max_size=6), seed=st.integers(0, 2**63 - 1))
def test_the_same_rows_are_held_out_however_they_are_cut_into_parts(labels, cuts, seed):
    labels = [*labels, *"abcabc"]
    cuts = [min(cut, len(labels)) for cut in cuts]
    for chosen in (shuffled(labels, 0.3, seed), chronological(labels, len(labels) // 2)):
        assert held_out(chosen, stretches(labels, cuts)) == held_out(chosen, stretches(labels))


def test_a_row_s_side_depends_on_its_class_and_its_rank_within_it_alone():
    first = list("aabbabab") * 10
    chosen = shuffled(first, 0.25)
    other = sorted(first)  # the ranks are the same
    by_class = {name: [i for i, label in enumerate(first) if label == name] for name in "ab"}
    again = {name: [i for i, label in enumerate(other) if label == name] for name in "ab"}
    drawn, drawn_again = held_out(chosen, stretches(first)), held_out(chosen, stretches(other))
    for name in "ab":
        ranks = [rank for rank, row in enumerate(by_class[name]) if row in drawn]
        assert ranks == [rank for rank, row in enumerate(again[name]) if row in drawn_again]


def test_a_seed_gives_the_same_rows_again_and_another_seed_others():
    labels = list("ab") * 300
    first, again, other = (held_out(shuffled(labels, 0.2, seed), stretches(labels)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_rows_of_a_seed_never_change():
    labels = list("ab") * 10
    assert held_out(shuffled(labels, 0.25, 42), stretches(labels)) == [1, 5, 8, 16, 18]


def test_every_row_is_held_out_as_often_as_any_other():
    labels = list("ab") * 25
    counts = np.zeros(50)
    draws = 4000
    for seed in range(draws):
        (whole,) = stretches(labels)
        counts += np.frombuffer(shuffled(labels, 0.2, seed).mask(whole), np.uint8)
    deviation = math.sqrt(draws * 0.2 * 0.8)
    assert np.abs(counts - draws * 0.2).max() < 4.5 * deviation


@given(
    labels=st.lists(st.sampled_from("aaaab"), min_size=5, max_size=60),
    chunk=st.integers(1, 20),
    test_size=st.floats(0.05, 0.6),
    seed=st.integers(0, 1000),
    cuts=st.lists(st.integers(0, 60), max_size=4),
)
def test_a_stretch_alone_finds_the_rows_that_a_walk_from_the_start_does(labels, chunk, test_size, seed, cuts):
    labels = [*labels, "a", "b"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "CHUNK", chunk)
        splits = [shuffled(labels, test_size, seed), chronological(labels, len(labels) // 2)]
        for chosen in splits:
            whole = held_out(chosen, stretches(labels))
            for stretch in stretches(labels, [min(cut, len(labels)) for cut in cuts]):
                alone = [stretch.first + place for place, byte in enumerate(chosen.mask(stretch)) if byte]
                end = stretch.first + stretch.part.rows
                assert alone == [place for place in whole if stretch.first <= place < end]
                for name in "ab":
                    before = sum(labels[place] == name for place in whole if place < stretch.first)
                    assert chosen.test_before(name, stretch.before[name]) == before


@given(rows=st.integers(1, 500), chunk=st.integers(1, 100), share=st.floats(0, 1))
def test_every_chunk_of_ranks_has_its_share_of_the_test_rows(rows, chunk, share):
    count = int(share * (rows - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "CHUNK", chunk)
        chosen = ShuffledSplit({"a": rows}, {"a": count}, 3)
        found = held_out(chosen, stretches(["a"] * rows))
        for first in range(0, rows, chunk):
            here = sum(first <= place < first + chunk for place in found)
            assert abs(here - count * min(chunk, rows - first) / rows) < 1


def test_the_chunks_of_a_large_class_are_drawn_apart():
    rows = 2 * split.CHUNK + 10
    chosen = ShuffledSplit({"a": rows}, {"a": rows // 4}, 42)
    (first, second, last) = (
        chosen.mask(Stretch(Part([], array("B", bytes(count)), ("a",)), 0, {"a": rank}))
        for rank, count in ((0, split.CHUNK), (split.CHUNK, split.CHUNK), (2 * split.CHUNK, 10))
    )
    assert first != second
    assert [len(piece) for piece in (first, second, last)] == [split.CHUNK, split.CHUNK, 10]
    assert first.count(1) + second.count(1) + last.count(1) == rows // 4
