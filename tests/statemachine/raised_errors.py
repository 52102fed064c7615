"""Which of our named errors a function can raise, read from the source: the exception flow of the steps.

What a function refers to, it may call; an error class that it calls, raises, passes on or has as a default may
be raised. A `try` takes away what it catches, unless the handler raises it again. This finds rather too much
than too little: what it finds too much is listed where it is used, with the reason.
"""

import ast
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

from model_service_cli.deploy.package import sources, with_what_they_import
from shared import errors

FUNCTIONS = Path(inspect.getfile(errors)).parents[1]
ERRORS = {
    name
    for name, value in inspect.getmembers(errors, inspect.isclass)
    if value.__module__ == errors.__name__ and value is not errors.PermanentError
}
PERMANENT = {name for name in ERRORS if issubclass(getattr(errors, name), errors.PermanentError)}
# A method of the storage is one only on these: `text.replace` and `stored.read` are others.
STORAGE_NAMES = {"store", "storage", "self"}

Function = ast.FunctionDef


class Source:
    """The functions of one step and of what it imports, by name; methods also as `Class.method`."""

    def __init__(self, step: str, folder: Path = FUNCTIONS) -> None:
        self._named: dict[str, list[Function]] = {}
        self._methods: dict[str, list[Function]] = {}
        self._storage: set[str] = set()
        self._found: dict[int, set[str]] = {}
        for path in sorted(with_what_they_import(folder, sources(folder / step))):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, Function):
                    self._named.setdefault(node.name, []).append(node)
                elif isinstance(node, ast.ClassDef):
                    self._add_class(node)

    def _add_class(self, node: ast.ClassDef) -> None:
        for method in node.body:
            if not isinstance(method, Function):
                continue
            self._named.setdefault(f"{node.name}.{method.name}", []).append(method)
            self._methods.setdefault(method.name, []).append(method)
            if method.name.startswith("__"):  # called by the language, once there is an instance
                self._named.setdefault(node.name, []).append(method)
            if node.name == "Storage":
                self._storage.add(method.name)

    def errors_of(self, entries: Iterable[str]) -> set[str]:
        """The names of all errors that these functions (`name` or `Class.name`) can raise."""
        found = set()
        for entry in entries:
            for function in self._named[entry]:
                found |= self._errors_in(function)
        return found

    def _errors_in(self, function: Function) -> set[str]:
        if id(function) not in self._found:
            self._found[id(function)] = set()  # ends a recursion
            defaults = [default for default in function.args.kw_defaults if default]
            self._found[id(function)] = self._escaping([*function.args.defaults, *defaults, *function.body])
        return self._found[id(function)]

    def _escaping(self, nodes: Iterable[ast.AST]) -> set[str]:
        found = set()
        for node in nodes:
            if isinstance(node, ast.Try):
                found |= self._escaping_try(node)
            elif not _only_looks(node):
                found |= self._referred(node) | self._escaping(_children(node))
        return found

    def _escaping_try(self, node: ast.Try) -> set[str]:
        left = self._escaping(node.body)
        found = self._escaping([*node.orelse, *node.finalbody])
        for handler in node.handlers:
            names = _names_in(handler.type)
            caught = PERMANENT if "PermanentError" in names else names & ERRORS
            if not _raises_again(handler):
                left -= caught
            found |= self._escaping(handler.body)
        return found | left

    def _referred(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Name):
            if node.id in ERRORS:
                return {node.id}
            functions = self._named.get(node.id, [])
        elif isinstance(node, ast.Attribute):
            receiver = node.value.id if isinstance(node.value, ast.Name) else None
            if node.attr in self._storage and receiver not in STORAGE_NAMES:
                return set()
            functions = self._named.get(f"{receiver}.{node.attr}") or self._methods.get(node.attr, [])
        else:
            return set()
        return set().union(*map(self._errors_in, functions))


def entries_of(step: str, folder: Path = FUNCTIONS) -> set[str]:
    """What a step's handler refers to, as `name` and `Class.name`."""
    tree = ast.parse((folder / step / "handler.py").read_text())
    handler = next(node for node in tree.body if isinstance(node, Function) and node.name == "handler")
    found = set()
    for node in ast.walk(ast.Module(handler.body, [])):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
    return found


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Without annotations: a class named in one is neither made nor raised."""
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns"):
            yield from (child for child in (value if isinstance(value, list) else [value]) if _is_node(child))


def _is_node(value: object) -> bool:
    return isinstance(value, ast.AST)


def _only_looks(node: ast.AST) -> bool:
    """`isinstance(x, SomeError)` and `SomeError.__name__` look at an error and raise none."""
    is_check = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
    return is_check or (isinstance(node, ast.Attribute) and node.attr == "__name__")


def _names_in(node: ast.expr | None) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} if node else set()


def _raises_again(handler: ast.ExceptHandler) -> bool:
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            same = isinstance(node.exc, ast.Name) and node.exc.id == handler.name
            if node.exc is None or same:
                return True
    return False
