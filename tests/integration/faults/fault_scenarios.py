"""What a fault test promises, in one place: asserted by `Trial`, and told as a row of docs/faults.md.

Written with: .venv/bin/python tests/integration/faults/fault_scenarios.py
"""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[2] / "docs/faults.md"

STEPS = FETCH, SUMMARIZE, PUBLISH = ("FetchAndValidate", "Summarize", "PublishArtifact")
# Of data of several shards; what a Map's items find done is not told.
STEPS_OF_RANGES = (FETCH, "PlanRanges", "LearnColumns", "ChooseModel", SUMMARIZE, PUBLISH)

# What the run leaves in the bucket's models/.
NOTHING = "nothing new"
VERSION = "its version; the stable key is as it was"
MODEL = "its version and the stable key"


@dataclass(frozen=True)
class Scenario:
    """cause: a part of what the user reads; told: what the user sees where that is not the execution's end.

    again: how the next run, which succeeds, differs from the first. cached: the steps that it finds done; None
    where the test looks at the next run in a way of its own. retries: how often the state machine tried again.
    """

    fault: str
    error: str | None
    cause: str
    told: str
    leaves: str
    cached: tuple[str, ...] | None
    again: str
    retries: int
    group: str
    test: str

    @property
    def status(self) -> str:
        return "FAILED" if self.error else "SUCCEEDED"

    def row(self) -> str:
        seen = f"`{self.error}`: {self.cause}" if self.error else "SUCCEEDED"
        seen = self.told or seen
        if self.retries:
            seen += f", {self.retries} {'retry' if self.retries == 1 else 'retries'} of the step"
        names = (
            "all steps"
            if self.cached in (STEPS, STEPS_OF_RANGES)
            else ", ".join(self.cached or ()) or "nothing"
        )
        found = "" if self.cached is None else names
        following = "; ".join(filter(None, [self.again, found and f"cached: {found}"]))
        return f"| {self.fault} | {seen} | {self.leaves} | {following or '-'} |"


def scenario(
    fault: str,
    *,
    error: str | None = None,
    cause: str = "",
    told: str = "",
    leaves: str = NOTHING,
    cached: tuple[str, ...] | None = None,
    again: str = "",
    retries: int = 0,
) -> Callable[[Callable], Callable]:
    """Decorates the test of a scenario; see `Scenario`."""

    def register(test: Callable) -> Callable:
        group = sys.modules[test.__module__].__doc__.splitlines()[0].rstrip(".")
        test.scenario = Scenario(
            fault, error, cause, told, leaves, cached, again, retries, group, test.__name__
        )
        return test

    return register


def scenarios() -> list[Scenario]:
    """Those of all test modules beside this one, in the order of the files and of the tests in them."""
    modules = [importlib.import_module(file.stem) for file in sorted(FOLDER.glob("test_*.py"))]
    tests = [value for module in modules for name, value in vars(module).items() if name.startswith("test_")]
    return [test.scenario for test in tests if hasattr(test, "scenario")]


def page() -> str:
    """docs/faults.md."""
    found = scenarios()
    groups: dict[str, list[str]] = {}
    for each in found:
        groups.setdefault(each.group, []).append(each.row())
    text = _HEAD.format(count=len(found))
    for group, rows in groups.items():
        heads = "| what happens | the execution ends | published | the next run succeeds |"
        text += "\n".join([f"\n## {group}\n", heads, "| --- | --- | --- | --- |", *rows]) + "\n"
    return text


_HEAD = """# Faults, tried

{count} scenarios, each tried by `tests/integration/faults/` on a live local cloud of its own: the real Terraform,
Lambda processes and state machine. A proxy stands between the functions and S3 and holds, refuses, cuts, shortens,
alters or delays single requests; what else goes wrong goes wrong for real. This page is made from the tests'
expectations, and a test compares the two.

- **the execution ends**: its status, or its error and a part of the cause, as the user reads it. "retries" are those
  of the state machine; the S3 client's own are not told.
- **published**: what the run left under `models/`. The stable key and all versions of it are compared before and after.
- **the next run**: the same request started again (or what stands there), and the steps whose work it found done.

LocalStack does not enforce bucket policies, so a bucket that refuses is the proxy answering 403 in its place.
Outages of Lambda and Step Functions themselves are not tried here.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
