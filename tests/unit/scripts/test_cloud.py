import socket
import time

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from model_service_cli import cloud
from model_service_cli.cloud import Deployed
from model_service_cli.door import CommandError, run_command

NAME = "model-service-fetch-and-validate"


@pytest.fixture
def functions(monkeypatch):
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(cloud, "client", lambda *_, **__: client)
    with Stubber(client) as stub:
        yield stub


@pytest.fixture
def at(monkeypatch):
    """Sets the endpoint for one test."""

    def set_endpoint(url: str):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    return set_endpoint


def test_what_is_deployed_is_asked_of_the_function(functions):
    configuration = {
        "FunctionArn": f"arn:aws-cn:lambda:cn-north-1:123456789012:function:{NAME}:live",
        "Environment": {"Variables": {"TRAINING_DATA_BUCKET": "mine", "TRAINING_DATA_KEY": "in/x.csv"}},
    }
    functions.add_response(
        "get_function", {"Configuration": configuration}, {"FunctionName": NAME, "Qualifier": "live"}
    )
    machine = "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:model-service-training-pipeline"
    assert Deployed.find() == Deployed(machine, "mine", "in/x.csv")


def test_nothing_deployed_is_one_line(functions, at):
    at("http://localhost:4566")
    functions.add_client_error("get_function", "ResourceNotFoundException")
    with pytest.raises(CommandError) as caught:
        Deployed.find()
    assert str(caught.value) == f"{NAME} is not deployed at http://localhost:4566; run: make deploy"


def failing(error: BaseException):
    def command() -> int:
        raise error

    return command


def test_an_answer_that_does_not_come_names_the_endpoint(capsys, at):
    at("http://localhost:4566")
    assert run_command("name", failing(ReadTimeoutError(endpoint_url="http://localhost:4566/x"))) == 1
    assert capsys.readouterr().err.startswith("name: no answer from http://localhost:4566 (ReadTimeoutError)")


def test_an_endpoint_where_nothing_listens_is_one_line(capsys, at):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        at(url)
        assert run_command("name", lambda: bool(cloud.client("s3", attempts=1).list_buckets())) == 1
    shown = capsys.readouterr().err
    assert (
        shown
        == f"name: no answer from {url} (EndpointConnectionError); is the local cloud up? make local-up\n"
    )


def test_local_clients_use_the_endpoint_and_never_an_accounts_keys(at, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of an account")
    at("http://localhost:4566")
    client = cloud.client("stepfunctions")
    assert client.meta.endpoint_url == "http://localhost:4566"
    credentials = client._request_signer._credentials
    assert (credentials.access_key, credentials.token) == ("test", None)


@pytest.fixture
def silent():
    """An endpoint that takes connections and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_local_cloud_that_hangs_is_one_line_within_seconds(capsys, at, silent, monkeypatch):
    monkeypatch.setattr(cloud, "ANSWER_SECONDS", 1)
    at(silent)
    begin = time.monotonic()
    assert run_command("models", lambda: bool(cloud.client("s3").list_buckets())) == 1
    assert time.monotonic() - begin < 10
    assert capsys.readouterr().err == (
        f"models: {silent} takes connections and does not answer within 1 s: the local cloud hangs "
        "or is overloaded; `make local-down` ends it\n"
    )
