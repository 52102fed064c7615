"""Two datasets compared by what is known of them: columns, kinds, classes, and the cells of each column."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drift import LABEL, MOST, Dataset, common_bins, common_values, drift, kinds_of, strength
from shared.profile import Bins, ColumnProfiles, profiles_json
from shared.typed_columns import coded
from summarize.rows.bin_edges import bin_edges

NAN = float("nan")
DRAW = random.Random(5)


def normal(rows: int, mean: float = 0.0) -> list[float]:
    return [DRAW.gauss(mean, 1.0) for _ in range(rows)]


def texts(rows: int, **shares: float) -> list[str]:
    return DRAW.choices(list(shares), list(shares.values()), k=rows)


def bins_of(name: str, column: list) -> Bins:
    if column and isinstance(column[0], str):
        counts = Counter(value for value in column if value)
        return Bins(name, "category", values=tuple(value for value, n in counts.most_common(20) if n >= 5))
    return Bins(name, "number", edges=bin_edges(sorted(value for value in column if value == value)))


def dataset(classes: dict[str, int] | None = None, time_order: str | None = None, **columns: list) -> Dataset:
    """A dataset whose rows are all train rows."""
    bins = [bins_of(name, column) for name, column in columns.items()]
    typed = [
        coded(column) if entry.values is not None else column
        for entry, column in zip(bins, columns.values(), strict=True)
    ]
    rows = max(map(len, columns.values()), default=0)
    train = ColumnProfiles.of(bins, 1, typed, [0] * rows)
    none = ColumnProfiles.of(bins, 1, [[] if entry.values is None else coded([]) for entry in bins], [])
    kinds = {entry.name: entry.kind for entry in bins} | {"y": LABEL}
    return Dataset(kinds, classes or {"a": 50, "b": 50}, profiles_json(bins, ["a"], train, none), time_order)


def named(found: dict) -> dict[str, dict]:
    return {entry["name"]: entry for entry in found["features"]}


def test_unchanged_data_has_not_moved():
    found = drift(
        dataset(x=normal(2000), colour=texts(2000, red=3, green=2, blue=1)),
        dataset(x=normal(900), colour=texts(900, red=3, green=2, blue=1)),
    )
    assert found["moved"] == []
    assert found["compared"] == 2
    assert found["columns"] == {"gone": [], "new": []}
    assert found["kinds"] == []
    for entry in found["features"]:
        assert 0.0 < entry["psi"] < entry["chance"] < 0.1
        assert strength(entry["psi"], entry["chance"]) == "none"


def test_what_moved_comes_first_with_its_figures():
    found = drift(
        dataset(x=normal(1000), y2=normal(1000), colour=texts(1000, red=1, green=1)),
        dataset(x=normal(1000, 1.0), y2=normal(1000), colour=texts(1000, red=4, green=1)),
    )
    assert [entry["name"] for entry in found["moved"]] == ["x", "colour"]
    assert found["features"][0] == named(found)["x"] | {"missing_before": 0.0, "missing_now": 0.0}
    assert 0.7 < named(found)["x"]["psi"] < 1.3  # of two normals a deviation apart it is 1
    assert strength(named(found)["x"]["psi"], named(found)["x"]["chance"]) == "large"


def test_cells_that_are_missing_now_are_drift():
    holes = [NAN if k % 3 == 0 else value for k, value in enumerate(normal(900))]
    found = drift(dataset(x=normal(900)), dataset(x=holes))
    entry = named(found)["x"]
    assert (entry["missing_before"], entry["missing_now"]) == (0.0, pytest.approx(1 / 3))
    assert entry["psi"] > 1 > entry["chance"]


def test_columns_and_kinds_that_changed_are_named_and_a_number_is_not_compared_with_a_text():
    found = drift(
        dataset(x=normal(100), gone=normal(100), zip=normal(100)),
        dataset(new=normal(100), zip=texts(100, a=1, b=1), x=normal(100)),
    )
    assert found["columns"] == {"gone": ["gone"], "new": ["new"]}
    assert found["kinds"] == [{"name": "zip", "before": "number", "now": "category"}]
    assert (named(found)["zip"]["psi"], named(found)["zip"]["chance"]) == (None, None)
    assert strength(None, None) == "unknown"


def test_kinds_are_those_of_the_header_s_columns():
    columns = [
        {"name": "x", "role": "feature", "kind": "date"},
        {"name": "n", "role": "feature"},
        {"name": "id", "role": "left_out", "reason": "an id"},
        {"name": "y", "role": "label"},
    ]
    assert kinds_of(columns) == {"x": "date", "n": "number", "id": "left out", "y": "label"}


def test_shares_of_classes_are_drift_without_a_column_s_name():
    found = drift(dataset({"up": 500, "down": 500}), dataset({"up": 900, "down": 90, "flat": 10}))
    assert found["moved"] == [{"name": None, "psi": found["class_psi"], "chance": found["class_chance"]}]
    assert found["classes"] == [
        {"name": "down", "before": 0.5, "now": 0.09},
        {"name": "up", "before": 0.5, "now": 0.9},
        {"name": "flat", "before": 0.0, "now": 0.01},
    ]


def test_the_column_that_orders_the_rows_is_not_compared():
    earlier, later = [float(k) for k in range(100)], [float(k) for k in range(100, 200)]
    assert drift(dataset(x=earlier, time_order="x"), dataset(x=later))["compared"] == 0


def test_lists_are_bounded():
    columns = {f"c{k}": normal(20) for k in range(40)}
    found = drift(dataset(**columns), dataset(**{f"d{name}": column for name, column in columns.items()}))
    assert len(found["columns"]["gone"]) == len(found["columns"]["new"]) == MOST
    found = drift(dataset(**columns), dataset(**columns))
    assert (len(found["features"]), found["compared"]) == (MOST, 40)


def test_data_that_lies_elsewhere_altogether_shares_no_bin_and_is_drift_all_the_same():
    found = named(drift(dataset(x=normal(300)), dataset(x=normal(300, 1e6))))["x"]
    assert found["psi"] > 5


def test_a_value_under_another_name_is_drift():
    found = drift(
        dataset(sex=texts(500, M=1, F=1, other=0.1)), dataset(sex=texts(500, male=1, F=1, other=0.1))
    )
    assert strength(named(found)["sex"]["psi"], named(found)["sex"]["chance"]) == "large"


def test_a_value_that_one_side_does_not_list_is_taken_to_be_among_its_others_as_far_as_it_can_be():
    many = tuple(f"v{k}" for k in range(20))
    before = ("a", "b"), [60, 40, 0]
    assert common_values(before, (("a",), [57, 43])) == [(60, 57), (40, 8), (0, 35)]
    assert common_values(before, (("a",), [97, 3])) == [(60, 97), (40, 3), (0, 0)]
    full = (*many[:19], "a"), [*[10] * 20, 200]
    assert dict(zip(["b"], common_values((("b",), [40, 0]), full), strict=False))["b"] == (40, 10)


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=60),
    st.lists(st.floats(-80, 80), min_size=1, max_size=60),
)
def test_common_bins_have_the_rows_that_counting_the_cells_would_give(before, now):
    """Whatever both sides' edges are: the pairs are counts of cells in intervals that are the same for both."""
    sides = []
    for values in (before, now):
        edges = bin_edges(sorted(values))
        found = ColumnProfiles.of([Bins("x", "number", edges=edges)], 1, [values], [0] * len(values))
        sides.append((edges, found.counts[0][0]))
    pairs = common_bins(*sides)
    assert [sum(counts) for counts in zip(*pairs, strict=True)] == [len(before), len(now)]
    edges = sorted({*sides[0][0], *sides[1][0]})
    below = {(sum(v < edge for v in before), sum(v < edge for v in now)) for edge in edges}
    running = (0, 0)
    for pair in pairs[:-1]:
        running = (running[0] + pair[0], running[1] + pair[1])
        assert running in below


def test_what_an_artifact_says_of_its_dataset():
    profiles = {"rows": {"train": 0, "test": 0}, "classes": [], "columns": {}, "columns_left_out": 0}
    artifact = {
        "columns": [{"name": "y", "role": "label"}],
        "classes": [{"name": "a", "rows": 3, "train_rows": 2}],
        "profiles": profiles,
        "split": {"time_order": "day"},
    }
    assert Dataset.of_artifact(artifact) == Dataset({"y": "label"}, {"a": 3}, profiles, "day")


@pytest.mark.parametrize(
    ("psi", "word"), [(0.01, "none"), (0.02, "none"), (0.05, "slight"), (0.1, "moderate"), (0.25, "large")]
)
def test_an_index_in_a_word(psi, word):
    assert strength(psi, 0.02) == word
