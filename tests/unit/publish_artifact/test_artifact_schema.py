"""schemas/artifact.schema.json: every artifact the steps make is described by it, and nothing else is."""

import copy
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from publish_artifact.artifact import SCHEMA_VERSION
from shared.canonical_json import canonical_json
from shared.model.predictor import SCHEMA_VERSIONS
from shared.object_store import PinnedObject
from shared.request_fields import REQUEST_FIELDS

COVARIANCES = ["diagonal", "pooled", "full"]


@pytest.fixture(scope="session")
def iris(published):
    return published("iris")


def objects(schema: dict, path: str = "$") -> Iterator[tuple[str, dict]]:
    """Every object that the schema describes with properties of its own, with where it stands."""
    if schema.get("type") == "object":
        yield path, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            if isinstance(inner, dict):
                yield from objects(inner, f"{path}.{name}")


def values(document: object) -> Iterator[object]:
    yield document
    if isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from values(inner)


def test_the_schema_is_one_of_draft_2020_12(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert SCHEMA_VERSION in SCHEMA_VERSIONS


def test_every_object_is_closed_or_says_what_its_members_are(schema):
    found = dict(objects(schema))
    assert len(found) > 12
    for path, described in found.items():
        assert described["additionalProperties"] is not True, path
        if described["additionalProperties"] is False:
            assert set(described["required"]) <= set(described["properties"]), path


def test_every_property_is_described(schema):
    for path, described in objects(schema):
        for name, inner in described.get("properties", {}).items():
            assert inner.get("description", "").endswith("."), f"{path}.{name}"


def test_the_request_s_fields_are_those_of_the_code(schema):
    request = schema["properties"]["request"]
    assert set(request["properties"]) == set(request["required"]) == set(REQUEST_FIELDS) - {"force"}


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("name", ["iris", "wine", "penguins", "candles"])
def test_real_artifacts_are_valid(name, covariance, published, validator):
    artifact = published(name, covariance=covariance, test_size=0.3, min_accuracy=0.1, min_f1=0.1)
    validator.validate(artifact)
    d, k = len(artifact["model"]["columns"]), len(artifact["model"]["classes"])
    shape = {"diagonal": (k, d), "pooled": (1, d, d), "full": (k, d, d)}[covariance]
    assert np.shape(artifact["model"]["covariances"]) == shape
    assert sum(entry["train_rows"] for entry in artifact["classes"]) == artifact["split"]["train_rows"]


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_columns_left_out_a_class_without_train_rows_and_chosen_columns(
    covariance, publish_content, validator
):
    rows = [
        f"{i % 7}.5,{i * i % 11},3,{2 * (i % 7) + 1},t{i},{'ab'[i % 2] if i < 36 else 'new'}"
        for i in range(40)
    ]
    content = "\n".join(["x,y,constant,double,name,label", *rows]).encode()
    artifact = json.loads(
        publish_content(content, covariance=covariance, test_size=0.1, split="chronological")
    )
    validator.validate(artifact)
    left_out = {column["name"] for column in artifact["columns"] if column["role"] == "left_out"}
    assert left_out == {"constant", "name"} | ({"double"} if covariance != "diagonal" else set())
    assert artifact["classes"][-1] == {"name": "new", "rows": 4, "train_rows": 0}
    chosen = json.loads(
        publish_content(content, covariance=covariance, feature_columns=["y", "x"], split="chronological")
    )
    validator.validate(chosen)
    assert [entry["name"] for entry in chosen["signature"]["inputs"]] == ["y", "x"]


def test_an_object_stored_with_a_content_encoding_is_described(iris, validator):
    pinned = PinnedObject("ml-data-demo", "data/iris.csv", "v1", "e1", 10, content_encoding="gzip")
    validator.validate(iris | {"dataset": iris["dataset"] | pinned.identity()})


def test_statistics_are_numpy_s(iris, data_files):
    with data_files["iris"].open() as file:
        next(file)
        rows = [line.strip().split(",") for line in file]
    X = np.array([row[:4] for row in rows], float)
    features = [column for column in iris["columns"] if column["role"] == "feature"]
    for j, column in enumerate(features):
        found = column["statistics"]
        assert (found["count"], found["min"], found["max"]) == (150, X[:, j].min(), X[:, j].max())
        assert (found["mean"], found["deviation"]) == pytest.approx(
            (X[:, j].mean(), X[:, j].std()), rel=1e-12
        )


def test_numbers_read_back_exactly(published):
    artifact = published("wine", covariance="full")
    assert json.loads(canonical_json(artifact)) == artifact
    assert canonical_json(json.loads(canonical_json(artifact))) == canonical_json(artifact)
    numbers = [value for value in values(artifact) if isinstance(value, float)]
    assert len(numbers) > 500
    assert all(map(math.isfinite, numbers))


def test_it_is_compact(published):
    assert len(canonical_json(published("candles"))) < 32_000


def _mistyped(value: object) -> object:
    return "true" if isinstance(value, bool) else True


def mutations(artifact: dict) -> Iterator[tuple[str, dict]]:
    """The document with one member removed, renamed, or of another type, for every member of a closed object."""

    def at(path: list, change) -> dict:
        changed = copy.deepcopy(artifact)
        place = changed
        for step in path[:-1]:
            place = place[step]
        change(place, path[-1])
        return changed

    open_objects = {
        ("metrics",),
        ("model", "left_out"),
        ("evaluation", "per_class"),
        ("evaluation", "intervals"),
        ("explanation", "measure", "curves"),
        ("explanation", "partial_dependence", 0, "probabilities"),
        ("dataset", "problems"),
        ("profiles", "columns"),
        ("profiles", "columns", None, "train"),
        ("profiles", "columns", None, "test"),
    }
    optional = {
        "statistics",
        "intervals",
        "curves",
        "roc_auc_error",
    }  # but for the first: added after version 1

    def fits(path: list, place: tuple) -> bool:
        return len(path) == len(place) and all(b in (a, None) for a, b in zip(path, place, strict=True))

    def walk(value: object, path: list) -> Iterator[list]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if not any(fits(path, place) for place in open_objects):
                    yield [*path, name]
                yield from walk(inner, [*path, name])
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from walk(value[0], [*path, 0])

    for path in walk(artifact, []):
        where = ".".join(map(str, path))
        if path[-1] not in optional or (
            path[0] == "columns" and artifact["columns"][path[1]]["role"] == "feature"
        ):
            yield f"without {where}", at(path, lambda place, name: place.pop(name))
        yield f"{where} misspelled", at(path, lambda place, name: place.update({name + "x": place.pop(name)}))
        yield (
            f"{where} as another type",
            at(path, lambda place, name: place.update({name: _mistyped(place[name])})),
        )


def test_anything_missing_misspelled_or_mistyped_is_refused(iris, validator):
    tried = 0
    for what, changed in mutations(iris):
        assert not validator.is_valid(changed), what
        tried += 1
    assert tried > 150


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("model", "priors", 0), 0.0),
        (("model", "covariances", 0, 0, 0), "1"),
        (("model", "covariances", 0, 0), 1.0),
        (("metrics", "accuracy"), 1.5),
        (("metrics", "anything"), "text"),
        (("split", "train_rows"), 1.5),
        (("columns", 0, "reason"), "a feature has none"),
        (("columns", -1, "role"), "left_out"),
        (("lineage", "created_at"), "yesterday"),
        (("signature", "outputs", 0, "name"), "probability_x"),
        (("signature", "outputs", 1, "name"), "label"),
    ],
)
def test_wrong_values_are_refused(path, value, iris, validator):
    changed = copy.deepcopy(iris)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert validator.is_valid(iris)
    assert not validator.is_valid(changed)
