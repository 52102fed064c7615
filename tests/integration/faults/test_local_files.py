"""Files of this machine are full, cut short, or wanted by several commands at once."""

import os
import resource
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fault_lab import Lab, Trial
from fault_scenarios import MODEL, STEPS, scenario

ROOT = Path(__file__).parents[3]
LOCAL_CLOUD = ROOT / ".venv-local-cloud/bin/local-cloud"
PYTHON = ROOT / ".venv/bin/python"
FINE = {"leaves": MODEL, "cached": STEPS}


def without_a_byte_of_disk() -> None:
    """What a process may write to a file: nothing. A pipe or a terminal is no file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def on_a_full_disk(lab: Lab, *command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts/local-env.sh"), *map(str, command)],
        cwd=ROOT,
        env=os.environ | lab.pipeline.cloud.variables,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=without_a_byte_of_disk,
    )


@scenario(
    "no byte can be written to any disk where the commands write: `run-pipeline`, `card`, `trace`, `explore`, "
    "`predict`, `package`, `deploy`, `local-up`",
    told="each ends with one line, such as `card: File too large`, and leaves nothing half written",
    **FINE,
)
def test_the_disk_of_the_commands_is_full(trial: Trial, tmp_path: Path) -> None:
    trial.ended(trial.start())
    data, target, model = tmp_path / "new.csv", tmp_path / "target", tmp_path / "model.json"
    data.write_bytes(trial.csv)
    target.mkdir()
    model.write_bytes(trial.read(trial.stable))
    ours = [PYTHON, "-m", "model_service_cli"]
    there = ["--endpoint", "http://127.0.0.1:1", "--lambda-python", ROOT / ".venv-lambda/bin/python"]
    commands: dict[str, list[object]] = {
        "run-pipeline": [
            *ours,
            "run-pipeline",
            "--data",
            data,
            "--input",
            '{"model": "gaussian"}',
            "--record",
        ],
        "card": [*ours, "card", "--model", model, "--page"],
        "trace": [*ours, "trace", "--page"],
        "explore": [PYTHON, ROOT / "explore/fetch.py", "--model", model],
        "predict": [*ours, "predict", "--data", data, "--model", model],
        "package": [*ours, "package", "--output"],
        "deploy": [*ours, "deploy", "--force", "--folder"],
        "local-cloud": [LOCAL_CLOUD, "up", *there, "--state-dir"],
    }

    def run(name: str) -> subprocess.CompletedProcess[str]:
        where = [] if name == "predict" else [target / name]
        return on_a_full_disk(trial.lab, *commands[name], *where)

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(commands, pool.map(run, commands), strict=True))
    for name, ended in done.items():
        assert ended.returncode == 1, (name, ended)
        assert ended.stderr.startswith(f"{name}: "), (name, ended.stderr)
        assert ended.stderr.count("\n") == 1, (name, ended.stderr)
    assert [path for path in target.rglob("*") if path.is_file() and path.stat().st_size] == []
    trial.next_run()


@contextmanager
def cut(path: Path) -> Iterator[None]:
    """The file ends in its middle, for the time of the block."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    yield
    path.write_bytes(whole)


def one_line(done: subprocess.CompletedProcess[str], beginning: str, part: str) -> None:
    assert done.returncode == 1, done
    assert done.stderr.startswith(beginning), done.stderr
    assert part in done.stderr
    assert done.stderr.count("\n") == 1


@scenario(
    "the record of the local cloud ends in its middle while it runs, and `local-down` is asked for",
    told="SUCCEEDED; `local-down`: `local-cloud.json cannot be read: ... nothing was stopped or removed`",
    **FINE,
)
def test_the_record_of_the_local_cloud_is_cut(trial: Trial) -> None:
    state = trial.lab.pipeline.cloud.folder
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        reading.wait()
        with cut(state / "local-cloud.json"):
            down = [LOCAL_CLOUD, "down", "--state-dir", state]
            refused = subprocess.run(down, capture_output=True, text=True, timeout=60)
        reading.release()
        trial.ended(run)
    one_line(refused, "local-cloud: ", "nothing was stopped or removed")
    trial.next_run()


@scenario(
    "Terraform's state ends in its middle, and `deploy` and `destroy` are asked for",
    told="SUCCEEDED; `deploy`, `destroy`: `... cannot be read, so what is deployed is not known`",
    **FINE,
)
def test_the_state_of_terraform_is_cut(trial: Trial) -> None:
    folder = trial.lab.pipeline.folder
    (state,) = folder.glob("*.tfstate")
    (stamp,) = folder.glob("deployed-*.json")
    with cut(state), cut(stamp):
        for command in ("deploy", "destroy"):
            done = trial.lab.pipeline.cloud.command(command, "--folder", folder)
            one_line(done, f"{command}: ", "cannot be read, so what is deployed is not known")
    trial.ended(trial.start())
    trial.next_run()


@scenario(
    "the stamp of the last deploy ends in its middle, and three deploys begin at once",
    told="SUCCEEDED; one deploy looks at everything, the others wait and find it done",
    **FINE,
)
def test_the_stamp_of_the_deploy_is_cut(trial: Trial, restart: Any, settings: dict[str, str]) -> None:
    folder = trial.lab.pipeline.folder
    (stamp,) = folder.glob("deployed-*.json")
    stamp.write_bytes(stamp.read_bytes()[:100])

    def deploy(_: int) -> subprocess.CompletedProcess[str]:
        return trial.lab.pipeline.cloud.command("deploy", "--folder", folder, **settings)

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(deploy, range(3)))
    assert [each.returncode for each in done] == [0, 0, 0], done
    assert sum("nothing to deploy" in each.stdout for each in done) == 2
    restart.send_s3_through_the_proxy()  # Terraform took it back
    trial.ended(trial.start())
    trial.next_run()
