"""Counts of cells by bin and class, against counting cell by cell."""

import math

import numpy as np
import pytest

from shared.profile import OTHER_CLASSES, Bins, ColumnProfiles, profiles_json, rows_by_bin
from shared.typed_columns import coded

NAN = math.nan
PRICE = Bins("price", "number", edges=(0.0, 10.0, 20.0))
COLOUR = Bins("colour", "category", values=("red", "green"))
PRICES = [-1.0, 0.0, 9.9, 10.0, NAN, 20.0, 1e9, NAN]
COLOURS = ["red", "", "blue", "red", "green", "ochre", "", "red"]
LABELS = [0, 1, 0, 1, 0, 1, 1, 1]


def test_cells_are_counted_by_class_in_their_bins_and_missing_ones_in_none():
    found = ColumnProfiles.of([PRICE, COLOUR], 2, [PRICES, coded(COLOURS)], LABELS)
    assert found == ColumnProfiles(
        rows=8,
        counts=([[1, 1, 0, 0], [0, 1, 1, 2]], [[1, 1, 1], [2, 0, 1]]),
        missing=(2, 2),
    )


def test_counts_are_numpy_s_histogram():
    draw = np.random.default_rng(3)
    values, labels = draw.normal(10, 6, 2000), draw.integers(0, 3, 2000)
    found = ColumnProfiles.of([PRICE], 3, [values.tolist()], labels.tolist())
    for label in range(3):
        expected, _ = np.histogram(values[labels == label], [-np.inf, *PRICE.edges, np.inf])
        assert found.counts[0][label] == expected.tolist()


@pytest.mark.parametrize("bins", [PRICE, COLOUR, Bins("empty", "date"), Bins("rare", "flag", values=())])
def test_bins_read_back_from_a_document(bins):
    nothing = ColumnProfiles.of([bins], 2, [[] if bins.values is None else coded([])], [])
    document = profiles_json([bins], ["a", OTHER_CLASSES], nothing, nothing)
    assert Bins.from_json(bins.name, document["columns"][bins.name]) == bins
    assert rows_by_bin(document["columns"][bins.name]) == [0] * bins.count


def test_a_document_has_the_rows_of_both_sides():
    train = ColumnProfiles.of([PRICE, COLOUR], 2, [PRICES, coded(COLOURS)], LABELS)
    test = ColumnProfiles.of([PRICE, COLOUR], 2, [[5.0], coded(["red"])], [1])
    document = profiles_json([PRICE, COLOUR], ["down", "up"], train, test)
    assert document["rows"] == {"train": 8, "test": 1}
    assert document["columns"]["price"] == {
        "kind": "number",
        "edges": [0.0, 10.0, 20.0],
        "train": {"down": [1, 1, 0, 0], "up": [0, 1, 1, 2]},
        "test": {"down": [0, 0, 0, 0], "up": [0, 1, 0, 0]},
        "missing": {"train": 2, "test": 0},
    }
    assert rows_by_bin(document["columns"]["price"]) == [1, 3, 1, 2]
    assert document["columns"]["colour"]["values"] == ["red", "green"]
