"""A local cloud of the benchmark's own, with infra/ deployed to it: on a free port, with its own state."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import scale_measure
from model_service_cli.cloud import client, function_name, keys_of
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.steps import SUCCEEDED
from processes import BenchmarkError
from scale_load import Load
from scale_measure import FUNCTIONS, Invocation

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ROOT / ".venv-local-cloud" / "bin" / "local-cloud"
COMMAND_LINE = (sys.executable, "-m", "model_service_cli")
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
DEADLINE = 3600.0  # seconds for one execution
LOG_DEADLINE = 30.0  # seconds until the last report is in the log


@dataclass
class ScaleCloud:
    """The cloud that AWS_ENDPOINT_URL names while the benchmark runs.

    folder: its state and Terraform's; outputs: Terraform's; pid: LocalStack's process id.
    """

    folder: Path
    outputs: dict[str, Any]
    pid: int

    def load(self) -> Load:
        return Load.now(self.pid)

    def deploy(self, **variables: object) -> None:
        """Applies infra/ with these Terraform variables."""
        environment = os.environ | {f"TF_VAR_{name}": str(value) for name, value in variables.items()}
        arguments = ("--folder", str(self.folder / "terraform"))
        _run([*COMMAND_LINE, "deploy", *arguments], environment)
        self.outputs = json.loads(_run([*COMMAND_LINE, "outputs", *arguments], environment))

    def upload(self, path: Path) -> str:
        """Returns the object's key."""
        key = f"{self.outputs['training_data_prefix']}{path.name}"
        client("s3").upload_file(str(path), self.outputs["training_data_bucket"], key)
        return key

    def execute(self, request: dict[str, Any]) -> Execution:
        """Runs the state machine to its end. Raises BenchmarkError where it does not succeed."""
        states = client("stepfunctions")
        started = states.start_execution(
            stateMachineArn=self.outputs["state_machine_arn"], input=json.dumps(request)
        )
        execution = Follower(states, started["executionArn"]).until_done(DEADLINE, lambda step: None)
        if execution.status != SUCCEEDED:
            failure = execution.failure
            why = f": {failure.error}: {failure.message}" if failure else ""
            raise BenchmarkError(f"the execution is {execution.status.lower()}{why}")
        return execution

    def read_artifact(self, key: str) -> Any:
        """A JSON document in the artifact bucket."""
        found = client("s3").get_object(Bucket=self.outputs["training_artifact_bucket"], Key=key)
        return json.loads(found["Body"].read())

    def invocations(self, execution: Execution, expected: dict[str, int]) -> dict[str, list[Invocation]]:
        """The invocations of an execution by function; expected: how many of each there must be."""
        give_up = time.monotonic() + LOG_DEADLINE
        while True:
            found = {name: self._logged(name, execution.started_at) for name in FUNCTIONS}
            if all(len(found[name]) == count for name, count in expected.items()):
                return found
            if time.monotonic() > give_up:
                counts = {name: len(ran) for name, ran in found.items()}
                raise BenchmarkError(f"the logs tell of {counts} invocations, expected are {expected}")
            time.sleep(0.2)

    def _logged(self, name: str, since: datetime) -> list[Invocation]:
        pages = (
            client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=f"/aws/lambda/{function_name(name)}", startTime=int(since.timestamp() * 1000)
            )
        )
        return scale_measure.invocations(
            event["message"] for page in pages for event in page["events"] if event["message"].startswith("{")
        )


@contextmanager
def scale_cloud(folder: Path, *settings: str) -> Iterator[ScaleCloud]:
    """The cloud while it is needed; settings: NAME=VALUE. Raises BenchmarkError where it cannot be started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://localhost:{probe.getsockname()[1]}"
    before = dict(os.environ)
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    state = ["--state-dir", str(folder / "cloud")]
    set_ = [word for setting in settings for word in ("--set", setting)]
    try:
        _run([*COMMAND_LINE, "package"])
        up = [str(COMMAND), "up", "--endpoint", endpoint, *state, "--lambda-python", str(LAMBDA_PYTHON)]
        _run([*up, *set_])
        os.environ.update(keys_of(folder / "cloud"))
        status = json.loads(_run([str(COMMAND), "status", *state, "--json"]))
        yield ScaleCloud(folder, {}, status["pid"])
    finally:
        os.environ.clear()
        os.environ.update(before)
        if (folder / "cloud").exists():
            _run([str(COMMAND), "down", *state])


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise BenchmarkError(told[-1] if told else f"{command[0]} ended with {done.returncode}")
    return done.stdout
