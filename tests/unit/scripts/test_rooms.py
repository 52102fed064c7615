"""The rooms of the command line, read from the imports: which may know which, and what a module looks like."""

import ast
import re
from pathlib import Path

import pytest

from model_service_cli.files import ROOT

SCRIPTS = ROOT / "scripts"
PACKAGE = SCRIPTS / "model_service_cli"
# Who may know whom beside what lies on the ground floor (door, files, documents, cloud), which knows the terminal.
KNOWS = {
    "terminal": set(),
    "deploy": {"terminal"},
    "runs": {"terminal", "models"},
    "models": {"terminal"},
    "predict": {"terminal", "runs", "models"},
    "trace": {"terminal", "runs", "models"},
    "pipeline": {"terminal", "deploy", "runs", "models", "trace", "report"},
    "report": {"terminal", "runs", "models", "trace"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
LINES = 250


def rooms_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = (name.split(".") for name in names if name.startswith("model_service_cli."))
    return {part[1] for part in parts} & KNOWS.keys()


def test_the_rooms_are_all_there_are():
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == KNOWS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_knows_the_floor_below_it_alone(path):
    room = path.parent.name if path.parent != PACKAGE else ""
    assert rooms_of(path) <= KNOWS.get(room, {"terminal"}) | {room}


@pytest.mark.parametrize(
    "path", sorted(SCRIPTS.glob("*/**/*.py")), ids=lambda path: path.relative_to(SCRIPTS).as_posix()
)
def test_a_module_says_what_it_is_for_and_stays_readable(path):
    text = path.read_text()
    if "tests" in path.parts:
        return
    said = ast.get_docstring(ast.parse(text))
    assert said
    assert len(text.splitlines()) <= LINES or f"over {LINES} lines" in said


def test_nothing_edits_the_import_path():
    """setup.sh tells the environment where the packages are, pyproject.toml tells the tests."""
    folders = ("functions", "scripts", "tests", "benchmarks", "docs", "data", "explore")
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    edits = re.compile(r"sys\.path(\.(append|insert|extend|remove|pop)\b|\[[^]]*\] *=|\s*[+]?=[^=])")
    mutants = ROOT / "benchmarks/mutants/trials.py"  # tries a copy of the repository in place of this one
    assert [path for path in paths if edits.search(path.read_text())] == [mutants]
