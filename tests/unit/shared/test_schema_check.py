"""Our checker of JSON Schema says what the library jsonschema says, of artifacts and of what is made of them."""

import copy
import json
import random
from typing import Any

import pytest
from altered_documents import altered_json
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.model.predictor import SCHEMA_VERSIONS
from shared.schema_check import _ANNOTATIONS, _BESIDE, _CHECKS, artifact_schema, first_problem

VALIDATOR = Draft202012Validator(artifact_schema(3))


@pytest.fixture(scope="module")
def artifacts(published) -> list[dict[str, Any]]:
    trees = {"model": "boosted_trees", "split": "shuffled"}
    return [published("iris"), published("penguins", covariance="diagonal"), published("iris", **trees)]


def test_sound_artifacts_have_no_problem(artifacts, data_directory):
    kept = [json.loads(path.read_bytes()) for path in (data_directory / "artifacts").glob("*.json")]
    for artifact in (*artifacts, *kept):
        assert first_problem(artifact, artifact_schema(artifact["schema_version"])) is None
    assert {artifact["schema_version"] for artifact in (*artifacts, *kept)} == set(SCHEMA_VERSIONS)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_of_an_altered_artifact_it_says_what_jsonschema_says(seed, artifacts):
    draw = random.Random(seed)
    changed = altered_json(draw.choice(artifacts), draw)
    assert (first_problem(changed, artifact_schema(3)) is None) == VALIDATOR.is_valid(changed)


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ({"type": "integer"}, [1, 1.0, 1.5, True, "1"]),
        ({"type": ["number", "null"]}, [1, 1.5, None, True, "1"]),
        ({"const": 1}, [1, 1.0, True, "1"]),
        ({"enum": ["a", None, 0]}, ["a", None, 0, False, ""]),
        ({"minimum": 0, "maximum": 1}, [0, 1, -0.1, 1.1, True, "2"]),
        ({"exclusiveMinimum": 0}, [0, 1e-300, -1]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[], [1], [1, 1], [1, 2, 3], "no list"]),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "number"}}, [["a", 1], [1], ["a", "b"], []]),
        ({"items": {"type": "integer"}}, [[1, 2], [1, 2.0], [1, 2.5], [True]]),
        ({"minLength": 2, "pattern": "^a"}, ["ab", "a", "ba", 7]),
        (
            {"properties": {"a": False}, "additionalProperties": {"type": "null"}},
            [{}, {"a": 1}, {"b": None}, {"b": 1}],
        ),
        ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2, 2.5, "a"]),
        ({"anyOf": [{"type": "string"}, {"const": 3}]}, ["a", 3, 4]),
        ({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"const": 0}}, ["", "a", 0, 1]),
    ],
)
def test_each_keyword_means_what_it_means_to_jsonschema(rule, values):
    library = Draft202012Validator(rule)
    assert [first_problem(value, rule) is None for value in values] == [
        library.is_valid(value) for value in values
    ]


def keywords(rule: Any) -> set[str]:
    if not isinstance(rule, dict):
        return set()
    found = set(rule)
    for word in ("properties", "$defs"):
        for inner in rule.get(word, {}).values():
            found |= keywords(inner)
    for word in ("items", "additionalProperties", "if", "then", "else"):
        found |= keywords(rule.get(word))
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in rule.get(word, ()):
            found |= keywords(inner)
    return found


@pytest.mark.parametrize("version", SCHEMA_VERSIONS)
def test_the_schema_uses_no_keyword_that_is_not_checked(version):
    assert keywords(artifact_schema(version)) <= _ANNOTATIONS | _BESIDE | _CHECKS.keys()


def test_a_problem_names_the_place_and_no_value(artifacts):
    changed = copy.deepcopy(artifacts[0])
    changed["metrics"]["accuracy"] = "a secret"
    assert first_problem(changed, artifact_schema(3)) == "$.metrics.accuracy is no number"
    changed = copy.deepcopy(artifacts[0])
    changed["lineage"]["secret"] = json.dumps("a secret")
    assert first_problem(changed, artifact_schema(3)) == "$.lineage.secret is not allowed"
