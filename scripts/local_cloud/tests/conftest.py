"""What the tests share: a guard and environments on real awslambdaric processes, and one real local cloud."""

import io
import json
import os
import socket
import subprocess
import time
import zipfile
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from local_cloud.environment import Environment
from local_cloud.function import FunctionSettings
from local_cloud.guard import ProcessGuard

REPOSITORY = Path(__file__).parents[3]
FUNCTIONS = Path(__file__).parent / "functions"


def _interpreter(variable: str, folder: str) -> Path:
    path = Path(os.environ.get(variable) or REPOSITORY / folder / "bin" / "python")
    if not path.exists():
        pytest.fail(f"{path} is missing: run scripts/setup.sh or set {variable}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def lambda_python() -> Path:
    return _interpreter("LOCAL_CLOUD_LAMBDA_PYTHON", ".venv-lambda")


@pytest.fixture(scope="session")
def cloud_python() -> Path:
    return _interpreter("LOCAL_CLOUD_PYTHON", ".venv-local-cloud")


@pytest.fixture(scope="session")
def eventually():
    """Wait until a condition holds, and return its value; fails after the given seconds."""

    def wait(condition, seconds: float = 10):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)
        return value

    return wait


@pytest.fixture
def guard():
    guard = ProcessGuard()
    yield guard
    guard.close()


@pytest.fixture
def make_environment(lambda_python, guard, tmp_path):
    """Environments on the behaviour function, or on source text of one's own."""
    made = []

    def make(source: str | None = None, handler: str = "behaviour.handler", **settings) -> Environment:
        code_root = FUNCTIONS
        if source is not None:
            code_root = tmp_path / f"code{len(made)}"
            code_root.mkdir()
            (code_root / "function.py").write_text(source)
            handler = "function.handler"
        defaults = {"version": "$LATEST", "timeout_seconds": 20, "memory_mib": 256}
        variables = {"PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1"}
        environment = Environment(
            FunctionSettings(handler=handler, code_root=code_root, **(defaults | settings)),
            variables,
            lambda_python,
            guard,
            tmp_path,
        )
        made.append(environment)
        return environment

    yield make
    for environment in made:
        environment.stop()


@pytest.fixture(scope="session")
def free_port():
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture(scope="session")
def local_cloud(cloud_python, lambda_python):
    """Run the command; the result has returncode, stdout and stderr."""
    environment = os.environ | {
        "LOCAL_CLOUD_LAMBDA_PYTHON": str(lambda_python),
        "SECRET_OF_THE_HOST": "hidden",
    }

    def run(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        command = [cloud_python, "-m", "local_cloud", *map(str, arguments)]
        return subprocess.run(
            command, env=environment | more, cwd="/", capture_output=True, text=True, timeout=120
        )

    return run


class Cloud:
    """A running local cloud and what a test does with it."""

    def __init__(self, endpoint: str, state: Path, pid: int) -> None:
        self.endpoint, self.state, self.pid = endpoint, state, pid
        self._names = 0

    @property
    def keys(self) -> dict[str, str]:
        """The lines of the file that scripts/local-env.sh reads."""
        return dict(line.split("=", 1) for line in (self.state / "keys.env").read_text().splitlines())

    def client(self, service: str, key_id: str | None = None):
        """key_id: another than the cloud's own."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key_id or self.keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=16),
        )

    def deploy(self, source: str | None = None, handler: str = "behaviour.handler", **settings) -> str:
        """Create a function and return its name once it is active."""
        self._names += 1
        name = f"function-{self._names}"
        client = self.client("lambda")
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/function",
            Handler=handler,
            Code={"ZipFile": zipped(source)},
            **({"Timeout": 20, "MemorySize": 256} | settings),
        )
        self.until(name, "State", "Active")
        return name

    def until(self, name: str, field: str, value: str) -> None:
        client = self.client("lambda")
        deadline = time.monotonic() + 10
        while client.get_function_configuration(FunctionName=name)[field] != value:
            assert time.monotonic() < deadline, f"{field} of {name} did not become {value}"
            time.sleep(0.02)

    def invoke(self, name: str, **event):
        """The answer of a synchronous invocation: the API's response with the payload decoded."""
        answer = self.client("lambda").invoke(FunctionName=name, LogType="Tail", Payload=json.dumps(event))
        return answer | {"Payload": json.loads(answer["Payload"].read())}


def zipped(source: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if source is None:
            source = (FUNCTIONS / "behaviour.py").read_text()
        archive.writestr("behaviour.py", source)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def zip_of():
    return zipped


@pytest.fixture(scope="session")
def start_cloud(local_cloud, free_port):
    """Start clouds of one's own; whatever still runs at the end is stopped."""
    states = []

    def start(state: Path, *options: str) -> Cloud:
        endpoint = f"http://localhost:{free_port()}"
        states.append(state)
        result = local_cloud("up", "--endpoint", endpoint, "--state-dir", state, *options)
        assert result.returncode == 0, result.stderr
        described = json.loads(local_cloud("status", "--json", "--state-dir", state).stdout)
        return Cloud(endpoint, state, described["pid"])

    yield start
    for state in states:
        local_cloud("down", "--state-dir", state)


@pytest.fixture(scope="session")
def cloud(start_cloud, tmp_path_factory) -> Cloud:
    return start_cloud(tmp_path_factory.mktemp("cloud"))
