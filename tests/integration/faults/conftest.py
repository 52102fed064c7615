"""A local cloud of the fault tests' own, whose functions reach S3 through the fault proxy."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from fault_lab import Lab, Trial
from fault_proxy import FaultProxy
from tests.integration.conftest import RANGE_CELLS, ROOT, SAMPLE, SHARD_BYTES, Cloud, Pipeline

COMMAND = ROOT / ".venv-local-cloud/bin/local-cloud"
ROWS = 600


@pytest.fixture(scope="session")
def start_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Cloud]]:
    """Starts the local cloud of these tests, for the first time or again: everything in it is gone then."""
    if not COMMAND.exists():
        pytest.fail("the local cloud is not installed: run `make setup`", pytrace=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://localhost:{probe.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("faulty-cloud")

    def start() -> Cloud:
        options = ["--endpoint", endpoint, "--state-dir", folder]
        interpreter = ROOT / ".venv-lambda/bin/python"
        call = [COMMAND, "up", *options, "--lambda-python", interpreter]
        subprocess.run(call, check=True, timeout=120, capture_output=True)
        return Cloud(endpoint, folder)

    yield start
    stop_cloud(Cloud(endpoint, folder))


def stop_cloud(cloud: Cloud) -> None:
    subprocess.run(
        [COMMAND, "down", "--state-dir", cloud.folder], check=True, timeout=120, capture_output=True
    )


@pytest.fixture(scope="session")
def settings() -> dict[str, str]:
    """The variables of a deploy of these tests."""
    return {"TF_VAR_shard_bytes": str(SHARD_BYTES), "TF_VAR_range_cells": str(RANGE_CELLS)}


@pytest.fixture(scope="session")
def deploy(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Callable[[Cloud], Pipeline]:
    """Applies infra/ as `make deploy` does."""
    folder = tmp_path_factory.mktemp("faulty-terraform")
    subprocess.run([sys.executable, "-m", "model_service_cli", "package"], check=True, timeout=120)

    def run(cloud: Cloud) -> Pipeline:
        done = cloud.command("deploy", "--folder", folder, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        outputs = cloud.command("outputs", "--folder", folder, **settings)
        return Pipeline(cloud, json.loads(outputs.stdout), folder)

    return run


@pytest.fixture(scope="session")
def lab(start_cloud: Callable[[], Cloud], deploy: Callable[[Cloud], Pipeline]) -> Iterator[Lab]:
    pipeline = deploy(start_cloud())
    with FaultProxy(pipeline.cloud.endpoint).running() as proxy:
        send_s3_through(pipeline, proxy)
        yield Lab(pipeline, proxy, cloud_pid(pipeline.cloud))


class Restart:
    """Stops the lab's local cloud, and starts and deploys it afresh behind the same proxy."""

    def __init__(
        self, lab: Lab, start_cloud: Callable[[], Cloud], deploy: Callable[[Cloud], Pipeline]
    ) -> None:
        self._lab = lab
        self._start_cloud = start_cloud
        self._deploy = deploy

    def stop(self) -> None:
        stop_cloud(self._lab.pipeline.cloud)

    def send_s3_through_the_proxy(self) -> None:
        """After a deploy to the cloud that runs: Terraform takes back what is not its own."""
        send_s3_through(self._lab.pipeline, self._lab.proxy)

    def start(self) -> None:
        pipeline = self._deploy(self._start_cloud())
        assert pipeline.outputs == self._lab.pipeline.outputs
        send_s3_through(pipeline, self._lab.proxy)
        self._lab.cloud_pid = cloud_pid(pipeline.cloud)
        self._lab.s3 = pipeline.cloud.client("s3")  # with the keys of this start


@pytest.fixture
def restart(lab: Lab, start_cloud: Callable[[], Cloud], deploy: Callable[[Cloud], Pipeline]) -> Restart:
    return Restart(lab, start_cloud, deploy)


def send_s3_through(pipeline: Pipeline, proxy: FaultProxy) -> None:
    """New versions of the functions with S3 at the proxy, and the state machine calls those."""
    functions, states = pipeline.cloud.client("lambda"), pipeline.cloud.client("stepfunctions")
    machine = pipeline.outputs["state_machine_arn"]
    definition = states.describe_state_machine(stateMachineArn=machine)["definition"]
    for name in pipeline.outputs["function_names"].values():
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables["AWS_ENDPOINT_URL_S3"] = proxy.url
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        ready(functions, name)
        version = functions.publish_version(FunctionName=name)["Version"]
        ready(functions, f"{name}:{version}")
        definition = re.sub(rf"(function:{re.escape(name)}:)\d+", rf"\g<1>{version}", definition)
    states.update_state_machine(stateMachineArn=machine, definition=definition)


def ready(functions, name: str) -> None:
    """Waits for a function as the SDK's own waiters do, which look only every second or five."""
    deadline = time.monotonic() + 60
    while True:
        found = functions.get_function_configuration(FunctionName=name)
        if found["State"] == "Active" and found.get("LastUpdateStatus", "Successful") == "Successful":
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def cloud_pid(cloud: Cloud) -> int:
    call = [COMMAND, "status", "--state-dir", cloud.folder, "--json"]
    return json.loads(subprocess.run(call, check=True, timeout=60, capture_output=True).stdout)["pid"]


@pytest.fixture(scope="session")
def csv() -> bytes:
    """A small CSV: the beginning of the sample."""
    return b"".join(SAMPLE.read_bytes().splitlines(keepends=True)[: ROWS + 1])


@pytest.fixture(scope="session")
def large_csv() -> bytes:
    """A CSV of three shards."""
    header, *rows = SAMPLE.read_bytes().splitlines(keepends=True)
    size = sum(map(len, rows))
    return header + b"".join(rows) * -(-int(2.8 * SHARD_BYTES) // size)


@pytest.fixture
def trial(request: pytest.FixtureRequest, lab: Lab, csv: bytes) -> Trial:
    return Trial(lab, request.function.scenario, csv)


@pytest.fixture
def large_trial(request: pytest.FixtureRequest, lab: Lab, large_csv: bytes) -> Trial:
    return Trial(lab, request.function.scenario, large_csv)
