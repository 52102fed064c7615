"""Seeded mistakes in functions/, and how many of them the unit tests find: `make mutants`.

Each mutant is tried in a copy of the repository, on the tests of its module, then of its folder, then on all unit
tests: it survives where none of them fails. FOLDERS, COUNT (in each folder) and SEED choose a part.
"""

import argparse
import difflib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
_SAMPLER = ROOT / ".venv-mutants" / "bin" / "python"
_SECONDS = (
    120,
    400,
    1500,
)  # for the tests of a module, of a folder, and all; a mutant that takes longer loops
_WANTED = 0.9


class UnsoundError(Exception):
    """Nothing can be said about mutants. The message is one line for a person."""


@dataclass(frozen=True)
class Mutant:
    """A module with one mistake. path: below the repository; mutated: its whole source."""

    path: str
    line: int
    operator: str
    mutated: str

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    def difference(self) -> str:
        before = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        changed = difflib.unified_diff(before, self.mutated.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in list(changed)[2:] if not line.startswith("@@"))


def nearest_tests(path: str) -> list[Path]:
    """What may find a mistake in a module, the nearest first: its own tests, its folder's, all unit tests."""
    unit = Path("tests", "unit")
    module = Path(path).relative_to("functions")
    folder = unit / module.parent
    found = [folder / f"test_{module.stem}.py", folder, unit]
    return [place for place in found if (ROOT / place).exists()]


def is_found(mutant: Mutant, copy: Path) -> bool:
    """Whether a test fails, or does not end, on the mutant."""
    target = copy / mutant.path
    sound = target.read_text(encoding="utf-8")
    target.write_text(mutant.mutated, encoding="utf-8")
    try:
        places = nearest_tests(mutant.path)
        return any(
            not passes(place, copy, seconds)
            for place, seconds in zip(places, _SECONDS[-len(places) :], strict=True)
        )
    finally:
        target.write_text(sound, encoding="utf-8")


def passes(place: Path, copy: Path, seconds: float) -> bool:
    """Whether all tests in a place pass within the time."""
    command = [PYTHON, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", place]
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",
        # The environment of the tests finds the repository's modules; here it must find the copy's.
        "PYTHONPATH": os.pathsep.join([str(copy / "functions"), str(copy / "scripts")]),
    }
    with subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False


def sampled(folders: Sequence[str], count: int, seed: int) -> Iterator[Mutant]:
    command = [_SAMPLER, Path(__file__).with_name("sample.py"), ROOT, str(count), str(seed), *folders]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield from (Mutant(**one) for one in json.loads(line))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def folders_of_functions() -> list[str]:
    """Every folder of functions/ with a module in it."""
    modules = (ROOT / "functions").rglob("*.py")
    return sorted({str(path.parent.relative_to(ROOT)) for path in modules if path.name != "__init__.py"})


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
    return target


def tried(mutants: Sequence[Mutant], workers: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether it was found; a copy of the repository for each worker."""
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(workers) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            copies.put(copied(Path(scratch, str(number))))
        copies.put(first := copies.get())
        if not passes(Path("tests", "unit"), first, _SECONDS[-1]):
            raise UnsoundError(
                "the unit tests fail on the sources as they are: then they fail on every mutant"
            )

        def attempt(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return is_found(mutant, copy)
            finally:
                copies.put(copy)

        yield from zip(mutants, pool.map(attempt, mutants), strict=True)


def rates(found: Counter[str], mutants: Sequence[Mutant]) -> Iterator[str]:
    """A line for each folder, and one for all."""
    total = Counter(mutant.folder for mutant in mutants)
    for folder in [*sorted(total), ""]:
        of_folder, caught = (total[folder], found[folder]) if folder else (total.total(), found.total())
        yield f"{folder or 'all':<44} {caught:>4} of {of_folder:<4} {caught / of_folder:6.1%}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", default="", help="of functions/, all without")
    parser.add_argument("--count", default="", help="mutants of each folder, 10 without")
    parser.add_argument("--seed", default="", help="of the sample, 1 without")
    arguments = parser.parse_args()
    every = folders_of_functions()
    chosen = arguments.folders.split() or every
    if unknown := [folder for folder in chosen if folder not in every]:
        print(f"mutants: FOLDERS names {unknown[0]!r}; there are {' '.join(every)}", file=sys.stderr)
        return 2
    mutants = list(sampled(chosen, int(arguments.count or 10), int(arguments.seed or 1)))
    found: Counter[str] = Counter()
    try:
        for mutant, caught in tried(mutants, os.cpu_count() or 1):
            found[mutant.folder] += caught
            word = "found" if caught else "SURVIVED"
            print(
                f"{word:<9} {mutant.path}:{mutant.line} {mutant.operator.removeprefix('core/')}", flush=True
            )
            if not caught:
                print(mutant.difference(), flush=True)
    except UnsoundError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1
    print(*rates(found, mutants), sep="\n")
    least = min(found[folder] / rows for folder, rows in Counter(m.folder for m in mutants).items())
    return 0 if least >= _WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
