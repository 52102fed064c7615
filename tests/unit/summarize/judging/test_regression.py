"""The current model on the test rows of a later run: when it is scored there, and what is said where it is not."""

import csv
import io
import json
import math
import random
from pathlib import Path

import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)

from publish_artifact.publication import publish
from shared.errors import ModelRejectedError
from shared.model.predictor import predict

STABLE = ("artifacts", "models/training_pipeline.pkl")
METRICS = ("accuracy", "balanced_accuracy", "f1", "recall", "roc_auc", "average_precision", "log_loss")


def table(rows: int, dated: bool = False, seed: int = 1, header: str = "x,z,colour,label") -> bytes:
    """A label that follows a number, and less so another one and a category; dated: rows in the order of time.

    Of the same seed, more rows are the same rows and further ones.
    """
    draw = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(["day"] if dated else []), *header.split(",")])
    for row in range(rows):
        z, noise, colour = draw.gauss(0, 1), draw.gauss(0, 0.7), draw.choice(["red", "green", "blue"])
        x = draw.gauss(0, 1)
        label = "yes" if x + 0.5 * z + 0.5 * (colour == "red") + noise > 0.3 else "no"
        day = [f"2026-{1 + row // 672:02d}-{1 + row // 24 % 28:02d} {row % 24:02d}:00"] if dated else []
        writer.writerow([*day, f"{x:.4f}", f"{z:.4f}", colour, label])
    return text.getvalue().encode()


def artifact_in(storage) -> dict:
    return json.loads(storage.objects[STABLE])


def expected(storage, content: bytes) -> dict:
    """What the model under the stable key says of the last fifth of the rows, by scikit-learn."""
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    rows = rows[-math.ceil(len(rows) / 5) :]
    artifact = artifact_in(storage)
    columns = {
        given["name"]: [(str if given["kind"] == "category" else float)(row[given["name"]]) for row in rows]
        for given in artifact["signature"]["inputs"]
    }
    found = predict(artifact, columns)
    labels = [row["label"] for row in rows]
    of_yes = found.probabilities[1]
    return {
        "accuracy": accuracy_score(labels, found.labels),
        "balanced_accuracy": balanced_accuracy_score(labels, found.labels),
        "f1": f1_score(labels, found.labels, pos_label="yes"),
        "recall": recall_score(labels, found.labels, pos_label="yes"),
        "roc_auc": roc_auc_score([label == "yes" for label in labels], of_yes),
        "average_precision": average_precision_score([label == "yes" for label in labels], of_yes),
        "log_loss": log_loss(labels, of_yes),
    }


def figures(found: dict) -> dict:
    return {name: found[name] for name in METRICS}


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
def test_of_the_same_file_and_draw_its_own_test_rows_are_these(train, split):
    """Whichever columns it reads, and though it was fitted once more on all rows after it was measured."""
    before = train(table(600), split=split, refit_all=True)
    found = train(table(600), split=split, exclude_columns=["z"]).regression
    assert found == {
        "compared": True,
        "why_not": None,
        "current": found["current"],
        "metrics": before.metrics,
    }


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"covariance": "full"}),
        ({"model": "logistic", "feature_columns": ["colour", "x"]}, {"model": "logistic"}),
        ({"threshold": 0.7}, {"threshold": 0.3}),
        ({"positive_class": "no", "refit_all": True}, {"positive_class": "yes"}),
    ],
)
def test_in_a_file_that_has_grown_in_time_it_is_scored_on_the_new_test_rows(train, storage, first, then):
    """By its own columns, vocabulary and threshold; F1 and its like are about this run's positive class."""
    train(table(600, dated=True), **{"exclude_columns": ["day"], "split": "chronological"} | first)
    grown = table(900, dated=True)
    reference = expected(storage, grown)
    found = train(grown, exclude_columns=["day"], split="chronological", max_regression=1.0, **then)
    assert found.regression["compared"]
    assert figures(found.regression["metrics"]) == pytest.approx(reference, rel=1e-9)
    lineage = artifact_in(storage)["lineage"]
    assert lineage["regression"] == found.regression
    assert lineage["regression"]["current"] == found.dataset.run.conditions.current_model.sha256


def test_newest_rows_first_are_read_from_the_end(train):
    """The file upside down has the same rows at other places, and the newest are the test rows still."""

    def upside_down(content: bytes) -> bytes:
        header, *lines = content.splitlines(keepends=True)
        return header + b"".join(reversed(lines))

    found = []
    for order in (bytes, upside_down):
        train(order(table(600, dated=True)), baseline_gate="off", force=True)
        found.append(train(order(table(900, dated=True)), max_regression=1.0, force=True).regression)
    assert found[1]["compared"]
    assert figures(found[0]["metrics"]) == pytest.approx(figures(found[1]["metrics"]), rel=1e-9)


def test_a_model_that_lost_by_more_than_is_allowed_is_refused_and_the_current_one_stays(train, storage):
    train(table(600))
    published = storage.objects[STABLE]
    found = train(table(600), exclude_columns=["x"], max_regression=0.05)
    assert not found.gate.passed
    assert "lower than the current model's " in found.gate.cause
    assert "on the same test rows; max_regression allows 0.05" in found.gate.cause
    with pytest.raises(ModelRejectedError, match="max_regression allows"):
        publish(found, storage)
    assert storage.objects[STABLE] == published


@pytest.mark.parametrize(
    ("again", "fields", "why_not"),
    [
        (table(700), {"split": "shuffled"}, "it may have been fitted on some of these test rows"),
        (table(600), {"split": "shuffled", "seed": 1}, "it may have been fitted on some of these test rows"),
        (table(600), {"split": "chronological"}, "it may have been fitted on some of these test rows"),
        (table(600, dated=True)[:-1], {"test_size": 0.4}, "it may have been fitted on some of these test rows"),
        (table(900, dated=True), {"max_regression": None}, "no max_regression asks for it"),
        (table(900, dated=True), {"exclude_columns": ["z"]}, 'it reads column "z", and this run does not'),
        (table(900, dated=True, header="x,zz,colour,label"), {}, 'it reads column "z", and this run does not'),
        (table(900, dated=True), {"columns": {"z": "category"}, "exclude_columns": ["x"]},
         'it reads column "x", and this run does not'),
        (table(900, dated=True), {"columns": {"colour": "category", "z": "category"}},
         'it reads column "z" as another kind than "category"'),
    ],
)  # fmt: skip
def test_where_it_cannot_be_scored_on_these_rows_its_own_figures_are_compared_and_it_is_said(
    train, again, fields, why_not
):
    before = train(table(600, dated=b"day" in again))
    found = train(again, **{"max_regression": 1.0} | fields).regression
    assert (found["compared"], found["why_not"]) == (False, why_not)
    assert found["metrics"] == before.metrics


def test_a_refitted_model_has_seen_its_test_rows(train):
    train(table(600, dated=True), refit_all=True)
    found = train(table(700, dated=True), max_regression=1.0).regression
    assert (found["compared"], found["why_not"]) == (
        False,
        "it may have been fitted on some of these test rows",
    )


@pytest.mark.parametrize(
    ("first", "fields", "why_not"),
    [
        ({"label_column": "colour"}, {}, 'it is a model of another label, "colour"'),
        ({}, {"key": "data/b.csv", "artifact_key": STABLE[1]},
         'it is a model of other data, "data/btc_candles_labeled_sample.csv" in "ml-data-demo"'),
    ],
)  # fmt: skip
def test_a_model_of_other_data_or_another_label_is_compared_with_nothing(
    train, storage, first, fields, why_not
):
    train(table(600), baseline_gate="off", **first)
    storage.put(table(600), key="data/b.csv")
    found = train(table(600), exclude_columns=["x"], max_regression=0.0, **fields)
    assert found.regression["why_not"] == why_not
    assert (found.regression["compared"], found.regression["metrics"]) == (False, {})
    assert found.gate.passed


def test_other_classes_are_another_question(train):
    train(table(600))
    found = train(
        table(600).replace(b",yes\n", b",YES\n").replace(b",yes\r\n", b",YES\r\n"), max_regression=0.0
    )
    assert (found.regression["why_not"], found.regression["metrics"]) == ("its classes are others", {})


def test_its_own_figures_about_another_class_are_not_compared(train):
    """F1 of "no" says nothing beside F1 of "yes"."""
    before = train(table(600), positive_class="no")
    found = train(table(600), positive_class="yes").regression["metrics"]
    assert found.keys() == before.metrics.keys() - {"precision", "recall", "f1", "average_precision"}


def test_the_first_run_has_nothing_beside_it_and_the_same_work_again_neither(train):
    assert train(table(600), max_regression=0.0).regression is None
    assert train(table(600), max_regression=0.0).regression is None


def damaged_model(artifact: dict) -> dict:
    """As the schema says, and no model: it reads what its signature has not."""
    return artifact | {"signature": artifact["signature"] | {"inputs": artifact["signature"]["inputs"][:1]}}


@pytest.mark.parametrize(
    ("damage", "why_not"),
    [
        (
            lambda artifact: artifact | {"dataset": {}},
            "what was published before is no artifact that can be read",
        ),
        (damaged_model, "what was published before is no model that can be asked"),
    ],
)
def test_what_stands_there_and_is_no_model_is_said_and_refuses_nothing(train, storage, damage, why_not):
    train(table(500, dated=True))
    storage.put(json.dumps(damage(artifact_in(storage))).encode(), *STABLE)
    found = train(table(600, dated=True), exclude_columns=["x"], max_regression=0.0, baseline_gate="off")
    assert (found.regression["why_not"], found.regression["metrics"]) == (why_not, {})
    assert found.gate.passed


def test_a_model_of_schema_version_1_was_drawn_other_test_rows_and_keeps_its_own_figures(train, storage):
    """Of the wine data; its shuffled rows were not stratified."""
    folder = Path(__file__).parents[3] / "data"
    storage.put((folder / "artifacts" / "wine_pooled_schema_1.json").read_bytes(), *STABLE)
    before = artifact_in(storage)
    found = train(
        (folder / "wine.csv").read_bytes(), label_column="cultivar", split="shuffled", max_regression=0.5
    )
    assert found.regression["metrics"] == before["metrics"]
    assert found.regression["why_not"] == "it may have been fitted on some of these test rows"
