"""Terraform against the local cloud: what is applied stays applied, and destroy leaves nothing."""

import json

import pytest
from botocore.exceptions import ClientError


def test_a_second_plan_shows_no_change(pipeline, terraform):
    planned = terraform("plan")

    assert planned.returncode == 0, planned.stderr
    assert "no changes" in planned.stdout


def test_a_second_deploy_starts_no_terraform(pipeline, terraform):
    deployed = terraform("deploy", PATH="/usr/bin:/bin")  # where no terraform is found

    assert deployed.returncode == 0, deployed.stderr
    assert "nothing to deploy" in deployed.stdout


def test_buckets_are_versioned_encrypted_and_closed(pipeline):
    s3 = pipeline.cloud.client("s3")
    for output in ("training_data_bucket", "training_artifact_bucket"):
        bucket = {"Bucket": pipeline.outputs[output]}
        assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
        assert s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
        statements = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
        assert [s["Condition"] for s in statements if s["Effect"] == "Deny"] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]


def test_the_state_machine_calls_the_aliases_and_may_call_nothing_else(pipeline):
    states, iam = pipeline.cloud.client("stepfunctions"), pipeline.cloud.client("iam")
    machine = states.describe_state_machine(stateMachineArn=pipeline.outputs["state_machine_arn"])
    called = {
        state["Parameters"]["FunctionName"]
        for state in json.loads(machine["definition"])["States"].values()
        if state["Type"] == "Task"
    }
    role = machine["roleArn"].rpartition("/")[2]
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
    invoke = [s["Resource"] for s in statements if s["Action"] == "lambda:InvokeFunction"]

    assert called == set(pipeline.outputs["alias_arns"].values())
    assert set(invoke[0]) == called


@pytest.fixture
def second_deployment(cloud, terraform, tmp_path):
    """Another deployment beside the first: names and buckets of its own."""
    variables = {
        "TF_VAR_name_prefix": "second",
        "TF_VAR_training_data_bucket": "second-data",
        "TF_VAR_training_artifact_bucket": "second-artifacts",
    }

    def run(command: str):
        done = terraform(command, tmp_path, **variables)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_destroy_leaves_nothing(pipeline, second_deployment):
    """Of a deployment that has been used: with objects in its buckets and an execution behind it."""
    second_deployment("deploy")
    assert len(names_with(pipeline, "second")) > 8
    pipeline.cloud.client("s3").put_object(Bucket="second-data", Key="data/a.csv", Body=b"1")

    second_deployment("destroy")

    assert names_with(pipeline, "second") == []
    assert names_with(pipeline, "model-service") != []
    with pytest.raises(ClientError, match="404"):
        pipeline.cloud.client("s3").head_bucket(Bucket="second-data")


def names_with(pipeline, prefix: str) -> list[str]:
    """Everything a deployment can leave behind, by name."""
    client = pipeline.cloud.client
    groups = client("logs").describe_log_groups()["logGroups"]
    names = [
        *(bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        *(function["FunctionName"] for function in client("lambda").list_functions()["Functions"]),
        *(role["RoleName"] for role in client("iam").list_roles()["Roles"]),
        *(machine["name"] for machine in client("stepfunctions").list_state_machines()["stateMachines"]),
        *(group["logGroupName"].rpartition("/")[2] for group in groups),
    ]
    return [name for name in names if name.startswith(prefix)]
