"""A run on AWS, with S3 and STS in memory in place of an account and prepared answers for Step Functions.

Terraform is a program that prints outputs.
"""

import json
import os
from datetime import UTC, datetime

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.stub import ANY, Stubber
from moto import mock_aws
from policy_simulation import Policy, Request

from model_service_cli import cloud
from model_service_cli.command_line import main
from model_service_cli.deploy.target import Deployment
from model_service_cli.files import ROOT
from model_service_cli.pipeline import on_aws, run_pipeline
from model_service_cli.trace import write_trace

ACCOUNT = "123456789012"
MACHINE = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:team-training-pipeline"
EXECUTION = f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:team-training-pipeline:run"
OUTPUTS = {
    "region": "eu-central-1",
    "account_id": ACCOUNT,
    "name_prefix": "team",
    "state_machine_arn": MACHINE,
    "training_data_bucket": "example-data",
    "training_data_key": "data/candles.csv",
}
TERRAFORM = """#!/bin/sh
echo "$@ endpoint=$AWS_ENDPOINT_URL" >> "{calls}"
case "$*" in
    *version*) echo '{{"terraform_version": "1.11.4"}}' ;;
    *" output "*) cat "{outputs}" ;;
esac
"""
BEGIN = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """A deployment to AWS whose state says OUTPUTS; the shell still has the local cloud's endpoint. A file of calls."""
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "versions.tf").write_text((ROOT / "infra/versions.tf").read_text())
    (infra / "aws.tfvars").write_text("")
    (infra / "aws.tfstate").write_text("{}")
    calls, outputs = tmp_path / "calls", tmp_path / "outputs.json"
    outputs.write_text(json.dumps({name: {"value": value} for name, value in OUTPUTS.items()}))
    program = tmp_path / "bin/terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM.format(calls=calls, outputs=outputs))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://localhost:4566")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.delenv("YES", raising=False)
    there = Deployment("aws", "", tmp_path / "aws", tmp_path)
    monkeypatch.setattr(on_aws.Deployment, "of", lambda target, folder=None: there)
    monkeypatch.setattr(cloud, "OUTPUTS_ON_AWS", there.stamp)
    return calls


@pytest.fixture
def account(monkeypatch):
    """S3 and STS of an account, and a Step Functions client with prepared answers."""
    config = Config(ignore_configured_endpoint_urls=True)
    with mock_aws():
        made = {
            name: boto3.client(name, region_name="eu-central-1", config=config)
            for name in ("s3", "stepfunctions", "sts")
        }
        place = {"LocationConstraint": "eu-central-1"}
        made["s3"].create_bucket(Bucket="example-data", CreateBucketConfiguration=place)
        monkeypatch.setattr(run_pipeline, "client", made.get)
        monkeypatch.setattr(on_aws, "client", made.get)
        with Stubber(made["stepfunctions"]) as stub:
            yield made["s3"], stub
        stub.assert_no_pending_responses()


def run(tmp_path, *options: str) -> int:
    data = tmp_path / "rows.csv"
    data.write_text("x,label\n1,a\n2,b\n")
    record = tmp_path / "out/execution.json"
    return main(["run-pipeline", "--target=aws", f"--data={data}", f"--record={record}", *options])


def test_it_uploads_starts_follows_and_shows_the_result_by_terraforms_outputs(
    deployed, account, tmp_path, monkeypatch, capsys
):
    s3, states = account
    monkeypatch.setenv("YES", "1")
    request = {"bucket": "example-data", "key": "data/rows.csv"}
    states.add_response(
        "start_execution",
        {"executionArn": EXECUTION, "startDate": BEGIN},
        {"stateMachineArn": MACHINE, "name": ANY, "input": json.dumps(request)},
    )
    events = [{"type": "ExecutionSucceeded", "id": 1, "previousEventId": 0, "timestamp": BEGIN}]
    output = {
        "metrics": {"accuracy": 0.7},
        "artifact": {"bucket": "example-artifacts", "key": "models/rows.pkl"},
    }
    states.add_response("get_execution_history", {"events": events})
    states.add_response(
        "describe_execution",
        {
            "executionArn": EXECUTION, "stateMachineArn": MACHINE, "startDate": BEGIN, "stopDate": BEGIN,
            "status": "SUCCEEDED", "input": json.dumps(request), "output": json.dumps(output),
        },
    )  # fmt: skip
    states.add_response("get_execution_history", {"events": events})

    assert run(tmp_path) == 0

    said = capsys.readouterr().out
    assert "uploaded to s3://example-data/data/rows.csv" in said
    assert "accuracy             0.7000" in said
    assert s3.get_object(Bucket="example-data", Key="data/rows.csv")["Body"].read() == b"x,label\n1,a\n2,b\n"
    assert [line.rpartition("endpoint=")[2] for line in deployed.read_text().splitlines()[1:]] == ["", ""]
    assert [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")] == []
    assert os.environ["AWS_REGION"] == "eu-central-1"
    assert cloud.function_name("summarize") == "team-summarize"  # of what other commands then look at


# Calls and what allows them, where the names differ (Service Authorization Reference).
ACTIONS = {"s3:HeadObject": "s3:GetObject"}
RESOURCES = {
    "s3": lambda given: f"arn:aws:s3:::{given['Bucket']}/{given['Key']}",
    "states": lambda given: next(iter(given.values())),
    "logs": lambda given: f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{given['logGroupName']}",
    "sts": lambda given: "*",
}


def test_it_calls_nothing_that_the_deployers_policy_does_not_allow(deployed, account, tmp_path, monkeypatch):
    """From the start to the trace, the deployment being the one that the policy names."""
    s3, states = account
    machine = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:model-service-training-pipeline"
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:run"
    said = OUTPUTS | {"state_machine_arn": machine, "training_data_bucket": "example-company-ml-data"}
    (tmp_path / "outputs.json").write_text(
        json.dumps({name: {"value": value} for name, value in said.items()})
    )
    for bucket in ("example-company-ml-data", "example-company-ml-artifacts"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    logs = boto3.client(
        "logs", region_name="eu-central-1", config=Config(ignore_configured_endpoint_urls=True)
    )
    made = {"s3": s3, "stepfunctions": states.client, "logs": logs}
    monkeypatch.setattr(write_trace, "client", made.get)
    monkeypatch.setattr(
        write_trace, "log_groups", lambda *_: {"summarize": "/aws/lambda/model-service-summarize"}
    )
    called = []
    call = BaseClient._make_api_call

    def noted(self, operation: str, given: dict):
        prefix = {"stepfunctions": "states"}.get(self.meta.service_model.service_name)
        prefix = prefix or self.meta.service_model.service_name
        called.append((f"{prefix}:{operation}", RESOURCES[prefix](given)))
        return call(self, operation, given)

    artifacts = {"bucket": "example-company-ml-artifacts"}
    version = {"key": "models/rows.pkl", "version_key": "models/rows/versions/ab.json", "sha256": "ab" * 32}
    output = {
        "metrics": {"accuracy": 0.7},
        "summary": artifacts | {"key": "runs/0/model/summary.json"},
        "artifact": artifacts | version,
        "card": artifacts | {"key": "models/rows/versions/ab.card.html"},
    }
    about = {"executionArn": execution, "stateMachineArn": machine, "startDate": BEGIN, "stopDate": BEGIN}
    events = [{"type": "ExecutionSucceeded", "id": 1, "previousEventId": 0, "timestamp": BEGIN}]
    definition = {
        "stateMachineArn": machine, "name": "m", "roleArn": "r", "updateDate": BEGIN,
        "definition": (ROOT / "statemachine/training_pipeline.asl.json").read_text(),
    }  # fmt: skip
    states.add_response("start_execution", {"executionArn": execution, "startDate": BEGIN})
    states.add_response("describe_state_machine_for_execution", definition)
    states.add_response("get_execution_history", {"events": events})
    states.add_response(
        "describe_execution", about | {"status": "SUCCEEDED", "input": "{}", "output": json.dumps(output)}
    )
    states.add_response("get_execution_history", {"events": events})
    states.add_response("describe_state_machine_for_execution", definition)
    monkeypatch.setenv("YES", "1")
    monkeypatch.setattr(BaseClient, "_make_api_call", noted)

    assert run(tmp_path) == 0

    policy = Policy.read(ROOT / "infra/policies/deployer.json")
    needed = [Request(ACTIONS.get(action, action), resource) for action, resource in called]
    assert {request.action for request in needed} == {
        "sts:GetCallerIdentity", "s3:GetObject", "s3:PutObject", "states:StartExecution", "states:GetExecutionHistory",
        "states:DescribeExecution", "states:DescribeStateMachineForExecution", "logs:FilterLogEvents",
    }  # fmt: skip
    assert [request for request in needed if not policy.allows(request)] == []


def test_nothing_is_uploaded_before_a_person_has_read_account_and_region(deployed, account, tmp_path, capsys):
    s3, _ = account

    assert run(tmp_path) == 1

    assert (
        "upload rows.csv to s3://example-data/data/rows.csv and start team-training-pipeline in account "
        f"{ACCOUNT}, region eu-central-1? Nobody to ask: run it in a terminal, or with YES=1"
    ) in capsys.readouterr().err
    assert "Contents" not in s3.list_objects_v2(Bucket="example-data")


def test_credentials_of_another_account_are_refused(deployed, account, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("YES", "1")
    monkeypatch.setitem(OUTPUTS, "account_id", "999999999999")
    (tmp_path / "outputs.json").write_text(
        json.dumps({name: {"value": value} for name, value in OUTPUTS.items()})
    )

    assert run(tmp_path) == 1
    assert f"for account {ACCOUNT}, and the pipeline is deployed to 999999999999" in capsys.readouterr().err


def test_a_local_clouds_keys_are_refused(deployed, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")

    assert run(tmp_path) == 1
    assert "AWS_ACCESS_KEY_ID is a local cloud's: give an account's" in capsys.readouterr().err
