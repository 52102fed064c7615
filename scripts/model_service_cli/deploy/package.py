"""Builds the functions' deployment packages, byte for byte the same from the same sources.

A step is a folder of functions/ with a handler.py. Its zip holds that folder and what of shared/ it imports, under
the paths they are imported by: Python sources, and the schemas that these name. Entries are sorted, dated 1980-01-01
and of mode 0644, so the bytes depend on nothing but names and contents (and, in principle, on the release of zlib).
"""

import ast
import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, write_whole

SHARED = "shared"

_DATE = (1980, 1, 1, 0, 0, 0)  # the first a zip can hold
_MODE = 0o100644
_UNIX = 3  # ZipInfo.create_system: without it the bytes would name the system that built them
_LEVEL = 9


class PackagingError(CommandError):
    """The sources are not there, or are not laid out as steps. The message is for a person."""


@dataclass(frozen=True)
class Package:
    """A built zip: its path, its size in bytes, its digest, and whether the file on disk had to change."""

    path: Path
    size: int
    sha256: str
    written: bool


def step_folders(functions: Path) -> list[Path]:
    """The steps' folders, sorted by name. Raises PackagingError where there is none."""
    steps = sorted(handler.parent for handler in functions.glob("*/handler.py"))
    if not steps:
        raise PackagingError(f"{functions} has no step: no folder in it holds a handler.py")
    if not (functions / SHARED).is_dir():
        raise PackagingError(f"{functions / SHARED} is missing: every step needs it")
    return steps


def sources(folder: Path) -> list[Path]:
    """The Python files below folder that a function needs: no tests, no caches, nothing hidden."""
    return [path for path in folder.rglob("*.py") if not _left_out(path.relative_to(folder))]


def _left_out(path: Path) -> bool:
    return path.name.startswith("test_") or any(
        part == "tests" or part.startswith(".") for part in path.parts
    )


def with_what_they_import(functions: Path, paths: list[Path]) -> list[Path]:
    """The modules, the modules of shared/ that they import, those that these import, and all their packages."""
    found: dict[Path, None] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        for parts in (name.split(".") for name in _imported_names(path.read_bytes())):
            if parts[0] == SHARED:
                packages = [functions.joinpath(*parts[: i + 1], "__init__.py") for i in range(len(parts))]
                module = functions.joinpath(*parts).with_suffix(".py")
                waiting += filter(Path.is_file, (*packages, module))
    return list(found)


@cache
def _imported_names(source: bytes) -> frozenset[str]:
    """Every name that an import statement of the module may load, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def zip_bytes(functions: Path, step: Path) -> bytes:
    """The deployment package of one step, as bytes."""
    paths = with_what_they_import(functions, sources(step))
    files = {path.relative_to(functions).as_posix(): path for path in paths}
    schemas = functions.parent / "schemas"
    for schema in schemas.glob("*.json"):
        if any(f'"{schema.name}"' in path.read_text(encoding="utf-8") for path in paths):
            files[schema.relative_to(functions.parent).as_posix()] = schema
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED, _LEVEL)
    return buffer.getvalue()


def build(functions: Path, output: Path) -> list[Package]:
    """Builds every step's zip into output. A file that already holds these bytes is left as it is."""
    packages = []
    for step in step_folders(functions):
        content = zip_bytes(functions, step)
        path = output / f"{step.name.replace('_', '-')}.zip"
        written = not path.is_file() or path.read_bytes() != content
        if written:
            write_whole(path, content)
        packages.append(Package(path, len(content), hashlib.sha256(content).hexdigest(), written))
    return packages


@click.command()
@click.option(
    "--functions",
    type=click.Path(path_type=Path),
    default=ROOT / "functions",
    help="Of the steps.",
)
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "dist", help="Of the zips.")
def package(functions: Path, output: Path) -> None:
    """Build the functions' deployment packages."""
    packages = build(functions, output)
    for built in packages:
        if built.written:
            print(f"package: {built.path.name:<24}{built.size / 1000:6.1f} kB  sha256 {built.sha256}")
    if not any(built.written for built in packages):
        print(f"package: {len(packages)} zips, unchanged")
