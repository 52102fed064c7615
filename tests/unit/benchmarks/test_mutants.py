"""make mutants: which tests a mutant is tried on, what is told of it, and that its place is as it was."""

from collections import Counter
from pathlib import Path

import pytest

from mutants import __main__ as mutants
from mutants import trials
from mutants.__main__ import equivalent, folders_of_functions, rates, why_equivalent
from mutants.trials import Mutant, RecordedTest, finder, near_and_far, recording, within

PATH = "functions/shared/model/gaussian/design.py"
MIRROR = "tests/unit/shared/model/gaussian/"


def of(path: str, mutated: str = "", lines: tuple[int, int] | None = (3, 4)) -> Mutant:
    return Mutant(path, 3, lines, "core/AddNot", mutated)


def running(*lines: int, seconds: float = 1.0, path: str = PATH) -> RecordedTest:
    return RecordedTest(seconds, {path: lines})


def test_a_mutant_is_tried_on_every_test_of_the_mirror_that_runs_its_statement_its_own_first():
    recorded = {
        f"{MIRROR}test_design.py::test_slow": running(1, 3, seconds=9),
        f"{MIRROR}test_design.py::test_quick": running(4, seconds=2),
        f"{MIRROR}test_design.py::test_of_another_line": running(1, 2, 5),
        f"{MIRROR}test_moments.py::test_far": running(3, seconds=0),
        "tests/unit/summarize/test_final.py::test_it": running(3, seconds=4),
        "tests/unit/summarize/test_final.py::test_long": running(3, seconds=trials._SECONDS_ELSEWHERE),
        "tests/unit/summarize/test_final.py::test_other": running(3, path="functions/shared/exact.py"),
    }
    assert near_and_far(of(PATH), recorded) == (
        [
            f"{MIRROR}test_design.py::test_quick",
            f"{MIRROR}test_design.py::test_slow",
            f"{MIRROR}test_moments.py::test_far",
        ],
        ["tests/unit/summarize/test_final.py::test_it"],
    )


@pytest.mark.parametrize("lines", [None, (90, 91)], ids=["runs at import", "no test runs it"])
def test_a_line_that_no_test_runs_is_tried_on_the_whole_mirror(lines):
    recorded = {
        f"{MIRROR}test_moments.py::test_far": running(3, path="functions/shared/exact.py"),
        "tests/unit/summarize/test_final.py::test_it": running(3),
    }
    near, far = near_and_far(of(PATH, lines=lines), recorded)
    assert near == [f"{MIRROR}test_moments.py::test_far"]
    assert far == (["tests/unit/summarize/test_final.py::test_it"] if lines is None else [])


def test_the_quickest_tests_are_taken_within_the_seconds():
    tests = {"a": running(seconds=3), "b": running(seconds=1), "c": running(seconds=2)}
    assert list(within(tests, 3.0)) == ["b", "c"]


@pytest.mark.parametrize(
    ("answers", "by", "tries"),
    [
        ([None, None], None, ["near mutated", "far mutated"]),
        (["near", None], "near", ["near mutated", "near sound"]),
        ([None, "far", None], "far", ["near mutated", "far mutated", "far sound"]),
        (["near", "near", None], None, ["near mutated", "near sound", "far mutated"]),
        (["does not end"], "does not end", ["near mutated"]),
    ],
    ids=["survives", "near", "far", "fails without it too", "loops"],
)
def test_a_mutant_is_found_by_a_test_that_fails_with_it_and_passes_without(
    answers, by, tries, tmp_path, monkeypatch
):
    target = tmp_path / PATH
    target.parent.mkdir(parents=True)
    target.write_text("sound")
    near, far = f"{MIRROR}test_design.py::test_near", "tests/unit/summarize/test_final.py::test_far"
    names = {"near": near, "far": far}
    seen = []

    def failure(tests: list[str], copy: Path, seconds: float) -> str | None:
        (test,) = tests
        seen.append(f"{test.rpartition('_')[2]} {(copy / PATH).read_text()}")
        answer = answers[len(seen) - 1]
        return names.get(answer, answer)

    monkeypatch.setattr(trials, "failure", failure)
    found = finder(of(PATH, "mutated"), tmp_path, {near: running(3), far: running(4)})
    assert found == names.get(by, by)
    assert seen == tries
    assert target.read_text() == "sound"


def test_the_rate_is_told_for_each_folder_and_for_all():
    found = Counter({"functions/a": 1, "functions/b": 1})
    lines = [line.split() for line in rates(found, Counter({"functions/a": 2, "functions/b": 1}))]
    assert lines == [
        ["functions/a", "1", "of", "2", "50.0%"],
        ["functions/b", "1", "of", "1", "100.0%"],
        ["all", "2", "of", "3", "66.7%"],
    ]


def test_every_folder_with_a_module_is_sampled():
    folders = folders_of_functions()
    assert {"functions/summarize", "functions/shared", "functions/publish_artifact/card"} <= set(folders)
    assert all(list(Path(mutants.ROOT, folder).glob("*.py")) for folder in folders)


def test_what_is_called_equivalent_names_a_line_that_is_there_and_says_why():
    modules = "\n".join(path.read_text("utf-8") for path in (mutants.ROOT / "functions").rglob("*.py"))
    assert all(kind["before"] in modules for kind in equivalent()["kind"])
    for one in equivalent().get("mutant", []):
        lines = [line.strip() for line in (mutants.ROOT / one["path"]).read_text("utf-8").splitlines()]
        assert set(one["before"].split("\n")) <= set(lines), one
    for reason in [each["reason"] for each in [*equivalent()["kind"], *equivalent().get("mutant", [])]]:
        assert len(reason.split()) > 4


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("zip(a, b, strict=True)", "zip(a, b, strict=False)", True),
        ("zip(a, b, strict=True)", "zip(b, b, strict=True)", False),
        ("zip(a, b, strict=True)", "zip(b, b, strict=False)", False),
        ("f(1, strict=True, deep=True)", "f(1, strict=True, deep=False)", False),
        ("LIMIT = 3", "LIMIT = 4", True),
        ("LIMIT = 3", "LIMIT = 5", False),
    ],
)
def test_only_the_change_that_is_named_is_equivalent(before, after, said, tmp_path, monkeypatch):
    (tmp_path / "m.py").write_text(f"x = 1\n    {before}\n")
    known = equivalent() | {
        "mutant": [
            {"path": "m.py", "before": "LIMIT = 3", "after": "LIMIT = 4", "reason": "nobody asks for it"}
        ]
    }
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "equivalent", lambda: known)
    assert (why_equivalent(of("m.py", f"x = 1\n    {after}\n")) is not None) is said


REPOSITORY = {
    "functions/shared/__init__.py": "",
    "functions/shared/sums.py": """
LIMIT = 3
def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return min(result, LIMIT)
def unused():
    return 1
""",
    "tests/unit/conftest.py": """
import pytest
from shared.sums import unused
@pytest.fixture(scope="session")
def one():
    return unused()
""",
    "tests/unit/shared/test_sums.py": """
from shared.sums import total
def test_nothing():
    assert total([]) == 0
def test_two():
    assert total([1, 1]) == 2
def test_wrong():
    assert total([1]) == 5
def test_first_with_it(one):
    assert one
def test_second_with_it(one):
    assert one
""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A repository with one module, its recorded tests, and those that fail."""
    root = tmp_path_factory.mktemp("small")
    for name, content in REPOSITORY.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "benchmarks").symlink_to(trials.ROOT / "benchmarks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "ROOT", root)
        patch.setattr(trials, "_IMPORTED", ["pytest"])
        return root, *recording(root)


def test_each_test_is_recorded_with_the_lines_that_it_runs_also_by_a_shared_fixture(small):
    _, recorded, failing = small
    lines = {test.partition("::")[2]: of.lines for test, of in recorded.items()}
    assert lines == {
        "test_nothing": {"functions/shared/sums.py": [4, 5, 7]},
        "test_two": {"functions/shared/sums.py": [4, 5, 6, 7]},
        "test_first_with_it": {"functions/shared/sums.py": [9]},
        "test_second_with_it": {"functions/shared/sums.py": [9]},
    }
    assert failing == ["tests/unit/shared/test_sums.py::test_wrong"]


@pytest.mark.parametrize(
    ("before", "after", "lines", "by"),
    [
        ("result += number", "result -= number", (6, 6), "tests/unit/shared/test_sums.py::test_two"),
        ("LIMIT = 3", "LIMIT = 1", None, "tests/unit/shared/test_sums.py::test_two"),
        ("LIMIT = 3", "LIMIT = 4", None, None),
        ("LIMIT = 3", "LIMIT = 3 / 0", None, "cannot be imported"),
        ("return 1", "return 2", (9, 9), None),
    ],
)
def test_a_mistake_is_found_by_a_test_that_fails_on_it(before, after, lines, by, small):
    root, recorded, _ = small
    path = "functions/shared/sums.py"
    mutant = of(path, REPOSITORY[path].replace(before, after), lines)
    assert finder(mutant, root, recorded) == by


def test_a_mistake_that_never_ends_is_found(small, monkeypatch):
    root, recorded, _ = small
    monkeypatch.setattr(trials, "_START_SECONDS", 3)
    path = "functions/shared/sums.py"
    looping = REPOSITORY[path].replace("result += number", "while True: pass")
    assert finder(of(path, looping, (6, 6)), root, recorded) == "does not end"
