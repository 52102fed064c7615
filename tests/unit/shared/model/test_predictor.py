"""Prediction from an artifact alone, and what is no artifact to predict from."""

import copy
import csv
import json
import math
import random

import numpy as np
import pytest

from shared.canonical_json import canonical_json
from shared.model.encoding import ColumnCounts, Encoding, Input
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.family import GAUSSIAN
from shared.model.predictor import InvalidArtifactError, Predictor, UnpredictableRowError, model_in, predict
from shared.model.probabilities import predicted_of
from shared.model.registry import model_to_json
from shared.model.rows import Feature, Rows
from shared.typed_columns import coded

KINDS = ["diagonal", "pooled", "full"]


def artifact_of(model: Discriminant) -> dict:
    encoding = Encoding(tuple(Input(feature.name) for feature in model.features))
    document = {
        "schema_version": 3,
        "decision": {"positive_class": None, "rule": "0.5", "threshold": None},
        "signature": {"inputs": encoding.reading(model.left_out).to_json()},
        "model": model_to_json(model),
    }
    return json.loads(canonical_json(document))


@pytest.fixture
def artifact() -> dict:
    """Two classes of two features, far apart: down around (0, 0), up around (10, 5)."""
    rows = Rows(
        [[-1.0, 1.0, 0.5, -0.5, 9.0, 11.0, 10.5, 9.5], [1.0, 0.5, -1.0, -0.5, 6.0, 5.5, 4.0, 4.5]],
        [0] * 4 + [1] * 4,
    )
    return artifact_of(
        GAUSSIAN.fit([rows], [Feature("x"), Feature("y")], ["down", "up"], {"covariance": "full"})
    )


@pytest.mark.parametrize("covariance", KINDS)
def test_a_model_comes_back_from_json_number_for_number(covariance, data_set):
    classes = np.unique(data_set.y).tolist()
    rows = Rows(data_set.columns(), np.searchsorted(classes, data_set.y).tolist())
    model = GAUSSIAN.fit([rows], list(map(Feature, data_set.features)), classes, {"covariance": covariance})
    artifact = artifact_of(model)
    assert model_in(artifact) == model
    expected = model.probabilities(data_set.columns())
    found = predict(artifact, dict(zip(data_set.features, data_set.columns(), strict=True)))
    assert found.probabilities == expected
    assert found.labels == [model.classes[k] for k in predicted_of(expected)]


def test_columns_are_found_by_name_and_others_ignored(artifact):
    found = predict(artifact, {"noise": ["a", "b"], "y": [0.0, 5.0], "x": [0.0, 10.0]})
    assert found.labels == ["down", "up"]
    assert [sum(row) for row in zip(*found.probabilities, strict=True)] == pytest.approx([1.0, 1.0])
    assert found.probabilities[1][1] > 0.999


def test_a_missing_feature_is_a_key_error_and_no_rows_are_no_predictions(artifact):
    with pytest.raises(KeyError, match="y"):
        predict(artifact, {"x": [1.0]})
    found = predict(artifact, {"x": [], "y": []})
    assert (found.labels, found.probabilities) == ([], [[], []])


def test_a_row_beyond_float64_is_refused_by_its_index(artifact):
    with pytest.raises(UnpredictableRowError, match="row 1 is too far"):
        predict(artifact, {"x": [0.0, 1e200, 0.0], "y": [0.0, 1e200, 0.0]})


def test_a_covariance_whose_halves_are_rounded_apart_is_the_same_model(artifact):
    rows = {"x": [0.0, 10.0, 5.0], "y": [0.0, 5.0, 2.0]}
    expected = predict(artifact, rows)
    artifact["model"]["covariances"][0][0][1] *= 1 + 2**-50
    assert artifact["model"]["covariances"][0][0][1] != artifact["model"]["covariances"][0][1][0]
    np.testing.assert_allclose(predict(artifact, rows).probabilities, expected.probabilities, rtol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 4}, "the artifact has schema_version 4; readable: 1, 2 or 3"),
        ({"schema_version": True}, "the artifact has schema_version True"),
        (
            {"schema_version": 1, "kind": "forest"},
            'the document is no artifact: its kind is not "gaussian_discriminant"',
        ),
        ({"model": None}, "the model is damaged"),
    ],
)
def test_another_kind_or_version_is_refused(changes, message, artifact):
    with pytest.raises(InvalidArtifactError, match=message):
        Predictor(artifact | changes)


@pytest.mark.parametrize("document", [None, [], "text", {}])
def test_what_is_no_artifact_at_all_is_refused(document):
    with pytest.raises(InvalidArtifactError, match="the document is no artifact"):
        Predictor(document)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("kind",), "forest", "kind 'forest' is none of gaussian"),
        (("kind",), [], "kind"),
        (("features", 0), [], "indices"),
        (("features", 0, "kind"), "date", "of no kind"),
        (("features", 0, "kind"), "category", "is a category in the model"),
        (("covariance",), "spherical", "covariance 'spherical' is none of diagonal, pooled, full"),
        (("covariance",), "pooled", "covariances does not fit 2 classes and 2 features"),
        (("covariance",), "diagonal", "float"),
        (("features",), [{"name": "x", "kind": "number"}] * 2, "features has a name twice"),
        (("features",), [{"name": "x", "kind": "number"}], "'y' is missing"),
        (("columns", 0, "codes"), [2], "'x' is a number"),
        (("tables",), [{"feature": "x", "codes": [0], "shares": [[1.0], [1.0]]}], "'x' is a number"),
        (("columns",), [], "0 features and 2 classes"),
        (("classes",), ["up", "up"], "classes has a name twice"),
        (("classes",), ["a", "b", "c"], "priors has 2 numbers for 3 classes"),
        (("classes", 0), "\ud800", "name"),
        (("classes", 0), 7, "name"),
        (("priors", 0), 0.0, "a prior is not positive"),
        (("priors", 0), "x", "could not convert"),
        (("means", 0, 0), math.inf, "a number is NaN or infinite"),
        (("means", 0, 0), 10**400, "too large"),
        (("means", 0), [1.0], "means is not 2 rows of 2 numbers"),
        (("covariances", 0), [[1.0, 0.0], [0.0]], "covariances has a row that is not 2 numbers"),
        (("covariances", 0, 0, 1), 9.0, "a covariance matrix is not symmetric"),
        (("covariances", 0), [[1.0, 2.0], [2.0, 1.0]], "a covariance is not positive definite"),
        (("covariances", 0), [[0.0, 0.0], [0.0, 1.0]], "a covariance is not positive definite"),
    ],
)
def test_a_model_that_contradicts_itself_is_refused_and_says_where(path, value, message, artifact):
    changed = copy.deepcopy(artifact)
    place = changed["model"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InvalidArtifactError, match=message):
        Predictor(changed)


@pytest.mark.parametrize(
    "name",
    [
        "kind",
        "covariance",
        "features",
        "left_out",
        "classes",
        "priors",
        "columns",
        "means",
        "covariances",
        "tables",
    ],
)
def test_a_model_with_a_part_missing_is_refused_by_its_name(name, artifact):
    del artifact["model"][name]
    with pytest.raises(InvalidArtifactError, match=f"the model is damaged: '{name}' is missing"):
        Predictor(artifact)


def test_rows(rows: int, held_out: int) -> np.ndarray:
    """The test rows of seed 0, as they were drawn while schema 1 was the newest."""
    draw, mask = random.Random(0).random, []
    for left in range(rows, 0, -1):
        mask.append(draw() * left < held_out - sum(mask))
    return np.array(mask)


test_rows.__test__ = False


@pytest.mark.parametrize("covariance", KINDS)
def test_an_artifact_of_schema_1_predicts_what_it_was_published_with(covariance, data_directory, data_sets):
    """Published by the code that wrote schema 1; its own figures on its own test rows are the witness."""
    artifact = json.loads((data_directory / "artifacts" / f"wine_{covariance}_schema_1.json").read_text())
    wine = data_sets["wine"]
    found = predict(artifact, dict(zip(wine.features, wine.columns(), strict=True)))
    test = test_rows(len(wine.y), artifact["split"]["test_rows"])
    hits = np.array(found.labels)[test] == wine.y[test]
    assert hits.mean() == pytest.approx(artifact["metrics"]["accuracy"])
    places = np.searchsorted(model_in(artifact).classes, wine.y[test])
    of_label = np.array(found.probabilities).T[test, places]
    assert -np.log(of_label).mean() == pytest.approx(artifact["metrics"]["log_loss"])


@pytest.mark.parametrize("covariance", KINDS)
def test_an_artifact_of_schema_1_takes_the_train_mean_for_a_missing_number(
    covariance, data_directory, data_sets
):
    artifact = json.loads((data_directory / "artifacts" / f"wine_{covariance}_schema_1.json").read_text())
    wine = data_sets["wine"]
    train = wine.X[~test_rows(len(wine.y), artifact["split"]["test_rows"])]
    rows = dict(zip(wine.features, wine.columns(), strict=True))
    without = predict(artifact, rows | {"alcohol": [math.nan] * len(wine.y)}).probabilities
    assert np.isfinite(without).all()
    if covariance != "diagonal":  # which skips the column
        mean = predict(artifact, rows | {"alcohol": [train[:, 0].mean()] * len(wine.y)}).probabilities
        np.testing.assert_allclose(without, mean, rtol=1e-9)


def test_a_blend_of_schema_2_predicts_what_it_was_published_with(data_directory):
    """Published by the code that wrote schema 2, after a split by time; its own figures are the witness."""
    artifact = json.loads((data_directory / "artifacts" / "penguins_blend_schema_2.json").read_text())
    with (data_directory / "penguins.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sex"] != "NA"]
    test = rows[artifact["split"]["train_rows"] :]
    columns = {
        given.name: [
            row[given.name] if given.is_coded else float(row[given.name].replace("NA", "nan")) for row in test
        ]
        for given in Predictor(artifact).inputs
    }
    found = predict(artifact, columns)
    labels = [row["sex"] for row in test]
    assert {member["kind"] for member in artifact["model"]["members"]} == {"logistic", "boosted_trees"}
    assert np.mean(np.array(found.labels) == labels) == pytest.approx(artifact["metrics"]["accuracy"])
    of_label = [
        found.probabilities[model_in(artifact).classes.index(name)][i] for i, name in enumerate(labels)
    ]
    assert -np.log(of_label).mean() == pytest.approx(artifact["metrics"]["log_loss"], rel=1e-12)


@pytest.mark.parametrize(
    ("threshold", "labels"), [(0.5, ["down", "up"]), (0.0, ["up", "up"]), (1e-300, ["up", "up"])]
)
def test_the_threshold_of_the_artifact_decides_the_label(threshold, labels, artifact):
    artifact["decision"] = {"positive_class": "up", "rule": "given", "threshold": threshold}
    found = predict(artifact, {"x": [1.0, 10.0], "y": [0.0, 5.0]})
    assert found.labels == labels


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (None, "the decision is damaged"),
        ({"positive_class": "up"}, "the decision is damaged: KeyError"),
        (
            {"positive_class": "flat", "rule": "given", "threshold": 0.5},
            "is none of two classes of the model",
        ),
        (
            {"positive_class": "up", "rule": "given", "threshold": 7},
            "the threshold 7 is no number from 0 to 1",
        ),
    ],
)
def test_a_damaged_decision_is_refused(decision, message, artifact):
    with pytest.raises(InvalidArtifactError, match=message):
        Predictor(artifact | {"decision": decision})


def test_dates_and_categories_are_encoded_as_the_artifact_says():
    generator = np.random.default_rng(0)
    texts = generator.choice(["red", "green", "blue", ""], 400).tolist()
    moments = (1.7e9 + 3600.0 * np.arange(400)).tolist()
    inputs = [Input("colour", "category"), Input("when", "date", "iso"), Input("same", "category")]
    columns = [coded(texts), moments, coded(["x"] * 400)]
    encoding = Encoding.learn(inputs, ColumnCounts.of(inputs, columns))
    y = [
        int(text == "red" or 8 <= moment // 3600 % 24 < 20)
        for text, moment in zip(texts, moments, strict=True)
    ]
    classes = ["no", "yes"]
    rows = Rows(encoding.encoded(columns), y)
    model = GAUSSIAN.fit([rows], encoding.features, classes, {"covariance": "pooled"})
    artifact = json.loads(
        canonical_json(
            {
                "schema_version": 3,
                "decision": {"positive_class": None, "rule": "0.5", "threshold": None},
                "signature": {"inputs": encoding.reading(model.left_out).to_json()},
                "model": model_to_json(model),
            }
        )
    )
    assert [given.name for given in Predictor(artifact).inputs] == ["colour", "when"]
    found = predict(artifact, {"colour": texts, "when": moments})
    assert found.probabilities == model.probabilities(rows.columns)
    strange = predict(artifact, {"colour": ["mauve", ""], "when": [math.nan, 1.7e9]})
    assert [sum(row) for row in zip(*strange.probabilities, strict=True)] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    "change",
    [
        lambda inputs: inputs.pop(),
        lambda inputs: inputs[0].pop("kind"),
        lambda inputs: inputs[0].pop("name"),
        lambda inputs: inputs.append(3),
        lambda inputs: inputs.__setitem__(0, None),
    ],
)
def test_a_damaged_signature_is_refused(change, artifact):
    change(artifact["signature"]["inputs"])
    with pytest.raises(InvalidArtifactError, match="damaged"):
        Predictor(artifact)
