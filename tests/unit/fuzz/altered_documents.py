"""Content that somebody else has altered, seeded: bytes changed, cut, doubled; members of JSON changed for others."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_ANYTHING: list[Any] = [
    None, True, -1, 0, 1e308, -1e-308, 10**400, "", "x", "\x1b]0;x\x07", "../..", [], {}, [[]], {"a": [1]}, [None] * 3,
]  # fmt: skip


def altered_bytes(content: bytes, chance: random.Random) -> bytes:
    """Another content: a byte of it changed, its end cut, a piece of it doubled or left out, or nothing like it."""
    place = chance.randrange(len(content))
    piece = slice(place, place + chance.randint(1, 40))
    return chance.choice(
        [
            content[:place] + bytes([content[place] ^ chance.randint(1, 255)]) + content[place + 1 :],
            content[:place],
            content[: piece.stop] + content[place:],
            content[:place] + content[piece.stop :],
            b"",
            b"[" * 100_000,
            b"\xff\xfe\x00",
        ]
    )


def altered_json(content: bytes, chance: random.Random) -> bytes:
    """Another JSON document: a member of it, however deep, is another value, another member's, twice there or gone."""
    document = json.loads(content)
    before = copy.deepcopy(document)
    while document == before:
        parent, name = chance.choice(_members(document))
        match chance.randrange(4):
            case 0:
                parent[name] = copy.deepcopy(chance.choice(_ANYTHING))
            case 1:
                other, place = chance.choice(_members(document))
                parent[name] = copy.deepcopy(other[place])
            case 2 if isinstance(parent, list):
                parent.insert(name, copy.deepcopy(parent[name]))
            case _:
                del parent[name]
    return json.dumps(document).encode()


def alterations(content: bytes, count: int, seed: str) -> list[bytes]:
    """`count` other contents, half of them JSON where the content is."""
    chance = random.Random(seed)
    ways: list[Callable[[bytes, random.Random], bytes]] = [altered_bytes]
    if content[:1] in b"[{":
        ways.append(altered_json)
    found = [ways[i % len(ways)](content, chance) for i in range(count)]
    return [one for one in found if one != content]


def _members(value: Any) -> list[tuple[Any, Any]]:
    """Every member of a document: what holds it, and its name or place there."""
    names = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, name) for name in names]
    for name in names:
        found += _members(value[name])
    return found
