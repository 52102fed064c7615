"""Draws mutants of the functions' sources, as many in each folder, and prints them as JSON. Runs in .venv-mutants.

First a place in the source is drawn, then one of the operators that can change it, so that kinds of operator with many
variants (one binary operator for another) do not crowd out the rest. Annotations are no places: nobody runs them.
"""

import ast
import json
import random
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

_WITH_ARGUMENTS = ("core/VariableInserter", "core/VariableReplacer")

Place = tuple[tuple[int, int], tuple[int, int]]  # lines from 1, columns from 0


def places(source: str) -> dict[Place, list[tuple[str, int]]]:
    """What can be mutated: each place with the operators that apply, and the occurrence that it is to each."""
    found: dict[Place, list[tuple[str, int]]] = defaultdict(list)
    nodes = list(ast_nodes(get_ast(source)))
    not_run = annotations(source)
    for name in operator_names():
        if name in _WITH_ARGUMENTS:
            continue
        operator = get_operator(name)()
        positions = (position for node in nodes for position in operator.mutation_positions(node))
        for occurrence, (start, end) in enumerate(positions):
            if not any(first <= start and end <= last for first, last in not_run):
                found[start, end].append((name, occurrence))
    return found


def annotations(source: str) -> list[Place]:
    """Where the types stand."""
    found = []
    for node in ast.walk(ast.parse(source)):
        types: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            types.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            types.append(node.annotation)
        elif isinstance(node, ast.TypeAlias):
            types.append(node.value)
        for one in types:
            if one is not None and one.end_lineno is not None and one.end_col_offset is not None:
                found.append(((one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset)))
    return found


def statement(source: str, place: Place) -> tuple[int, int] | None:
    """First and last line of the statement in a function that holds a place: of a block only its head. None: what runs
    as the module is imported (also defaults and decorators)."""
    start, end = place
    found, inside = None, False
    nodes: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while nodes:
        node, in_function = nodes.pop()
        for child in ast.iter_child_nodes(node):
            here = in_function
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                here = in_function or child in node.body
            if isinstance(child, ast.stmt):
                assert child.end_lineno is not None
                decorators = [one.lineno for one in getattr(child, "decorator_list", [])]
                first = min([child.lineno, *decorators])
                if first <= start[0] and end[0] <= child.end_lineno:
                    body = getattr(child, "body", None)
                    last = child.end_lineno
                    if isinstance(body, list) and body and start[0] < body[0].lineno:
                        last = body[0].lineno - 1
                    found, inside = (first, max(last, end[0])), here
            nodes.append((child, here))
    return found if inside else None


def compiles(source: str) -> bool:
    """Whether it is Python: what is not, such as {^a} of {**a}, no test has to find."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(source, "mutated", "exec")
    except SyntaxError:
        return False
    return True


def drawn(root: Path, folder: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Mutants of the modules in a folder (not of those in folders below it)."""
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    found = {path: places(path.read_text(encoding="utf-8")) for path in modules}
    every = [(path, place) for path, of_module in found.items() for place in sorted(of_module)]
    draw = random.Random(f"{seed} {folder.relative_to(root)}")
    chosen = []
    for path, place in draw.sample(every, min(count, len(every))):
        source = path.read_text(encoding="utf-8")
        for name, occurrence in draw.sample(found[path][place], len(found[path][place])):
            mutated = mutate_code(source, get_operator(name)(), occurrence)
            if mutated is None or mutated == source or not compiles(mutated):
                continue
            of_place = {
                "path": str(path.relative_to(root)),
                "line": place[0][0],
                "lines": statement(source, place),
                "operator": name,
            }
            chosen.append(of_place | {"mutated": mutated})
            break
    return chosen


def main() -> None:
    root, count, seed, *folders = sys.argv[1:]
    for folder in folders:
        json.dump(drawn(Path(root), Path(root, folder), int(count), int(seed)), sys.stdout)
        print(flush=True)


if __name__ == "__main__":
    main()
