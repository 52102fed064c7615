"""Content that somebody else has altered, seeded: bytes changed, cut, doubled; members of JSON changed for others."""

import copy
import json
import random
from typing import Any

_ANYTHING: list[Any] = [
    None, True, False, -1, 0, 1, 0.5, 2.0, 1e308, -1e-308, 10**400, "", "x", "2026-01-01T00:00:00.000Z", "\x1b]0;x\x07",
    "../..", [], {}, [1], ["a"], [[]], {"a": [1]}, [None] * 3,
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


def altered_json(document: Any, chance: random.Random) -> Any:
    """Another JSON document: something in it, however deep, is another value, another's, twice there, gone or new."""
    changed = copy.deepcopy(document)
    while changed == document:
        holder, name = chance.choice(_members(changed))
        match chance.randrange(5):
            case 0:
                holder[name] = copy.deepcopy(chance.choice(_ANYTHING))
            case 1:
                other, place = chance.choice(_members(changed))
                holder[name] = copy.deepcopy(other[place])
            case 2 if isinstance(holder, list):
                holder.insert(name, copy.deepcopy(holder[name]))
            case 3 if isinstance(holder, dict):
                holder["new member"] = copy.deepcopy(holder[name])
            case _:
                del holder[name]
    return changed


def alterations(content: bytes, count: int, seed: str) -> list[bytes]:
    """`count` other contents, half of them JSON where the content is."""
    chance = random.Random(seed)
    document = json.loads(content) if content[:1] in b"[{" else None
    found = [
        altered_bytes(content, chance)
        if document is None or i % 2
        else json.dumps(altered_json(document, chance)).encode()
        for i in range(count)
    ]
    return [one for one in found if one != content]


def _members(value: Any) -> list[tuple[Any, Any]]:
    """Every member of a document: what holds it, and its name or place there."""
    names = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, name) for name in names]
    for name in names:
        found += _members(value[name])
    return found
