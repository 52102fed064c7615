"""The types of an artifact promise no more than its published schema."""

import json
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest

from publish_artifact import artifact_types, explanation_types, group_types

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "artifact.schema.json").read_text())


def places(kind: Any, schema: dict[str, Any], where: str) -> list[tuple[str, Any, dict[str, Any]]]:
    """Every TypedDict in the type of a member, with the part of the schema that describes it."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] | {
            name: value for name, value in schema.items() if name != "$ref"
        }
    if is_typeddict(kind):
        inner = [
            place
            for name, hint in get_type_hints(kind).items()
            for place in places(hint, schema["properties"].get(name, {}), f"{where}.{name}")
        ]
        return [(where, kind, schema), *inner]
    if isinstance(kind, UnionType):
        schema = next((choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"), schema)
    else:
        schema = schema.get("items") or schema.get("additionalProperties") or {}
    return [place for argument in get_args(kind) for place in places(argument, schema, where)]


FOUND = places(artifact_types.Artifact, SCHEMA, "artifact")


def test_every_type_has_its_place():
    modules = (artifact_types, explanation_types, group_types)
    defined = {kind for module in modules for kind in vars(module).values() if is_typeddict(kind)}
    assert {kind for _, kind, _ in FOUND} == defined


@pytest.mark.parametrize(
    ("kind", "schema"), [place[1:] for place in FOUND], ids=[place[0] for place in FOUND]
)
def test_what_a_type_has_the_schema_describes_and_what_it_promises_the_schema_requires(kind, schema):
    assert set(kind.__annotations__) <= set(schema["properties"])
    assert kind.__required_keys__ <= set(schema["required"])
