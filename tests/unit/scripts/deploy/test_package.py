"""The deployment packages: what is in them, and that equal sources give equal bytes."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from model_service_cli.command_line import main
from model_service_cli.deploy import package

FUNCTIONS = package.ROOT / "functions"


@pytest.fixture
def functions(tmp_path):
    """A small tree of functions with everything around it that must stay out of a package."""
    root = tmp_path / "functions"
    for name in (
        "shared/__init__.py",
        "shared/storage.py",
        "shared/room/__init__.py",
        "shared/room/table.py",
        "shared/for_nobody.py",
        "shared/__pycache__/storage.cpython-313.pyc",
        "first_step/__init__.py",
        "first_step/handler.py",
        "first_step/detail/rows.py",
        "first_step/test_handler.py",
        "first_step/tests/test_rows.py",
        "first_step/.cache/copy.py",
        "first_step/notes.md",
        "second_step/handler.py",
        "no_step/helper.py",
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    (root / "first_step/handler.py").write_text("from shared.room import table\n")
    (root / "second_step/handler.py").write_text("import shared.storage\n")
    (root / "shared/room/table.py").write_text("def table():\n    from shared import storage\n")
    return root


def contents(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_each_step_becomes_a_zip_of_its_own_folder_and_what_of_shared_it_imports(functions, tmp_path):
    packages = package.build(functions, tmp_path / "dist")

    assert {built.path.name: contents(built.path) for built in packages} == {
        "first-step.zip": [
            "first_step/__init__.py",
            "first_step/detail/rows.py",
            "first_step/handler.py",
            "shared/__init__.py",
            "shared/room/__init__.py",
            "shared/room/table.py",
            "shared/storage.py",
        ],
        "second-step.zip": ["second_step/handler.py", "shared/__init__.py", "shared/storage.py"],
    }


def test_entries_hold_the_sources_with_a_fixed_date_and_mode(functions, tmp_path):
    built = package.build(functions, tmp_path / "dist")[0]

    with zipfile.ZipFile(built.path) as archive:
        assert archive.read("first_step/detail/rows.py") == b"# first_step/detail/rows.py\n"
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644
            assert entry.create_system == 3
            assert entry.compress_type == zipfile.ZIP_DEFLATED
            assert not entry.extra


def test_a_schema_that_a_module_names_lies_beside_the_step(functions):
    schemas = functions.parent / "schemas"
    schemas.mkdir()
    for name in ("wanted.json", "other.json"):
        (schemas / name).write_text("{}")
    (functions / "first_step/detail/rows.py").write_text('SCHEMA = "wanted.json"\n')

    archives = [
        zipfile.ZipFile(io.BytesIO(package.zip_bytes(functions, functions / step)))
        for step in ("first_step", "second_step")
    ]

    assert [[name for name in one.namelist() if name.endswith(".json")] for one in archives] == [
        ["schemas/wanted.json"],
        [],
    ]


def test_the_bytes_depend_on_names_and_contents_alone(functions, tmp_path):
    first = package.zip_bytes(functions, functions / "first_step")

    moved = tmp_path / "elsewhere" / "clone"
    for file in sorted(functions.rglob("*.py"), reverse=True):  # another path, another order of creation
        copy = moved / file.relative_to(functions)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
        copy.chmod(0o755)
        os.utime(copy, (0, 0))

    assert package.zip_bytes(moved, moved / "first_step") == first


def test_another_content_gives_other_bytes(functions):
    first = package.zip_bytes(functions, functions / "first_step")
    (functions / "shared/storage.py").write_text("# changed\n")

    assert package.zip_bytes(functions, functions / "first_step") != first


def test_a_zip_that_is_current_is_not_written_again(functions, tmp_path):
    dist = tmp_path / "dist"
    before = package.build(functions, dist)
    os.utime(dist / "first-step.zip", (1, 1))

    after = package.build(functions, dist)

    assert [built.written for built in before] == [True, True]
    assert [built.written for built in after] == [False, False]
    assert (dist / "first-step.zip").stat().st_mtime == 1

    (functions / "first_step/handler.py").write_text("# changed\n")
    assert [built.written for built in package.build(functions, dist)] == [True, False]


def test_a_damaged_zip_is_written_again(functions, tmp_path):
    built = package.build(functions, tmp_path / "dist")[0]
    built.path.write_bytes(b"half")

    assert package.build(functions, tmp_path / "dist")[0] == built


def test_size_and_digest_are_those_of_the_file(functions, tmp_path):
    for built in package.build(functions, tmp_path / "dist"):
        content = built.path.read_bytes()
        assert (built.size, built.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_tree_without_steps_is_refused(tmp_path):
    with pytest.raises(package.PackagingError, match=r"no folder in it holds a handler\.py"):
        package.build(tmp_path, tmp_path / "dist")


def test_a_tree_without_the_shared_package_is_refused(tmp_path):
    (tmp_path / "step").mkdir()
    (tmp_path / "step/handler.py").touch()

    with pytest.raises(package.PackagingError, match="shared is missing"):
        package.build(tmp_path, tmp_path / "dist")


def test_the_command_prints_a_line_for_each_package(functions, tmp_path, capsys):
    arguments = ["--functions", str(functions), "--output", str(tmp_path / "dist")]

    assert main(["package", *arguments]) == 0
    assert main(["package", *arguments]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["first-step.zip", "second-step.zip"]
    assert lines[2:] == ["package: 2 zips, unchanged"]


def test_the_command_says_in_one_line_what_is_wrong(tmp_path, capsys):
    assert main(["package", "--functions", str(tmp_path), "--output", str(tmp_path / "dist")]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("package: ")
    assert captured.err.count("\n") == 1


def test_the_repository_has_the_three_steps():
    assert [step.name for step in package.step_folders(FUNCTIONS)] == [
        "fetch_and_validate",
        "publish_artifact",
        "summarize",
    ]


@pytest.mark.parametrize("step", ["fetch_and_validate", "summarize", "publish_artifact"])
def test_a_package_of_the_repository_is_small_and_holds_its_step_and_shared_alone(step):
    content = package.zip_bytes(FUNCTIONS, FUNCTIONS / step)

    # Summarize holds every family of models, PublishArtifact the card, and both the schemas.
    most = {"fetch_and_validate": 120_000, "summarize": 300_000, "publish_artifact": 130_000}
    assert len(content) < most[step]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    named = ("artifact.1.schema.json", "artifact.2.schema.json", "artifact.schema.json")
    schemas = set() if step == "fetch_and_validate" else {f"schemas/{name}" for name in named}
    assert {name for name in names if name.split("/")[0] not in (step, "shared")} == schemas
    assert f"{step}/handler.py" in names
    assert names == sorted(names)
    assert all(name.endswith(".py") for name in names if name not in schemas)
