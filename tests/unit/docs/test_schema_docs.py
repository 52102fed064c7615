"""docs/artifact.md is what the schema says, to the letter."""

import json

import schema_docs


def schema() -> dict:
    return json.loads(schema_docs.SCHEMA.read_text(encoding="utf-8"))


def test_the_page_has_not_drifted_from_the_schema():
    assert schema_docs.PAGE.read_text(encoding="utf-8") == schema_docs.page(schema()), "run: make docs"


def test_every_description_of_the_schema_is_on_the_page():
    page = schema_docs.page(schema())

    def descriptions(value: object):
        if isinstance(value, dict):
            if isinstance(value.get("description"), str):
                yield value["description"]
            for inner in value.values():
                yield from descriptions(inner)

    found = list(descriptions(schema()))
    assert len(found) > 80
    for text in found:
        assert text in page


def test_types_are_said_in_words():
    page = schema_docs.page(
        {
            "title": "T",
            "description": "D",
            "properties": {
                "share": {"description": "S.", "$ref": "#/$defs/share"},
                "rows": {
                    "description": "R.",
                    "type": "array",
                    "items": {"type": "integer", "exclusiveMinimum": 0},
                },
                "choice": {"description": "A | b.", "enum": ["a", 1]},
                "either": {"description": "E.", "anyOf": [{"$ref": "#/$defs/share"}, {"type": "null"}]},
                "names": {"description": "N.", "type": "object", "additionalProperties": {"type": "string"}},
            },
            "required": ["rows"],
            "$defs": {"share": {"type": "number", "minimum": 0, "maximum": 1}},
        }
    )
    assert [line for line in page.splitlines() if line.startswith("| `")] == [
        "| `share` (optional) | number >= 0, <= 1 | S. |",
        "| `rows` | list of integer > 0 | R. |",
        '| `choice` (optional) | `"a"`, `1` | A \\| b. |',
        "| `either` (optional) | number >= 0, <= 1 or null | E. |",
        "| `names` (optional) | object of text by name | N. |",
    ]


def test_the_command_writes_the_page(tmp_path, capsys):
    target = tmp_path / "new" / "artifact.md"
    schema_docs.write(target)
    assert target.read_bytes() == schema_docs.PAGE.read_bytes()
    assert capsys.readouterr().out == f"docs: {target}\n"
