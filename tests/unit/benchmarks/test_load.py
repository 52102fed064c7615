"""`make benchmark-load` without a cloud: what it sees of processes, and how it counts executions."""

import importlib
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

import load_benchmark


@pytest.mark.parametrize("name", ["benchmark", "load_benchmark", "scale_benchmark", "three_ways"])
def test_every_command_of_the_benchmarks_loads(name):
    assert callable(importlib.import_module(name).main)


def test_the_memory_of_a_tree_is_that_of_all_its_processes():
    code = "import sys; block = bytearray(50_000_000); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as child:
        child.stdout.readline()
        tree = load_benchmark.Tree(psutil.Process().pid)
        tree.look()
        alone = psutil.Process().memory_info().rss / 1e6
        child.stdin.close()
    assert tree.processes >= 2
    assert tree.peak_mb > alone + 40


def test_every_execution_is_counted_by_how_it_ended(monkeypatch):
    ends = iter(["SUCCEEDED", "RUNNING", "FAILED", "SUCCEEDED"])
    names = iter("abc")
    states = SimpleNamespace(
        start_execution=lambda **_: {"executionArn": next(names)},
        describe_execution=lambda **_: {"status": next(ends)},
    )
    monkeypatch.setattr(load_benchmark, "client", lambda _: states)
    monkeypatch.setattr(load_benchmark, "_LOOK_SECONDS", 0)
    cloud = SimpleNamespace(outputs={"state_machine_arn": "arn"})
    _, ended = load_benchmark.load(cloud, 3)
    assert ended == {"SUCCEEDED": 2, "FAILED": 1}


@pytest.mark.parametrize(
    ("lost", "most_gb", "status"), [(0, 6.0, 0), (0, 6.1, 1), (1, 1.0, 1)], ids=["held", "too much", "lost"]
)
def test_a_lost_execution_or_too_much_memory_fails_and_the_ratio_is_told(
    lost, most_gb, status, monkeypatch, capsys
):
    settings_seen = []

    def measured(count, work, *settings):
        settings_seen.append((count, settings))
        return load_benchmark.Outcome(*((30.0, 5, 12.0, 83) if settings else (60.0, lost, most_gb, 13)))

    monkeypatch.setattr(load_benchmark, "measured", measured)
    assert load_benchmark.main(["--executions", "7"]) == status
    assert settings_seen == [(7, ()), (7, ("LOCAL_CLOUD_MEMORY_MB=1000000",))]
    assert "2.00 times as long with the bound as without" in capsys.readouterr().out
