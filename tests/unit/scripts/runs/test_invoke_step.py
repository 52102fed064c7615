import io
import json

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from model_service_cli.door import CommandError
from model_service_cli.runs.invoke_step import (
    EXAMPLE_REQUEST,
    choose_payload,
    invoke,
    response_file,
    summary_lines,
)


@pytest.fixture
def functions():
    client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        client.answers = stub
        yield client


def answers(functions, response, **more) -> None:
    body = json.dumps(response).encode()
    expected = {"FunctionName": "model-service-summarize", "Qualifier": "live", "Payload": b'{"seed": 1}'}
    functions.answers.add_response(
        "invoke", {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **more}, expected
    )


def test_input_is_the_payload_before_anything_else(tmp_path):
    response_file(tmp_path, "fetch-and-validate").write_text('{"run_id": "r"}')
    assert choose_payload("summarize", '{"seed": 1}', tmp_path) == ({"seed": 1}, "INPUT")


def test_without_input_the_response_of_the_step_before_is_the_payload(tmp_path):
    file = response_file(tmp_path, "fetch-and-validate")
    file.write_text('{"run_id": "r"}')
    assert choose_payload("summarize", "", tmp_path) == (
        {"run_id": "r"},
        f"the response of fetch-and-validate, {file}",
    )


@pytest.mark.parametrize("step", ["fetch-and-validate", "publish-artifact"])
def test_without_both_the_example_request_is_the_payload(tmp_path, step):
    response_file(tmp_path, "fetch-and-validate").write_text('{"run_id": "not the step before"}')
    payload, origin = choose_payload(step, "", tmp_path)
    assert payload == json.loads(EXAMPLE_REQUEST.read_text())
    assert origin == "the example request, statemachine/examples/request.json"


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_response_file_that_is_no_payload_is_one_line(tmp_path, content):
    response_file(tmp_path, "summarize").write_text(content)
    with pytest.raises(CommandError, match=r"summarize-response\.json (cannot be read|holds no JSON object)"):
        choose_payload("publish-artifact", "", tmp_path)


def test_the_response_is_kept(functions, tmp_path):
    answers(functions, {"run_id": "r"})
    assert invoke(functions, "summarize", {"seed": 1}, tmp_path / "new") == {"run_id": "r"}
    assert json.loads(response_file(tmp_path / "new", "summarize").read_text()) == {"run_id": "r"}


def test_a_failed_function_is_an_error_of_two_lines_and_leaves_no_response(functions, tmp_path):
    response_file(tmp_path, "summarize").write_text('{"run_id": "of an earlier run"}')
    raised = {"errorType": "InvalidDatasetError", "errorMessage": "line 3:\nopen is text", "stackTrace": []}
    answers(functions, raised, FunctionError="Unhandled")
    with pytest.raises(CommandError) as caught:
        invoke(functions, "summarize", {"seed": 1}, tmp_path)
    assert str(caught.value) == "summarize failed: InvalidDatasetError\n  line 3: open is text"
    assert caught.value.exit_status == 1
    assert list(tmp_path.iterdir()) == []


def test_a_function_that_is_not_there_is_one_line(functions, tmp_path):
    functions.answers.add_client_error("invoke", "ResourceNotFoundException")
    with pytest.raises(
        CommandError, match=r"model-service-summarize is not deployed at .*; run: make deploy"
    ):
        invoke(functions, "summarize", {}, tmp_path)


def test_the_summary_shows_what_the_step_has_come_to():
    dataset = {"bucket": "b", "key": "data/k.csv", "rows": 10, "invalid_rows": 1}
    artifact = {"bucket": "artifacts", "key": "models/m.pkl"}
    response = {"run": {"run_id": "r"}, "dataset": dataset, "metrics": {"f1": 0.5}, "artifact": artifact}
    assert summary_lines(response, {}) == [
        "run        r",
        "dataset    s3://b/data/k.csv",
        "rows       10 used, 1 dropped as invalid",
        "",
        "metrics    on the test rows",
        "metric                model",
        "f1                   0.5000",
        "",
        "artifact   s3://artifacts/models/m.pkl",
    ]
