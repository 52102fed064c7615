"""Other users of the machine, and pages in a browser, call the local cloud."""

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError
from fault_lab import Lab, Trial
from fault_scenarios import MODEL, STEPS, scenario

FINE = {"leaves": MODEL, "cached": STEPS}


def page_posts(lab: Lab, path: str, content_type: str, body: bytes) -> int:
    """A form on a web page: a browser sends it to any address without asking first. The status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(lab.pipeline.cloud.endpoint).netloc, timeout=20)
    headers = {"Origin": "https://web.example", "Content-Type": content_type}
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def runtime_ports(lab: Lab) -> list[int]:
    """Where the Runtime APIs of the functions listen."""
    gateway = urlsplit(lab.pipeline.cloud.endpoint).port
    sockets = psutil.Process(lab.cloud_pid).net_connections("tcp")
    return [s.laddr.port for s in sockets if s.status == psutil.CONN_LISTEN and s.laddr.port != gateway]


def asked_for_an_invocation(port: int) -> bytes:
    """What a process that is no function's gets from a Runtime API."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
            return connection.recv(1000)
        except ConnectionResetError:
            return b""


@scenario(
    "another user calls S3, Lambda and Step Functions while the run goes on, with the keys `test`",
    told="SUCCEEDED; the other: `InvalidAccessKeyId`, `UnrecognizedClientException`",
    **FINE,
)
def test_another_user_has_no_key(trial: Trial) -> None:
    def client(service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service, endpoint_url=trial.lab.pipeline.cloud.endpoint, region_name="us-east-1", **keys
        )

    calls = {
        "s3": lambda s3: s3.put_object(Bucket=trial.lab.artifact_bucket, Key=trial.stable, Body=b"forged"),
        "lambda": lambda functions: functions.invoke(
            FunctionName=trial.lab.pipeline.outputs["function_names"]["publish-artifact"], Payload=b"{}"
        ),
        "stepfunctions": lambda states: states.start_execution(
            stateMachineArn=trial.lab.pipeline.outputs["state_machine_arn"], input="{}"
        ),
    }
    codes = []
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        reading.wait()
        for service, call in calls.items():
            with pytest.raises(ClientError) as refusal:
                call(client(service))
            codes.append(refusal.value.response["Error"]["Code"])
        reading.release()
        trial.ended(run)
    assert codes == ["InvalidAccessKeyId", "UnrecognizedClientException", "UnrecognizedClientException"]
    trial.next_run()


@scenario(
    "a form on a web page writes to the bucket, invokes a function and asks the local cloud to end",
    told="SUCCEEDED; each form: 403",
    **FINE,
)
def test_a_form_on_a_web_page_is_refused(trial: Trial) -> None:
    form = (
        f'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n{trial.stable}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nforged\r\n--x--\r\n'
    )
    name = trial.lab.pipeline.outputs["function_names"]["publish-artifact"]
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        reading.wait()
        answers = [
            page_posts(
                trial.lab, f"/{trial.lab.artifact_bucket}", "multipart/form-data; boundary=x", form.encode()
            ),
            page_posts(trial.lab, f"/2015-03-31/functions/{name}/invocations", "text/plain", b"{}"),
            page_posts(trial.lab, "/_localstack/health", "text/plain", b'{"action": "kill"}'),
        ]
        reading.release()
        trial.ended(run)
    assert answers == [403, 403, 403]
    trial.next_run()


@scenario(
    "another process asks the functions' Runtime APIs for the next invocation, and answers it",
    told="SUCCEEDED; the other: its connection is closed",
    **FINE,
)
def test_an_invocation_is_not_to_be_stolen(trial: Trial) -> None:
    trial.run(test_size=0.3)  # so that functions wait for their next invocation
    trial.rebase()
    ports = runtime_ports(trial.lab)
    assert len(ports) >= len(trial.lab.functions()) > 0
    assert {asked_for_an_invocation(port) for port in ports} == {b""}
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        reading.wait()
        answered = {asked_for_an_invocation(port) for port in runtime_ports(trial.lab)}
        reading.release()
        trial.ended(run)
    assert answered == {b""}
    trial.next_run()
