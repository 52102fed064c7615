"""The profiles of a run's columns, and its dataset beside that of the model before: through all three steps."""

import csv
import io
import json
import random
from pathlib import Path

import pytest

from publish_artifact.publication import publish
from shared.errors import ModelRejectedError
from shared.profile import OTHER_CLASSES
from summarize.rows import profiles

STABLE = ("artifacts", "models/training_pipeline.pkl")
ARTIFACTS = Path(__file__).parents[2] / "data" / "artifacts"
COLOURS = ["red", "green", "blue"]


def table(rows: int, shift: float = 0.0, seed: int = 1, classes: int = 2) -> bytes:
    """A number with holes, a category with one rare value, a date by the hour, and a label that follows the number."""
    draw = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["x", "colour", "day", "label"])
    for row in range(rows):
        x = draw.gauss(shift, 1.0)
        colour = "Jane Doe" if row == 7 else draw.choice(COLOURS)
        day = f"2026-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        label = f"c{(row if classes > 2 else int(x + draw.gauss(0, 1) > shift)) % classes:02d}"
        writer.writerow(["" if row % 10 == 3 else f"{x:.4f}", colour, day, label])
    return text.getvalue().encode()


def artifact_in(storage) -> dict:
    return json.loads(storage.objects[STABLE])


def test_profiles_have_every_row_once_and_no_cell_but_frequent_values(train, storage):
    train(table(500))
    found = artifact_in(storage)["profiles"]
    assert found["rows"] == {"train": 400, "test": 100}
    assert found["classes"] == ["c00", "c01"]
    assert set(found["columns"]) == {"x", "colour", "day"}
    for column in found["columns"].values():
        for side in ("train", "test"):
            counted = sum(map(sum, column[side].values())) + column["missing"][side]
            assert counted == found["rows"][side]
    assert sum(found["columns"]["x"]["missing"].values()) == 50
    assert sorted(found["columns"]["colour"]["values"]) == sorted(COLOURS)
    assert b"Jane Doe" not in storage.objects[STABLE]
    assert [found["columns"]["colour"][side]["c00"][3] + found["columns"]["colour"][side]["c01"][3]
            for side in ("train", "test")] in ([1, 0], [0, 1])  # fmt: skip
    assert all(edge % 86_400 == 0 for edge in found["columns"]["day"]["edges"])


def test_classes_beyond_the_most_frequent_are_counted_together(train, storage):
    train(table(650, classes=13), baseline_gate="off")
    found = artifact_in(storage)["profiles"]
    assert found["classes"] == [*(f"c{k:02d}" for k in range(10)), OTHER_CLASSES]
    assert sum(found["columns"]["x"]["train"][OTHER_CLASSES]) > 100


def test_of_many_rows_as_many_are_drawn_and_of_many_columns_the_first_have_a_profile(
    train, storage, monkeypatch
):
    monkeypatch.setattr(profiles, "MAX_ROWS", 100)
    monkeypatch.setattr(profiles, "MAX_COUNTS", 2 * 27 * 2 * 2)
    train(table(500))
    found = artifact_in(storage)["profiles"]
    assert sum(found["rows"].values()) == 100
    assert set(found["columns"]) == {"x", "colour"}
    assert found["columns_left_out"] == 1


def test_the_first_run_is_compared_with_nothing_and_the_same_work_again_neither(train, storage):
    assert train(table(300)).drift is None
    assert artifact_in(storage)["lineage"]["drift"] is None
    assert train(table(300)).drift == {"against": None, "why_not": "the current model is this run's own"}


def test_data_that_moved_is_told_in_brief_in_the_output_and_whole_in_the_artifact(train, storage):
    train(table(600))
    against = train(table(600, shift=2.0, seed=2)).dataset.run.conditions.current_model.sha256
    found = artifact_in(storage)["lineage"]["drift"]
    assert found["against"] == against
    assert [entry["name"] for entry in found["moved"]] == ["x"]
    assert found["features"][0]["name"] == "x"
    assert found["compared"] == 3


def test_the_output_s_drift_leads_to_the_document(train, storage):
    train(table(600))
    brief = train(table(600, shift=2.0, seed=2)).drift
    assert (brief["moved"], brief["compared"], brief["largest"]["name"]) == (1, 3, "x")
    document = json.loads(storage.objects["artifacts", brief["document"]["key"]])
    assert document["drift"] == artifact_in(storage)["lineage"]["drift"]


@pytest.mark.parametrize(("allowed", "passed"), [(0.25, False), (100.0, True), (None, True)])
def test_the_gate_holds_back_a_model_of_data_that_moved_too_far(train, storage, allowed, passed):
    train(table(600))
    before = storage.objects[STABLE]
    found = train(table(600, shift=2.0, seed=2), max_drift=allowed)
    assert found.gate.passed is passed
    assert (storage.objects[STABLE] == before) is not passed
    if not passed:
        assert "of column 'x' " in found.gate.cause
        assert found.gate.cause.endswith("; max_drift allows 0.25")
        with pytest.raises(ModelRejectedError, match="of column 'x'"):
            publish(found, storage)


def test_a_column_that_is_left_out_is_so_on_both_sides(train, storage):
    """Whether by the request, read for its groups alone, or as it is constant, which the data alone tells."""

    def with_constant(content: bytes) -> bytes:
        header, *lines = content.splitlines()
        return b"\n".join([header + b",same", *(line + b",1" for line in lines)])

    request = {"exclude_columns": ["colour"], "sensitive_columns": ["colour"]}
    train(with_constant(table(300)), **request)
    train(with_constant(table(310)), **request)
    found = artifact_in(storage)["lineage"]["drift"]
    assert (found["kinds"], found["columns"]) == ([], {"gone": [], "new": []})


def test_unchanged_data_passes_the_strictest_gate(train):
    train(table(600))
    assert train(table(500, seed=3), max_drift=0.0).gate.passed


@pytest.mark.parametrize(
    ("before", "why_not"),
    [
        (
            (ARTIFACTS / "penguins_blend_schema_2.json").read_bytes(),
            "of schema_version 2, which has no profiles",
        ),
        (b'{"schema_version": 3}', "no artifact that can be read"),
        (b"", "no artifact that can be read"),
    ],
)
def test_what_cannot_be_compared_with_is_said_and_rejects_nothing(train, storage, before, why_not):
    storage.put(before, *STABLE)
    found = train(table(300, shift=9.0, seed=2), max_drift=0.0)
    assert found.gate.passed
    assert found.drift["against"] is None
    assert why_not in found.drift["why_not"]
