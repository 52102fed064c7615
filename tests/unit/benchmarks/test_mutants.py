"""make mutants: which tests a mutant is tried on, what is told of it, and that its place is as it was."""

from collections import Counter
from pathlib import Path

import pytest

from mutants import __main__ as mutants
from mutants.__main__ import Mutant, folders_of_functions, is_found, nearest_tests, rates


def of(path: str, mutated: str = "") -> Mutant:
    return Mutant(path, 1, "core/AddNot", mutated)


def test_the_nearest_tests_come_first():
    assert nearest_tests("functions/shared/model/blend.py") == [
        Path("tests/unit/shared/model/test_blend.py"),
        Path("tests/unit/shared/model"),
        Path("tests/unit"),
    ]
    assert nearest_tests("functions/shared/model/gaussian/design.py") == [
        Path("tests/unit/shared/model/gaussian"),
        Path("tests/unit"),
    ]


def test_every_folder_with_a_module_is_sampled():
    folders = folders_of_functions()
    assert {"functions/summarize", "functions/shared", "functions/publish_artifact/card"} <= set(folders)
    assert all(list(Path(mutants.ROOT, folder).glob("*.py")) for folder in folders)


@pytest.mark.parametrize("passing", [[True, False], [True, True]])
def test_a_mutant_survives_where_every_place_passes_and_the_source_is_put_back(
    passing, tmp_path, monkeypatch
):
    path = "functions/shared/model/gaussian/design.py"
    target = tmp_path / path
    target.parent.mkdir(parents=True)
    target.write_text("sound")
    seen = []

    def passes(place: Path, copy: Path, seconds: float) -> bool:
        seen.append((str(place), (copy / path).read_text(), seconds))
        return passing[len(seen) - 1]

    monkeypatch.setattr(mutants, "passes", passes)
    assert is_found(of(path, "mutated"), tmp_path) is not all(passing)
    assert seen == [("tests/unit/shared/model/gaussian", "mutated", 400), ("tests/unit", "mutated", 1500)]
    assert target.read_text() == "sound"


def test_the_rate_is_told_for_each_folder_and_for_all():
    tried = [of("functions/a/x.py"), of("functions/a/y.py"), of("functions/b/z.py")]
    lines = [line.split() for line in rates(Counter({"functions/a": 1, "functions/b": 1}), tried)]
    assert lines == [
        ["functions/a", "1", "of", "2", "50.0%"],
        ["functions/b", "1", "of", "1", "100.0%"],
        ["all", "2", "of", "3", "66.7%"],
    ]


@pytest.mark.parametrize(
    ("content", "sound"), [("assert 1", True), ("assert 0", False), ("while 1: pass", False)]
)
def test_tests_that_fail_or_do_not_end_find_a_mutant(content, sound, tmp_path):
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    {content}\n")
    assert mutants.passes(Path("test_it.py"), tmp_path, 60 if "while" not in content else 2) is sound
