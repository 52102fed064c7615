"""Which rows are held out."""

import math
from array import array
from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from shared.errors import InvalidDatasetError
from shared.parts import Part
from summarize import split
from summarize.split import ChronologicalSplit, PartSource, ShuffledSplit

LABELS = st.lists(st.sampled_from("abc"), min_size=1, max_size=60)


def sources(
    labels: list[str], cuts: list[int] | None = None, dates: list[float] | None = None
) -> list[PartSource]:
    """Parts with the rows' numbers as a column, and their dates as the next; each has class codes of its own."""
    bounds = [0, *sorted(cuts or []), len(labels)]
    found = []
    for start, end in pairwise(bounds):
        names = tuple(dict.fromkeys(labels[start:end]))
        codes = array("B", map(names.index, labels[start:end]))
        columns = [array("d", range(start, end)), array("d", (dates or [0.0] * len(labels))[start:end])]
        found.append(PartSource(end - start, partial(Part, columns, codes, names)))
    return found


def held_out(chosen, parts: list[PartSource]) -> list[int]:
    """The test rows' numbers; all others are train rows."""
    test = [int(row) for found in chosen.select(parts, test=True) for row in found.part.columns[0]]
    train = [int(row) for found in chosen.select(parts, test=False) for row in found.part.columns[0]]
    places = [place for found in chosen.select(parts, test=True) for place in found.places]
    rows = sum(source.rows for source in parts)
    assert sorted([*test, *train]) == list(range(rows))
    assert (chosen.test_rows, chosen.train_rows) == (len(test), len(train))
    assert test == sorted(test) == places
    assert train == sorted(train)
    return test


def shuffled(labels: list[str], test_size: float, seed: int = 0) -> ShuffledSplit:
    rows = dict(sorted(Counter(labels).items()))
    return ShuffledSplit(rows, split.held_out_per_class(rows, test_size), seed)


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
        assert held_out(ChronologicalSplit(10, 7), sources(["a"] * 10, cuts)) == [7, 8, 9]


def test_a_part_without_a_row_of_that_side_is_not_read():
    def refused() -> Part:
        raise AssertionError("this part was read")

    parts = sources(["a"] * 6, [3])
    parts[1] = PartSource(3, refused)
    assert len(list(ChronologicalSplit(6, 3).select(parts, test=False))) == 1


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
    for chosen in (shuffled(labels, 0.3, seed), ChronologicalSplit(len(labels), len(labels) // 2)):
        assert held_out(chosen, sources(labels, cuts)) == held_out(chosen, sources(labels))


def test_a_row_s_side_depends_on_its_class_and_its_rank_within_it_alone():
    first = list("aabbabab") * 10
    chosen = shuffled(first, 0.25)
    other = sorted(first)  # the ranks are the same
    by_class = {name: [i for i, label in enumerate(first) if label == name] for name in "ab"}
    again = {name: [i for i, label in enumerate(other) if label == name] for name in "ab"}
    drawn, drawn_again = held_out(chosen, sources(first)), held_out(chosen, sources(other))
    for name in "ab":
        ranks = [rank for rank, row in enumerate(by_class[name]) if row in drawn]
        assert ranks == [rank for rank, row in enumerate(again[name]) if row in drawn_again]


def test_a_seed_gives_the_same_rows_again_and_another_seed_others():
    labels = list("ab") * 300
    first, again, other = (held_out(shuffled(labels, 0.2, seed), sources(labels)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_rows_of_a_seed_never_change():
    labels = list("ab") * 10
    assert held_out(shuffled(labels, 0.25, 42), sources(labels)) == [1, 5, 8, 16, 18]


def test_every_row_is_held_out_as_often_as_any_other():
    labels = list("ab") * 25
    counts = np.zeros(50)
    draws = 4000
    for seed in range(draws):
        (part,) = (source.read() for source in sources(labels))
        counts += np.frombuffer(shuffled(labels, 0.2, seed).mask(part), np.uint8)
    deviation = math.sqrt(draws * 0.2 * 0.8)
    assert np.abs(counts - draws * 0.2).max() < 4.5 * deviation


NAN = math.nan


@pytest.mark.parametrize(
    ("dates", "cut", "expected"),
    [
        ([1, 2, 3, 4, 5], 3, 3),
        ([1, 2, 2, 2, 2, 3], 2, 1),
        ([1, 2, 2, 2, 2, 3], 4, 5),
        ([1, 2, 2, 2, 3, 3], 3, 4),
        ([1, 2, 2, 3], 2, 1),  # as near as the other one
        ([1, 1, 1, 2], 1, 3),
        ([1, 2, 2, 2], 3, 1),
        ([1, 1, 1], 2, 2),  # nowhere
        ([3, 3, 2, 2, 1], 3, 2),
        ([1, NAN, 2, NAN, NAN, 3], 4, 5),
        ([1, 1, NAN, 2, 2, 2], 4, 3),
        ([NAN, NAN, 1], 1, 2),
        ([NAN, NAN, NAN], 1, 1),
    ],
)
def test_the_cut_is_where_the_date_changes(dates, cut, expected):
    for cuts in ([], [1], [1, 2], [2]):
        parts = sources(["a"] * len(dates), cuts, [float(date) for date in dates])
        assert split.cut_between_dates(parts, 1, cut) == expected
