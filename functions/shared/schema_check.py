"""Whether a document is as a JSON Schema (draft 2020-12) says: the keywords that our schemas use, and no others."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from shared.event_fields import Json

# In the package `schemas/` lies beside the step's folder, in the repository beside functions/.
_SCHEMAS = next(
    folder / "schemas" for folder in Path(__file__).resolve().parents if (folder / "schemas").is_dir()
)

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}
_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description"})


# Of each schema_version, newest last.
_OF_ARTIFACTS = {1: "artifact.1.schema.json", 2: "artifact.2.schema.json", 3: "artifact.schema.json"}


@cache
def artifact_schema(version: int) -> Json:
    """The schema of the artifacts of a schema_version."""
    return json.loads((_SCHEMAS / _OF_ARTIFACTS[version]).read_bytes())


def first_problem(document: object, schema: Json) -> str | None:
    """Where the document is not as the schema says, and what is asked for there; None where it is.

    document: parsed JSON. The text names members and never a value, which may be a cell of somebody's data.
    """
    return next(_problems(document, schema, "$", schema), None)


def _problems(value: Any, rule: Json | bool, path: str, root: Json) -> Iterator[str]:
    if isinstance(rule, bool):
        if not rule:
            yield f"{path} is not allowed"
        return
    for keyword, asked in rule.items():
        if keyword not in _ANNOTATIONS and keyword not in _BESIDE:
            yield from _CHECKS[keyword](value, asked, path, root, rule)


def _fits(value: Any, rule: Json | bool, root: Json) -> bool:
    return next(_problems(value, rule, "", root), None) is None


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _type(value: Any, asked: Any, path: str, _root: Json, _rule: Json) -> Iterator[str]:
    names = [asked] if isinstance(asked, str) else asked
    if not any(_is_a(value, name) for name in names):
        yield f"{path} is no {' or '.join(names)}"


def _equal(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and value == other


def _enum(value: Any, asked: Any, path: str, _root: Json, _rule: Json) -> Iterator[str]:
    if not any(_equal(value, one) for one in asked):
        yield f"{path} is none of {json.dumps(asked)}"


def _const(value: Any, asked: Any, path: str, _root: Json, _rule: Json) -> Iterator[str]:
    if not _equal(value, asked):
        yield f"{path} is not {json.dumps(asked)}"


def _reference(value: Any, asked: str, path: str, root: Json, _rule: Json) -> Iterator[str]:
    yield from _problems(value, root["$defs"][asked.removeprefix("#/$defs/")], path, root)


def _required(value: Any, asked: list[str], path: str, _root: Json, _rule: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{path}.{name} is missing" for name in asked if name not in value)


def _properties(value: Any, asked: Json, path: str, root: Json, _rule: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, rule in asked.items():
            if name in value:
                yield from _problems(value[name], rule, f"{path}.{name}", root)


def _other_properties(value: Any, asked: Any, path: str, root: Json, rule: Json) -> Iterator[str]:
    if isinstance(value, dict):
        known = rule.get("properties", {})
        for name, inner in value.items():
            if name not in known:
                yield from _problems(inner, asked, f"{path}.{name}", root)


def _items(value: Any, asked: Any, path: str, root: Json, rule: Json) -> Iterator[str]:
    if not isinstance(value, list):
        return
    first = len(rule.get("prefixItems", ()))
    plain = asked.get("type") if isinstance(asked, dict) and asked.keys() <= {"type", "description"} else None
    if plain in ("number", "integer"):  # of a model, a million of them
        allowed = {int, float} if plain == "number" else {int}
        if {type(inner) for inner in value[first:]} <= allowed:
            return
    for i, inner in enumerate(value[first:], first):
        yield from _problems(inner, asked, f"{path}[{i}]", root)


def _first_items(value: Any, asked: list[Any], path: str, root: Json, _rule: Json) -> Iterator[str]:
    if isinstance(value, list):
        for i, (inner, rule) in enumerate(zip(value, asked, strict=False)):
            yield from _problems(inner, rule, f"{path}[{i}]", root)


def _unique(value: Any, asked: bool, path: str, _root: Json, _rule: Json) -> Iterator[str]:
    if asked and isinstance(value, list) and len({json.dumps(v, sort_keys=True) for v in value}) < len(value):
        yield f"{path} holds something twice"


def _bound(
    kinds: tuple[type, ...], size: Callable[[Any], float], holds: Callable[[float, float], bool], words: str
) -> Callable[..., Iterator[str]]:
    def check(value: Any, asked: float, path: str, _root: Json, _rule: Json) -> Iterator[str]:
        if isinstance(value, kinds) and not isinstance(value, bool) and not holds(size(value), asked):
            yield f"{path} {words} {asked}"

    return check


def _pattern(value: Any, asked: str, path: str, _root: Json, _rule: Json) -> Iterator[str]:
    if isinstance(value, str) and re.search(asked, value) is None:
        yield f"{path} does not match {asked}"


def _any_of(value: Any, asked: list[Any], path: str, root: Json, _rule: Json) -> Iterator[str]:
    if not any(_fits(value, rule, root) for rule in asked):
        yield f"{path} is none of what is allowed there"


def _one_of(value: Any, asked: list[Any], path: str, root: Json, _rule: Json) -> Iterator[str]:
    if sum(_fits(value, rule, root) for rule in asked) != 1:
        yield f"{path} is not one of what is allowed there"


def _all_of(value: Any, asked: list[Any], path: str, root: Json, _rule: Json) -> Iterator[str]:
    for rule in asked:
        yield from _problems(value, rule, path, root)


def _if(value: Any, asked: Any, path: str, root: Json, rule: Json) -> Iterator[str]:
    yield from _problems(value, rule.get("then" if _fits(value, asked, root) else "else", True), path, root)


_BESIDE = frozenset({"then", "else"})  # read with `if`
_NUMBER = (int, float)
_CHECKS: dict[str, Callable[[Any, Any, str, Json, Json], Iterator[str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "$ref": _reference,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _other_properties,
    "prefixItems": _first_items,
    "items": _items,
    "uniqueItems": _unique,
    "minItems": _bound((list,), len, lambda size, least: size >= least, "has fewer items than"),
    "maxItems": _bound((list,), len, lambda size, most: size <= most, "has more items than"),
    "minLength": _bound((str,), len, lambda size, least: size >= least, "has fewer characters than"),
    "minimum": _bound(_NUMBER, lambda value: value, lambda value, least: value >= least, "is below"),
    "maximum": _bound(_NUMBER, lambda value: value, lambda value, most: value <= most, "is above"),
    "exclusiveMinimum": _bound(
        _NUMBER, lambda value: value, lambda value, least: value > least, "is not above"
    ),
    "pattern": _pattern,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "allOf": _all_of,
    "if": _if,
}
