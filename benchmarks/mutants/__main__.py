"""Seeded mistakes in functions/, and how many of them the unit tests find: `make mutants`.

Each mutant is tried on the unit tests that run its line (trials.py says which and how long): it survives where none of
them fails. FOLDERS, COUNT (in each folder) and SEED choose a part. Mutants that change nothing stand in equivalent.toml
with the reason, are told as such, and count neither way.
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from mutants.trials import ROOT, Mutant, UnsoundError, copied, recording, tried

_SAMPLER = ROOT / ".venv-mutants" / "bin" / "python"
_WANTED = 0.9

Equivalent = dict[str, list[dict[str, str]]]


def changed_lines(mutant: Mutant) -> list[str]:
    """The lines with the mistake, before and after, as a difference shows them."""
    before = (ROOT / mutant.path).read_text(encoding="utf-8").splitlines()
    changed = difflib.unified_diff(before, mutant.mutated.splitlines(), lineterm="", n=0)
    return [line for line in list(changed)[2:] if not line.startswith("@@")]


@cache
def equivalent() -> Equivalent:
    return tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))


def why_equivalent(mutant: Mutant) -> str | None:
    """Why a mutant changes nothing that can be seen; None where it may."""
    gone, come = (
        "\n".join(line[1:].strip() for line in changed_lines(mutant) if line[0] == sign) for sign in "-+"
    )
    for kind in equivalent()["kind"]:
        if kind["before"] in gone and gone.replace(kind["before"], kind["after"], 1) == come:
            return kind["reason"]
    for one in equivalent().get("mutant", []):
        if (one["path"], one["before"], one["after"]) == (mutant.path, gone, come):
            return one["reason"]
    return None


def sampled(folders: Sequence[str], count: int, seed: int) -> Iterator[Mutant]:
    command = [_SAMPLER, Path(__file__).with_name("sample.py"), ROOT, str(count), str(seed), *folders]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            for one in json.loads(line):
                yield Mutant(**one | {"lines": one["lines"] and tuple(one["lines"])})
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def folders_of_functions() -> list[str]:
    """Every folder of functions/ with a module in it."""
    modules = (ROOT / "functions").rglob("*.py")
    return sorted({str(path.parent.relative_to(ROOT)) for path in modules if path.name != "__init__.py"})


def rates(found: Counter[str], total: Counter[str]) -> Iterator[str]:
    """A line for each folder, and one for all."""
    for folder in [*sorted(total), ""]:
        of_folder, caught = (total[folder], found[folder]) if folder else (total.total(), found.total())
        yield f"{folder or 'all':<44} {caught:>4} of {of_folder:<4} {caught / of_folder:6.1%}"


def run(chosen: Sequence[str], count: int, seed: int, workers: int) -> bool:
    """Prints a line for each mutant and the rates; whether enough were found in every folder."""
    begin = time.monotonic()
    mutants = list(sampled(chosen, count, seed))
    found, total, ends = Counter[str](), Counter[str](), 0
    with tempfile.TemporaryDirectory() as scratch:
        copies = [copied(Path(scratch, str(number))) for number in range(workers)]
        recorded, failing = recording(copies[0])
        print(f"{len(recorded)} unit tests; {len(failing)} fail without a mistake and find none", *failing)
        reasons = {mutant: why for mutant in mutants if (why := why_equivalent(mutant))}
        for mutant, reason in reasons.items():
            print(f"equivalent {mutant.path}:{mutant.line}: {reason}")
        left = [mutant for mutant in mutants if mutant not in reasons]
        for mutant, by in tried(left, recorded, copies):
            found[mutant.folder] += by is not None
            total[mutant.folder] += 1
            ends += by == "does not end"
            operator = mutant.operator.removeprefix("core/")
            print(f"{'found' if by else 'SURVIVED':<10} {mutant.path}:{mutant.line} {operator} {by or ''}")
            if not by:
                print(*changed_lines(mutant), sep="\n", flush=True)
    print(*rates(found, total), sep="\n")
    seconds = time.monotonic() - begin
    print(
        f"seed {seed}; {len(reasons)} equivalent, {ends} found as they do not end; {seconds:.0f} s",
        flush=True,
    )
    return min(found[folder] / total[folder] for folder in total) >= _WANTED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", default="", help="of functions/, all without")
    parser.add_argument("--count", default="", help="mutants of each folder, 10 without")
    parser.add_argument("--seed", default="", help="of the sample, 1 without")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="at once, one a core without"
    )
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    every = folders_of_functions()
    chosen = arguments.folders.split() or every
    if unknown := [folder for folder in chosen if folder not in every]:
        print(f"mutants: FOLDERS names {unknown[0]!r}; there are {' '.join(every)}", file=sys.stderr)
        return 2
    try:
        enough = run(chosen, int(arguments.count or 10), int(arguments.seed or 1), arguments.workers)
    except UnsoundError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
