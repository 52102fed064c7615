"""A test that loops is ended, also where Hypothesis would take the time-out for a failing example."""

import os
import subprocess
import sys
from pathlib import Path

LOOPING = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_it(number):
    while True:
        pass
"""


def test_a_property_test_that_loops_is_ended(tmp_path):
    (tmp_path / "conftest.py").write_text(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_looping.py").write_text(LOOPING)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--timeout=2",
        "-p",
        "no:cacheprovider",
        "test_looping.py",
    ]
    folders = os.pathsep.join(str(Path(__file__).parents[2] / name) for name in ("functions", "scripts"))
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": folders},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode not in (0, 5)
    assert "Timeout" in ended.stdout + ended.stderr
