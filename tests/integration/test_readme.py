"""The README's commands, as a newcomer runs them: in a fresh copy of the repository, one after the other."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# `make test` is this; continuous integration runs it. The block marked `sh` needs an AWS account.
NOT_HERE = {"make test"}


def commands() -> list[str]:
    blocks = re.findall(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line not in NOT_HERE]


# Of the system's own tools those that belong to every Linux and macOS.
SYSTEM = (
    *(
        "awk",
        "cat",
        "cp",
        "cut",
        "dirname",
        "env",
        "find",
        "grep",
        "head",
        "ls",
        "mkdir",
        "mktemp",
        "mv",
        "ps",
        "rm",
    ),
    *("sed", "sh", "sha256sum", "sleep", "sort", "tail", "touch", "tr", "uname", "xargs"),
)


@pytest.fixture(scope="module")
def bare_path(tmp_path_factory) -> str:
    """What the README asks for, and nothing else: no AWS CLI, curl, unzip or git."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("bash", "make", "terraform", *SYSTEM):
        (folder / name).symlink_to(shutil.which(name))
    (folder / "python3").symlink_to(sys._base_executable)
    return str(folder)


@pytest.fixture(scope="module")
def fresh_copy(tmp_path_factory, copy_repository, bare_path):
    """The repository as a clone would hold it, in a folder with a space in its name."""
    copy = tmp_path_factory.mktemp("fresh copy")
    copy_repository(copy)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://localhost:{probe.getsockname()[1]}"

    def run(command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"AWS_ENDPOINT_URL": endpoint, "PATH": bare_path}
        return subprocess.run(
            ["bash", "-c", command], cwd=copy, env=environment, capture_output=True, text=True, timeout=280
        )

    yield run
    assert run("make local-down").returncode == 0


def test_the_readme_has_commands():
    assert "make run-pipeline" in commands()
    assert len(commands()) > 6


def test_its_first_screen_shows_what_a_run_looks_like():
    first = "\n".join((ROOT / "README.md").read_text().splitlines()[:20])
    (picture,) = re.findall(r"!\[[^]]*\]\((docs/[^)]+)\)", first)
    drawn = (ROOT / picture).read_text()
    assert "make&#160;run-pipeline" in drawn
    assert "FetchAndValidate" in drawn
    assert "@font-face" not in drawn


@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_in_a_fresh_copy(fresh_copy):
    for command in commands():
        done = fresh_copy(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        if "start-execution" in command:
            wait_for_executions(fresh_copy)


RUNNING = (
    "scripts/aws-local.sh stepfunctions list-executions --status-filter RUNNING --query executions --output text "
    "--state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:model-service-training-pipeline"
)


def wait_for_executions(run) -> None:
    """What comes next may be about what they publish."""
    deadline = time.monotonic() + 60
    while (listed := run(RUNNING)).stdout.strip():
        assert listed.returncode == 0, listed.stderr
        assert time.monotonic() < deadline


def test_every_target_that_the_readme_names_is_in_the_makefile():
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", (ROOT / "README.md").read_text()))
    defined = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= defined
