"""Plugin of pytest for `make mutants`: which lines each test runs; or only the tests of a list, in its order.

MUTANTS_RECORD names the file that the lines go to, MUTANTS_TESTS a list of tests, MUTANTS_FOUND where the first test
that failed is written. A line that a shared fixture runs counts for every test with that fixture.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import Phase, settings

_TOOL = 4  # of the free ones of sys.monitoring
_ROOT = str(Path.cwd()) + os.sep
_FUNCTIONS = os.path.join(_ROOT, "functions") + os.sep

_lines: set[tuple[str, int]] = set()
_of_fixture: dict[str, set[tuple[str, int]]] = defaultdict(set)
_of_test: dict[str, dict[str, Any]] = {}
_failed: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    if "MUTANTS_RECORD" in os.environ:
        sys.monitoring.use_tool_id(_TOOL, "mutants")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, _line)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)


def pytest_sessionstart(session: pytest.Session) -> None:
    """The conftest has chosen a profile by now. Nobody reads the example of a failure: it need not be small."""
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", settings(derandomize=True, database=None, phases=phases))
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "MUTANTS_TESTS" in os.environ:
        wanted = json.loads(Path(os.environ["MUTANTS_TESTS"]).read_text(encoding="utf-8"))
        found = {item.nodeid: item for item in items}
        items[:] = [found[test] for test in wanted if test in found]


def _line(code: CodeType, line: int) -> object:
    """Called once for each line, until events are restarted."""
    if code.co_filename.startswith(_FUNCTIONS):
        _lines.add((code.co_filename.removeprefix(_ROOT), line))
    return sys.monitoring.DISABLE


def _processor_seconds() -> float:
    """Of this process and its children: how busy the machine is does not matter."""
    return sum(os.times()[:4])


def _afresh() -> None:
    _lines.clear()
    sys.monitoring.restart_events()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Iterator[None]:
    if "MUTANTS_RECORD" not in os.environ or fixturedef.scope == "function":
        return (yield)
    before = _lines.copy()
    _afresh()
    try:
        return (yield)
    finally:
        _of_fixture[f"{fixturedef.baseid} {fixturedef.argname}"] |= _lines
        _lines.update(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if "MUTANTS_RECORD" not in os.environ:
        return (yield)
    _afresh()
    of_test = _of_test[item.nodeid] = {"seconds": 0.0, "lines": set()}
    begin = _processor_seconds()
    try:
        return (yield)
    finally:
        of_test["seconds"] = _processor_seconds() - begin
        of_test["lines"] |= _lines
        info = getattr(item, "_fixtureinfo", None)
        for definitions in info.name2fixturedefs.values() if info else ():
            fixture = definitions[-1]
            of_test["lines"] |= _of_fixture.get(f"{fixture.baseid} {fixture.argname}", set())


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.add(report.nodeid)
        if "MUTANTS_FOUND" in os.environ:
            Path(os.environ["MUTANTS_FOUND"]).write_text(report.nodeid, encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if "MUTANTS_RECORD" not in os.environ:
        return
    tests = {}
    for test, of_test in _of_test.items():
        if test in _failed:
            continue
        lines = defaultdict(list)
        for path, line in sorted(of_test["lines"]):
            lines[path].append(line)
        tests[test] = {"seconds": round(of_test["seconds"], 3), "lines": lines}
    document = {"failed": sorted(_failed), "tests": tests}
    Path(os.environ["MUTANTS_RECORD"]).write_text(json.dumps(document), encoding="utf-8")
