"""What the fault tests work with: the deployed pipeline behind the proxy, and one trial of a scenario."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from fault_proxy import Fault, FaultProxy, Hold
from fault_scenarios import MODEL, NOTHING, VERSION, Scenario

_PATIENCE_SECONDS = 60.0
EARLIER_MODEL = b'{"kind": "an earlier model", "metrics": {"accuracy": 0.5}}'


class Lab:
    """The pipeline with its functions' S3 behind the proxy. cloud_pid: of LocalStack, their parent."""

    def __init__(self, pipeline: Any, proxy: FaultProxy, cloud_pid: int) -> None:
        self.pipeline = pipeline
        self.proxy = proxy
        self.s3 = pipeline.cloud.client("s3")
        self.states = pipeline.cloud.client("stepfunctions")
        self.data_bucket = pipeline.outputs["training_data_bucket"]
        self.artifact_bucket = pipeline.outputs["training_artifact_bucket"]
        self.cloud_pid = cloud_pid

    def start(self, request: dict, name: str | None = None) -> str:
        named = {"name": name} if name else {}
        begun = self.states.start_execution(
            stateMachineArn=self.pipeline.outputs["state_machine_arn"], input=json.dumps(request), **named
        )
        return begun["executionArn"]

    def wait(self, arn: str) -> dict[str, Any]:
        """What DescribeExecution says when the execution has ended."""
        deadline = time.monotonic() + 2 * _PATIENCE_SECONDS
        while (execution := self.states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} still runs"
            time.sleep(0.05)
        return execution

    def retries(self, arn: str) -> int:
        """How often a step of the execution began again after a failed attempt."""
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        kinds = [event["type"] for page in pages for event in page["events"]]
        entered, scheduled = kinds.count("TaskStateEntered"), kinds.count("TaskScheduled")
        return scheduled - entered

    def functions(self) -> list[psutil.Process]:
        """The Lambda processes of this cloud, and of no other."""
        family = psutil.Process(self.cloud_pid).children(recursive=True)
        return [process for process in family if _is_function(process)]

    def function_at(self, port: int) -> psutil.Process:
        """The Lambda process that a connection to the proxy comes from."""
        for process in self.functions():
            if port in _local_ports(process):
                return process
        raise AssertionError(f"no Lambda process of this cloud holds port {port}")


# A process may go between one look at it and the next: what is gone is no function, holds no port, and is gone.


def _is_function(process: psutil.Process) -> bool:
    try:
        return "awslambdaric" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _local_ports(process: psutil.Process) -> set[int]:
    try:
        return {each.laddr.port for each in process.net_connections("tcp") if each.laddr}
    except psutil.NoSuchProcess:
        return set()


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Trial:
    """One scenario: keys of its own, the run that meets the fault, and what is asserted of it and of the next."""

    def __init__(self, lab: Lab, scenario: Scenario, csv: bytes) -> None:
        self.lab = lab
        self.scenario = scenario
        self.csv = csv
        name = scenario.test.removeprefix("test_")[:60]
        self.key = f"data/{name}.csv"
        self.stable = f"models/{name}.pkl"
        self.source_path = f"/{lab.data_bucket}/{self.key}$"
        self.stable_path = f"/{lab.artifact_bucket}/{self.stable}$"
        self.version_path = f"/{lab.artifact_bucket}/models/{name}/versions/[0-9a-f]+.json$"
        self.card_path = self.version_path.replace(".json$", ".card.html$")
        self.version_id = self.upload(csv)
        self.write(self.stable, EARLIER_MODEL)
        self._before = self.published()

    def upload(self, csv: bytes) -> str:
        """Puts the CSV at the trial's key; its version id."""
        return self.lab.s3.put_object(Bucket=self.lab.data_bucket, Key=self.key, Body=csv)["VersionId"]

    def write(self, key: str, content: bytes) -> None:
        self.lab.s3.put_object(Bucket=self.lab.artifact_bucket, Key=key, Body=content)

    def read(self, key: str) -> bytes:
        return self.lab.s3.get_object(Bucket=self.lab.artifact_bucket, Key=key)["Body"].read()

    def wait_for(self, key: str) -> None:
        """Until there is an object of this key in the artifact bucket."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while key not in self.lab.pipeline.objects(key):
            assert time.monotonic() < deadline, f"{key} is not written"
            time.sleep(0.05)

    def delete(self, path: str) -> None:
        """path: /bucket/key, as a held request has it."""
        bucket, key = path.removeprefix("/").split("/", 1)
        self.lab.s3.delete_object(Bucket=bucket, Key=key)

    def written(self, folder: str) -> dict[str, str]:
        """Name in the folder -> id of its newest version."""
        found = self.lab.s3.list_object_versions(Bucket=self.lab.artifact_bucket, Prefix=folder)["Versions"]
        return {entry["Key"].removeprefix(folder): entry["VersionId"] for entry in found if entry["IsLatest"]}

    def request(self, **fields: Any) -> dict[str, Any]:
        return {"model": "gaussian", "key": self.key, "artifact_key": self.stable, **fields}

    def start(self, **fields: Any) -> str:
        return self.lab.start(self.request(**fields))

    def run(self, **fields: Any) -> dict[str, Any]:
        """Runs a request of this trial to its end, which must be a success; its output."""
        done = self.lab.wait(self.start(**fields))
        assert done["status"] == "SUCCEEDED", done
        return json.loads(done["output"])

    def fault(self, method: str, path: str, fault: Fault, times: int | None = 1) -> Any:
        return self.lab.proxy.rule(method, path, fault, times)

    @contextmanager
    def held(self, method: str, path: str) -> Iterator[Hold]:
        """A request of this kind is held until the block says otherwise, and passed on at its end."""
        hold = Hold()
        with self.fault(method, path, hold):
            yield hold

    def kill_sender(self, hold: Hold) -> None:
        """Ends the Lambda process whose request is held; the request never gets to S3."""
        process = self.lab.function_at(hold.wait())
        process.kill()
        hold.drop()
        gone = time.monotonic() + _PATIENCE_SECONDS
        while not _is_gone(process):
            assert time.monotonic() < gone
            time.sleep(0.01)

    def published(self) -> dict[str, list[str]]:
        """Key -> ids of all versions under the trial's name in models/."""
        prefix = self.stable.removesuffix(".pkl")
        pages = self.lab.s3.get_paginator("list_object_versions").paginate(
            Bucket=self.lab.artifact_bucket, Prefix=prefix
        )
        found: dict[str, list[str]] = {}
        for page in pages:
            assert not page.get("DeleteMarkers")
            for entry in page.get("Versions", []):
                found.setdefault(entry["Key"], []).append(entry["VersionId"])
        return found

    def rebase(self) -> None:
        """From here on, what is published counts as having been there before."""
        self._before = self.published()

    def ended(self, arn: str) -> dict[str, Any]:
        """Waits for the run that met the fault, and holds it to what the scenario says; its output or {}."""
        done = self.lab.wait(arn)
        assert (done["status"], done.get("error")) == (self.scenario.status, self.scenario.error), done
        assert self.scenario.cause in done.get("cause", ""), done["cause"]
        assert "Traceback" not in done.get("cause", "")
        assert self.lab.retries(arn) == self.scenario.retries
        self.check_published()
        return json.loads(done.get("output") or "{}")

    def check_published(self) -> None:
        now = self.published()
        new = {key: ids for key, ids in now.items() if ids != self._before.get(key)}
        versions = [key for key in new if _is_version(key)]
        assert set(self._before) <= set(now)
        if self.scenario.leaves == NOTHING:
            assert new == {}
        elif self.scenario.leaves == VERSION:
            assert len(versions) == 1
            assert self.stable not in new
        else:
            assert self.scenario.leaves == MODEL
            assert len(versions) == 1
            assert len(new[self.stable]) == len(self._before[self.stable]) + 1
            assert self.read(self.stable) == self.read(versions[0])
        for key in versions:  # whole, and under the name of its content
            assert len(new[key]) == 1
            assert _digest(self.read(key)) in key

    def next_run(self, **fields: Any) -> dict[str, Any]:
        """Runs once more: it succeeds, finds done what the scenario says, and the stable key holds its model."""
        output = self.run(**fields)
        assert tuple(output["run"]["cached"]) == self.scenario.cached
        artifact = output["artifact"]
        assert _digest(self.read(self.stable)) == artifact["sha256"]
        assert self.read(artifact["version_key"]) == self.read(self.stable)
        if self.scenario.leaves != NOTHING:  # one piece of work is one version
            made = [key for key in self.published() if _is_version(key) and key not in self._before]
            assert made == [artifact["version_key"]]
        return output


def _is_version(key: str) -> bool:
    return "/versions/" in key and key.endswith(".json")  # a version's card lies beside it


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
