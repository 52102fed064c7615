"""Draw the rooms of the house into docs/architecture.md: the packages, and who imports whom, read from the imports.

A room is a folder of modules of `functions/` or of the command line's package; what lies deeper belongs to the
room above. Inside `shared/` the modules on the ground floor are a room of their own.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from generated_part import GeneratedPart
from model_service_cli.files import ROOT

PART = GeneratedPart(
    page=ROOT / "docs" / "architecture.md",
    begin="<!-- rooms: written by `make docs` from the imports -->",
    end="<!-- end of the rooms -->",
)
HOUSES = {"functions": ROOT / "functions", "scripts": ROOT / "scripts"}
COMMAND_LINE = "model_service_cli"
INDENT = "    "

Room = tuple[str, ...]  # ("shared", "model"); the first part is the package


def rooms(houses: dict[str, Path] = HOUSES) -> dict[Room, set[Room]]:
    """Every room with the rooms that it imports from, itself left out."""
    modules = {name: path for folder in houses.values() for name, path in _modules(folder)}
    found: dict[Room, set[Room]] = {}
    for name, path in modules.items():
        own = _room(name, modules)
        found.setdefault(own, set()).update(_room(other, modules) for other in _imports(path, modules))
        found[own].discard(own)
    return dict(sorted(found.items()))


def _modules(folder: Path) -> Iterator[tuple[tuple[str, ...], Path]]:
    """(package, ..., module) of every module; empty `__init__` files are none."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if len(parts) > 1 and parts[0] != "local_cloud" and path.stat().st_size:
            yield (parts[:-1] if parts[-1] == "__init__" else parts), path


def _room(module: tuple[str, ...], modules: dict[tuple[str, ...], Path]) -> Room:
    """The folder of a module, at most two deep; a package's own modules are the room of its name."""
    is_package = any(other[:-1] == module for other in modules)
    return (module if is_package else module[:-1])[:2]


def _imports(path: Path, modules: dict[tuple[str, ...], Path]) -> Iterator[tuple[str, ...]]:
    """The modules of ours that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` names a module, `from module import name` a part of one.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = tuple(name.split("."))
            if module := next((parts[:n] for n in range(len(parts), 0, -1) if parts[:n] in modules), None):
                yield module


def diagram(found: dict[Room, set[Room]]) -> str:
    """The rooms as a mermaid flowchart, one box a house; an arrow says imports."""
    lines = ["flowchart LR"]
    for house, folder in HOUSES.items():
        inside = [room for room in found if (folder / room[0]).is_dir()]
        lines.append(f'{INDENT}subgraph {house} ["{house}/"]')
        lines += [f'{INDENT * 2}{_node(room)}["{_label(room)}"]' for room in inside]
        lines.append(f"{INDENT}end")
    lines += [f"{INDENT}{_node(room)} --> {_node(other)}" for room in found for other in sorted(found[room])]
    return "\n".join(lines)


def _node(room: Room) -> str:
    return "_".join(room)


def _label(room: Room) -> str:
    return "/".join(part for part in room if part != COMMAND_LINE) or COMMAND_LINE


def content() -> str:
    """What stands between the markers."""
    return f"```mermaid\n{diagram(rooms())}\n```"


def write(target: Path = PART.page) -> None:
    PART.write(content(), target)
