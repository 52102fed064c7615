"""A local cloud of the tests' own, on a free port, with the real infra/ applied to it by the real Terraform."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from localstack_client.session import Session

from model_service_cli.cloud import keys_of

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
STABLE_KEY = "models/training_pipeline.pkl"
# The smallest allowed: the sample is one shard, and a CSV of a few megabytes is several.
SHARD_BYTES = 1 << 20
# Some 16,384 rows of the sample: of a few megabytes there are several ranges.
RANGE_CELLS = 100_000


@dataclass(frozen=True)
class Cloud:
    """The local cloud: how its commands are run, and clients for it. folder: its state directory."""

    endpoint: str
    folder: Path

    @property
    def keys(self) -> dict[str, str]:
        """The access key that it accepts, as keyword arguments of a client."""
        found = keys_of(self.folder)
        return {name.lower(): found[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}

    @property
    def variables(self) -> dict[str, str]:
        """What scripts/local-env.sh goes by."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "LOCAL_CLOUD_STATE": str(self.folder)}

    def run(self, *command: object, timeout: float = 180, **more: str) -> subprocess.CompletedProcess[str]:
        """A command of the repository, as a person would run it at a terminal."""
        environment = os.environ | self.variables | more
        call = [str(ROOT / "scripts/local-env.sh"), *map(str, command)]
        return subprocess.run(
            call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout
        )

    def command(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "model_service_cli", *arguments, **variables)

    def aws(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | self.variables
        call = [str(ROOT / "scripts/aws-local.sh"), *map(str, arguments)]
        return subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def client(self, service: str) -> Any:
        with pytest.MonkeyPatch.context() as patch:  # where the session looks, and only while it looks
            patch.setenv("AWS_ENDPOINT_URL", self.endpoint)
            return Session(**self.keys).client(service)


@dataclass(frozen=True)
class Pipeline:
    """The deployed pipeline: Terraform's outputs, and the three ways in."""

    cloud: Cloud
    outputs: dict[str, Any]
    folder: Path

    def upload(self, content: bytes | str, name: str) -> str:
        """Uploads a CSV under the data prefix; returns its key."""
        key = f"data/{name}"
        body = content.encode() if isinstance(content, str) else content
        self.cloud.client("s3").put_object(Bucket=self.outputs["training_data_bucket"], Key=key, Body=body)
        return key

    def execute(self, request: object, timeout: float = 60) -> dict[str, Any]:
        """Runs the state machine with this input until it ends; returns what DescribeExecution says.

        A request that names no model is one for the Gaussian, which is fitted in a moment.
        """
        if isinstance(request, dict) and "covariance" not in request:
            request = {"model": "gaussian", **request}
        states = self.cloud.client("stepfunctions")
        arn = states.start_execution(
            stateMachineArn=self.outputs["state_machine_arn"], input=json.dumps(request)
        )["executionArn"]
        deadline = time.monotonic() + timeout
        while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} still runs"
            time.sleep(0.05)
        return execution

    def invoke(self, step: str, payload: object) -> tuple[str | None, Any]:
        """Invokes one function; returns its FunctionError, if any, and its response. The model is as for `execute`."""
        if isinstance(payload, dict) and not payload.keys() & {"task", "run", "covariance"}:
            payload = {"model": "gaussian", **payload}
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_names"][step], Payload=json.dumps(payload).encode()
        )
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    def objects(self, prefix: str) -> dict[str, str]:
        """Key -> ETag of what is in the artifact bucket."""
        pages = self.cloud.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.outputs["training_artifact_bucket"], Prefix=prefix)
        return {entry["Key"]: entry["ETag"] for page in found for entry in page.get("Contents", [])}

    def read(self, key: str) -> bytes:
        answer = self.cloud.client("s3").get_object(Bucket=self.outputs["training_artifact_bucket"], Key=key)
        return answer["Body"].read()


@contextmanager
def running_cloud(folder: Path, *settings: str) -> Iterator[Cloud]:
    """A local cloud on a free port, gone at the end. settings: LocalStack's own, as NAME=VALUE."""
    command = ROOT / ".venv-local-cloud/bin/local-cloud"
    interpreter = ROOT / ".venv-lambda/bin/python"
    if not command.exists() or not interpreter.exists():
        pytest.fail("the local cloud is not installed: run `make setup`", pytrace=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://localhost:{probe.getsockname()[1]}"
    up = [command, "up", "--endpoint", endpoint, "--state-dir", folder, "--lambda-python", interpreter]
    subprocess.run([*up, *(f"--set={setting}" for setting in settings)], check=True, timeout=120)
    yield Cloud(endpoint, folder)
    subprocess.run([command, "down", "--state-dir", folder], check=True, timeout=120)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def forced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud without the pipeline, whose services answer as forced.json in its folder says."""
    folder = tmp_path_factory.mktemp("forced")
    with running_cloud(folder, f"SFN_MOCK_CONFIG={folder / 'forced.json'}") as cloud:
        yield cloud


@pytest.fixture(scope="session")
def definition() -> dict[str, Any]:
    """The state machine's definition as Terraform renders it, with functions of no account."""
    text = (ROOT / "statemachine/training_pipeline.asl.json").read_text()
    arn = r"arn:aws:lambda:us-east-1:000000000000:function:model-service-\1:live"
    return json.loads(
        re.sub(r"\$\{(\w+)_arn\}", arn, text)
        .replace("${account_id}", "000000000000")
        .replace("${artifact_bucket}", "artifacts")
        .replace('"${map_max_concurrency}"', "4")
        .replace('"${range_max_concurrency}"', "4")
        .replace('"${fold_max_concurrency}"', "2")
    )


@pytest.fixture(scope="session")
def terraform(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """`deploy` with a state folder of the tests' own."""
    default = tmp_path_factory.mktemp("terraform")
    subprocess.run([sys.executable, "-m", "model_service_cli", "package"], check=True, timeout=120)

    def run(command: str, folder: Path = default, **variables: str) -> subprocess.CompletedProcess[str]:
        settings = {"TF_VAR_shard_bytes": str(SHARD_BYTES), "TF_VAR_range_cells": str(RANGE_CELLS)}
        settings |= variables
        return cloud.command(command, "--folder", folder, **settings)

    return run


@pytest.fixture(scope="session")
def pipeline(cloud: Cloud, terraform: Callable, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    deployed = terraform("deploy")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    outputs = json.loads(terraform("outputs").stdout)
    return Pipeline(cloud, outputs, tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="session")
def sample(pipeline: Pipeline) -> str:
    """The sample data at the key that an empty request means."""
    return pipeline.upload(SAMPLE.read_bytes(), SAMPLE.name)


@pytest.fixture(scope="session")
def copy_repository() -> Callable[[Path], None]:
    """Copies the repository into a folder as a clone of what is not ignored would hold it."""

    def copied(folder: Path) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    return copied
