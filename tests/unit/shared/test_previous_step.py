"""A step invoked alone with a plain request asks the step before it."""

import io
import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared import errors, previous_step
from shared.config import Config
from shared.previous_step import output_of_previous_step

ARN = "arn:aws:lambda:us-east-1:000000000000:function:model-service-fetch-and-validate:live"
CONFIG = Config(previous_step=ARN)
OUTPUT = {"run": {"run_id": "run-1"}, "dataset": {}}


class Lambda:
    """Answers `invoke` with a payload, or raises; keeps the calls."""

    def __init__(self, payload=None, function_error=None, failure=None):
        self.calls = []
        self._payload, self._function_error, self._failure = payload, function_error, failure

    def invoke(self, **call):
        self.calls.append(call)
        if self._failure:
            raise self._failure
        response = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self._payload).encode())}
        return response | ({"FunctionError": self._function_error} if self._function_error else {})


@pytest.fixture
def use(monkeypatch):
    def use_client(client: Lambda) -> Lambda:
        monkeypatch.setattr(previous_step.boto3, "client", lambda service, **_: {"lambda": client}[service])
        return client

    return use_client


def test_a_step_s_output_is_passed_on_and_nothing_is_invoked(use):
    client = use(Lambda())
    assert output_of_previous_step(OUTPUT, CONFIG) is OUTPUT
    assert client.calls == []


@pytest.mark.parametrize("event", [None, [], "x", 3])
def test_what_is_no_object_is_left_to_the_contract(event, use):
    client = use(Lambda())
    assert output_of_previous_step(event, CONFIG) is event
    assert client.calls == []


def test_a_plain_request_is_answered_by_the_previous_step(use):
    client = use(Lambda(OUTPUT))
    assert output_of_previous_step({"test_size": 0.3}, CONFIG) == OUTPUT
    assert [(call["FunctionName"], json.loads(call["Payload"])) for call in client.calls] == [
        (ARN, {"test_size": 0.3})
    ]


@pytest.mark.parametrize("name", ["InvalidRequestError", "InvalidDatasetError", "TransientStorageError"])
def test_the_previous_step_s_own_error_comes_out_under_its_name(name, use):
    use(Lambda({"errorType": name, "errorMessage": "line 3: a text"}, "Unhandled"))
    with pytest.raises(getattr(errors, name)) as caught:
        output_of_previous_step({}, CONFIG)
    assert str(caught.value) == "line 3: a text"


@pytest.mark.parametrize("name", ["ZeroDivisionError", "Runtime.ExitError", "Sandbox.Timedout"])
def test_any_other_failure_is_told_with_step_and_message(name, use):
    use(Lambda({"errorType": name, "errorMessage": "oops"}, "Unhandled"))
    with pytest.raises(RuntimeError) as caught:
        output_of_previous_step({}, CONFIG)
    assert str(caught.value) == f"{ARN} failed with {name}: oops"


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke"),
        EndpointConnectionError(endpoint_url="http://localhost:4566"),
        OSError("connection reset"),
    ],
)
def test_a_previous_step_that_cannot_be_invoked_is_a_transient_error(failure, use):
    use(Lambda(failure=failure))
    with pytest.raises(errors.TransientStorageError, match="could not be invoked"):
        output_of_previous_step({}, CONFIG)


def test_without_a_previous_step_a_plain_request_is_refused():
    with pytest.raises(errors.InvalidRequestError, match="PREVIOUS_STEP is not set"):
        output_of_previous_step({}, Config())
