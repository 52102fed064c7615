"""Tries mutants in copies of the repository, each on the tests that run its line when nothing is wrong.

First the tests of its module and of the folder that mirrors its own, all of them that run the line; then the others,
the quick ones first, as many as _SECONDS_ELSEWHERE allows. A test that fails is tried once more without the mistake. A
mutant that none of these finds has survived: nothing is called found that no test has found. What is not run by a test
of its own (a constant, a default, a decorator) is tried on the whole mirror.
"""

import compileall
import hashlib
import json
import math
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
_UNIT = "tests/unit"
_BROWSER = "tests/unit/browser"  # a browser is slow, and has a will of its own
_RECORDING_SECONDS = 3000
_SECONDS_ELSEWHERE = 10  # of the processor, as they were recorded, of tests outside the mirror
_START_SECONDS = 20  # of the processor, to import and collect
_SLOWER = 4  # a mutant whose tests take so many times the recorded seconds of the processor loops
_WAITING = 30  # times as long on the clock: then they wait for something that never comes
_MEMORY_BYTES = 3 << 30  # one that asks for more is found: the test ends with MemoryError
_NOTHING_COLLECTED = 5
_IMPORTED = [
    "pytest",
    "hypothesis.strategies",
    "numpy",
    "boto3",
    "moto.s3.models",
    "jsonschema",
    "sklearn.metrics",
]


class UnsoundError(Exception):
    """Nothing can be said about mutants. The message is one line for a person."""


@dataclass(frozen=True)
class Mutant:
    """A module with one mistake.

    path: below the repository; line: of the mistake; lines: first and last of its statement, None where it runs as the
    module is imported; mutated: its whole source.
    """

    path: str
    line: int
    lines: tuple[int, int] | None
    operator: str
    mutated: str

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)


@dataclass(frozen=True)
class RecordedTest:
    """seconds: of the processor; lines: of each module that it ran, ascending."""

    seconds: float
    lines: Mapping[str, Sequence[int]]

    def runs(self, mutant: Mutant) -> bool:
        if mutant.lines is None:
            return mutant.path in self.lines
        first, last = mutant.lines
        return any(first <= line <= last for line in self.lines.get(mutant.path, ()))


def mirror(path: str) -> tuple[str, str]:
    """The tests of a module, and the folder of tests that mirrors its folder."""
    module = Path(path).relative_to("functions")
    folder = f"{_UNIT}/{module.parent}"
    return f"{folder}/test_{module.stem}.py", folder


def near_and_far(mutant: Mutant, recorded: Mapping[str, RecordedTest]) -> tuple[list[str], list[str]]:
    """Tests of the mirror, those of the module first; and tests elsewhere within their seconds. Quick ones first."""
    module, folder = mirror(mutant.path)
    running = {test: of for test, of in recorded.items() if of.runs(mutant)}
    mirroring = recorded if mutant.lines is None or not running else running
    near = {test: of for test, of in mirroring.items() if folder_of(test) == folder}
    far = {test: of for test, of in running.items() if folder_of(test) != folder}
    return in_order(near, module), in_order(within(far, _SECONDS_ELSEWHERE), module)


def file_of(test: str) -> str:
    return test.partition("::")[0]


def folder_of(test: str) -> str:
    return file_of(test).rpartition("/")[0]


def within(tests: Mapping[str, RecordedTest], seconds: float) -> dict[str, RecordedTest]:
    """The quickest tests that take no more together."""
    chosen = {}
    for test in sorted(tests, key=lambda test: (tests[test].seconds, test)):
        seconds -= tests[test].seconds
        if seconds < 0:
            break
        chosen[test] = tests[test]
    return chosen


def in_order(tests: Mapping[str, RecordedTest], first: str) -> list[str]:
    """File by file, as fixtures are shared in a file: the named one, then the one with the quickest tests."""
    files: dict[str, list[str]] = {}
    for test in sorted(tests, key=lambda test: (tests[test].seconds, test)):
        files.setdefault(file_of(test), []).append(test)

    def mean(file: str) -> float:
        return sum(tests[test].seconds for test in files[file]) / len(files[file])

    order = sorted(files, key=lambda file: (file != first, mean(file), file))
    return [test for file in order for test in files[file]]


def finder(mutant: Mutant, copy: Path, recorded: Mapping[str, RecordedTest]) -> str | None:
    """The test that finds a mutant, or why it ended; None: it survived."""
    target = copy / mutant.path
    sound = target.read_text(encoding="utf-8")
    for tests in near_and_far(mutant, recorded):
        seconds = _START_SECONDS + _SLOWER * sum(recorded[test].seconds for test in tests)
        try:
            target.write_text(mutant.mutated, encoding="utf-8")
            found = failure(tests, copy, seconds) if tests else None
        finally:
            target.write_text(sound, encoding="utf-8")
        # A test that fails without the mistake now has not found it.
        if found and not (found in recorded and failure([found], copy, seconds)):
            return found
    return None


def failure(tests: Sequence[str], copy: Path, seconds: float) -> str | None:
    """The first of the tests that fails, or why they ended."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, found = Path(folder, "tests.json"), Path(folder, "found")
        wanted.write_text(json.dumps(list(tests)), encoding="utf-8")
        files = list(dict.fromkeys(map(file_of, tests)))
        # A test that waits is not what fails: the processor's time is counted, however busy the machine is.
        status = pytest(
            ["-x", "--timeout=0", *files],
            copy,
            seconds,
            {"MUTANTS_TESTS": str(wanted), "MUTANTS_FOUND": str(found)},
        )
        if status in (0, _NOTHING_COLLECTED):
            return None
        if found.exists():
            return found.read_text(encoding="utf-8")
        return (
            "does not end" if status is None else "ends the process" if status < 0 else "cannot be imported"
        )


def recording(copy: Path) -> tuple[dict[str, RecordedTest], list[str]]:
    """The unit tests that pass on the sources as they are, each with its lines; and those that fail.

    What a file of tests ran is kept as long as it, functions/ and what tests share do not change.
    """
    kept = {file: ROOT / "tmp" / "mutants" / f"{key}.json" for file, key in keys(copy).items()}
    missing = [file for file, place in kept.items() if not place.exists()]
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder, "record.json")
            status = pytest(
                ["--timeout=0", *missing], copy, _RECORDING_SECONDS, {"MUTANTS_RECORD": str(record)}
            )
            if status not in (0, 1) or not record.exists():
                raise UnsoundError("the unit tests do not end on the sources as they are")
            found = json.loads(record.read_text(encoding="utf-8"))
        for file in missing:
            kept[file].parent.mkdir(parents=True, exist_ok=True)
            of_file = {name: value for name, value in found["tests"].items() if file_of(name) == file}
            failed = [name for name in found["failed"] if file_of(name) == file]
            kept[file].write_text(json.dumps({"tests": of_file, "failed": failed}), encoding="utf-8")
    documents = [json.loads(place.read_text(encoding="utf-8")) for place in kept.values()]
    tests = {name: RecordedTest(**of) for each in documents for name, of in each["tests"].items()}
    return tests, [name for each in documents for name in each["failed"]]


def keys(copy: Path) -> dict[str, str]:
    """Each file of unit tests, with a digest of everything that decides what its tests run."""
    sources = {path.relative_to(copy): path.read_bytes() for path in sorted((copy / _UNIT).rglob("*.py"))}
    sources |= {
        path.relative_to(copy): path.read_bytes() for path in sorted((copy / "functions").rglob("*.py"))
    }
    tests = [path for path in sources if path.name.startswith("test_") and path.is_relative_to(_UNIT)]
    files = [path for path in tests if not path.is_relative_to(_BROWSER)]
    shared = hashlib.sha256()
    for path, content in sources.items():
        if path not in tests:
            shared.update(f"{path}\0{len(content)}\0".encode() + content)
    return {
        str(path): hashlib.sha256(shared.digest() + str(path).encode() + sources[path]).hexdigest()[:16]
        for path in files
    }


def pytest(arguments: Sequence[str], copy: Path, seconds: float, settings: Mapping[str, str]) -> int | None:
    """The status that pytest ends with; None: it did not within the seconds of the processor, or waits for ever."""
    process = _context().Process(target=_pytest, args=(arguments, copy, math.ceil(seconds), settings))
    process.start()
    process.join(_WAITING * seconds)
    if process.exitcode is None:
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    return None if process.exitcode in (-signal.SIGKILL, -signal.SIGXCPU) else process.exitcode


@cache
def _context() -> ForkServerContext:
    """Processes that have imported already what all tests import and no mutant changes."""
    os.environ["PYTHONHASHSEED"] = "0"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def _pytest(arguments: Sequence[str], copy: Path, seconds: int, settings: Mapping[str, str]) -> None:
    """What `python -m pytest` does in a copy, quietly and within bounds."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.chdir(copy)
    for name in [name for name in os.environ if name.startswith("MUTANTS_")]:
        del os.environ[name]
    # The environment of the tests finds the repository's modules; here it must find the copy's.
    paths = [str(copy / folder) for folder in ("functions", "scripts", "benchmarks")]
    os.environ.update(settings, PYTHONPATH=os.pathsep.join(paths), PYTHONDONTWRITEBYTECODE="1")
    sys.dont_write_bytecode = True
    sys.path[:0] = paths
    import pytest

    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "mutants.recording", *arguments]))


def copied(target: Path) -> Path:
    """A copy of what git would keep of the repository as it stands."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    compileall.compile_dir(target / "functions", quiet=2)  # nothing is compiled anew but a mutant
    return target


def tried(
    mutants: Sequence[Mutant], recorded: Mapping[str, RecordedTest], copies: Sequence[Path]
) -> Iterator[tuple[Mutant, str | None]]:
    """Each mutant with what found it; as many at once as there are copies."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(mutant: Mutant) -> str | None:
        copy = free.get()
        try:
            return finder(mutant, copy, recorded)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from zip(mutants, pool.map(attempt, mutants), strict=True)
