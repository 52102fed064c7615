"""Write docs/artifact.md, the reference of the artifact, from schemas/artifact.schema.json.

A test compares the two, so the page cannot drift from the schema, nor the schema from real artifacts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model_service_cli.files import ROOT

SCHEMA = ROOT / "schemas" / "artifact.schema.json"
PAGE = ROOT / "docs" / "artifact.md"
Schema = dict[str, Any]
KINDS = {"object": "object", "array": "list", "string": "text", "null": "null", "boolean": "true or false"}

INTRODUCTION = """\
# {title}

{description}

`make run-pipeline` publishes it to `s3://artifacts/models/training_pipeline.pkl` (or wherever the request says), and
under its SHA-256 as an immutable version, `models/training_pipeline/versions/<sha256>.json`. It is JSON whatever its
key's suffix says. [schemas/artifact.schema.json](../schemas/artifact.schema.json) describes it (JSON Schema, draft
2020-12); this page is made from that file by `make docs`. `make predict` reads it, and so can any program: the score
in `model` is all of the arithmetic.

A property may be added under the same `schema_version`; a change of what is there makes a new one.
"""


def page(schema: Schema) -> str:
    """The reference as Markdown: a section per member, a table per object."""
    lines = [INTRODUCTION.format(**schema)]
    lines += _table(schema, schema)
    for name, member in schema["properties"].items():
        if described := list(_objects(schema, member, name)):
            lines += [f"## {name}", ""]
            lines += [member["description"], ""] if described[0][0] != name else []
            for path, inner in described:
                lines += [f"### `{path}`", ""] if path != name else []
                lines += [inner["description"], "", *_table(schema, inner)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _objects(schema: Schema, member: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """The objects with named members in a member, outermost first; `[]` stands for each entry of a list."""
    member = _resolved(schema, member)
    if "anyOf" in member:
        for choice in member["anyOf"]:
            yield from _objects(schema, choice, path)
    elif "properties" in member:
        yield path, member
        for name, inner in member["properties"].items():
            yield from _objects(schema, inner, f"{path}.{name}")
    elif isinstance(member.get("items"), dict):
        entries = [*member.get("prefixItems", []), member["items"]]
        labels = [*(f"{path}[{i}]" for i in range(len(entries) - 1)), f"{path}[]"]
        for label, inner in zip(labels, entries, strict=True):
            yield from _objects(schema, inner, label)
    elif isinstance(member.get("additionalProperties"), dict):
        yield from _objects(schema, member["additionalProperties"], f"{path}.<name>")


def _table(schema: Schema, described: Schema) -> list[str]:
    rows = ["| member | type | meaning |", "| --- | --- | --- |"]
    for name, member in described["properties"].items():
        optional = "" if name in described.get("required", ()) else " (optional)"
        text = member["description"].replace("|", "\\|")
        rows.append(f"| `{name}`{optional} | {_kind(schema, member)} | {text} |")
    return [*rows, ""]


def _kind(schema: Schema, member: Schema) -> str:
    """The type in words: what values there may be, and of what a list is."""
    member = _resolved(schema, member)
    if "const" in member:
        return f"`{json.dumps(member['const'])}`"
    if "enum" in member:
        return ", ".join(f"`{json.dumps(value)}`" for value in member["enum"])
    if "anyOf" in member:
        return " or ".join(_kind(schema, choice) for choice in member["anyOf"])
    kinds = member["type"] if isinstance(member["type"], list) else [member["type"]]
    return " or ".join(_one_kind(schema, member, kind) for kind in kinds)


def _one_kind(schema: Schema, member: Schema, kind: str) -> str:
    if kind in ("number", "integer"):
        return kind + _bounds(member)
    if kind == "array" and isinstance(member.get("items"), dict) and "prefixItems" not in member:
        return f"list of {_kind(schema, member['items'])}"
    if (
        kind == "object"
        and isinstance(member.get("additionalProperties"), dict)
        and "properties" not in member
    ):
        return f"object of {_kind(schema, member['additionalProperties'])} by name"
    return KINDS[kind]


def _bounds(member: Schema) -> str:
    low, above, high = (member.get(word) for word in ("minimum", "exclusiveMinimum", "maximum"))
    words = [f">= {low}"] if low is not None else []
    words += [f"> {above}"] if above is not None else []
    words += [f"<= {high}"] if high is not None else []
    return f" {', '.join(words)}" if words else ""


def _resolved(schema: Schema, member: Schema) -> Schema:
    if "$ref" not in member:
        return member
    return schema["$defs"][member["$ref"].removeprefix("#/$defs/")] | {
        name: value for name, value in member.items() if name != "$ref"
    }


def write(target: Path = PAGE) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(json.loads(SCHEMA.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"docs: {target.relative_to(ROOT) if target.is_relative_to(ROOT) else target}")
