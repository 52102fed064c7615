"""Terraform against the local cloud: what is applied stays applied, and destroy leaves nothing."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from tests.integration.conftest import ROOT


def test_a_second_plan_shows_no_change(pipeline, terraform):
    planned = terraform("plan")

    assert planned.returncode == 0, planned.stderr
    assert "no changes" in planned.stdout


def test_a_second_deploy_starts_no_terraform(pipeline, terraform):
    deployed = terraform("deploy", PATH="/usr/bin:/bin")  # where no terraform is found

    assert deployed.returncode == 0, deployed.stderr
    assert "nothing to deploy" in deployed.stdout


def test_of_several_deploys_at_once_one_mends_what_was_removed_and_the_others_wait_for_it(
    pipeline, terraform
):
    functions = pipeline.cloud.client("lambda")
    name = pipeline.outputs["function_names"]["summarize"]
    functions.delete_alias(FunctionName=name, Name="live")

    with ThreadPoolExecutor(4) as pool:
        deploys = list(pool.map(lambda _: terraform("deploy"), range(4)))
    assert [deploy.returncode for deploy in deploys] == [0] * 4, [deploy.stderr for deploy in deploys]
    said = "".join(deploy.stdout for deploy in deploys)
    assert said.count(f"deploy: the function {name} is not there any more") == 1
    assert said.count("1 added") == 1
    assert said.count("nothing to deploy") == 3
    assert "deploy: waiting for another one to end" in said
    assert functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] != "$LATEST"


def test_buckets_are_versioned_encrypted_and_closed(pipeline):
    s3 = pipeline.cloud.client("s3")
    for output in ("training_data_bucket", "training_artifact_bucket"):
        bucket = {"Bucket": pipeline.outputs[output]}
        assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
        assert s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
        statements = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
        conditions = [s["Condition"] for s in statements if s["Effect"] == "Deny"]
        assert conditions[0] == {"Bool": {"aws:SecureTransport": "false"}}
        kept = [{"Null": {"s3:if-none-match": "true"}}] if "artifact" in output else []
        assert conditions[1:] == kept


def test_the_state_machine_calls_the_newest_versions_and_may_call_no_other_functions(pipeline):
    """Versions, so that an execution ends with the code it began with; older ones, for those that run meanwhile."""
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

    aliases = [
        pipeline.cloud.client("lambda").get_alias(FunctionName=name, Name="live")
        for name in pipeline.outputs["function_names"].values()
    ]
    assert called == {alias["AliasArn"].removesuffix("live") + alias["FunctionVersion"] for alias in aliases}
    assert set(invoke[0]) == {f"{arn}:*" for arn in pipeline.outputs["function_arns"].values()}


@pytest.fixture
def second_deployment(cloud, terraform, tmp_path):
    """Another deployment beside the first: names and buckets of its own."""
    variables = {
        "TF_VAR_name_prefix": "second",
        "TF_VAR_training_data_bucket": "second-data",
        "TF_VAR_training_artifact_bucket": "second-artifacts",
    }

    def run(command: str, status: int = 0, **more: str) -> str:
        done = terraform(command, tmp_path, **variables, **more)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


# Where the operation of an API and the action that allows it have different names (Service Authorization Reference).
ACTIONS = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
}
PREFIXES = {"CloudWatch Logs": "logs", "SFN": "states", "EventBridge": "events"}
EVERYTHING = {
    "TF_VAR_trigger_on_upload": "true",
    "TF_VAR_schedule_expression": "rate(1 day)",
    "TF_VAR_alarms": "true",
    "TF_VAR_dashboard": "true",
}


def refused_by_the_deployers_policy(provider_log: str) -> set[str]:
    """The actions that Terraform's provider needed, by its own log, and infra/policies/deployer.json does not allow."""
    called = re.findall(r'rpc\.method="?(\w+)"? rpc\.service=(?:"([^"]+)"|(\S+))', provider_log)
    services = {(method, quoted or plain) for method, quoted, plain in called}
    actions = {f"{PREFIXES.get(service, service).lower()}:{method}" for method, service in services}
    assert len(actions) > 60
    statements = json.loads((ROOT / "infra/policies/deployer.json").read_text())["Statement"]
    allowed = {action for statement in statements for action in several(statement["Action"])}
    patterns = [re.compile(action.replace("*", ".*")) for action in allowed]
    needed = {ACTIONS.get(action, action) for action in actions}
    return {action for action in needed if not any(pattern.fullmatch(action) for pattern in patterns)}


def several(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def event_of(source: str, kind: str, detail: dict) -> dict:
    return {
        "id": "1",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "source": source,
        "detail-type": kind,
        "detail": detail,
    }


# The members of a failed execution's event that say why -> the topics that hear of it.
WHOSE_MESSAGE = {
    '{"error": "InvalidDatasetError"}': ["rejected"],
    '{"error": "ModelRejectedError"}': ["rejected"],
    '{"error": "States.Timeout"}': ["alarms"],
    '{"error": "InvalidDatasetErrors"}': ["alarms"],
    '{"error": null}': ["alarms"],
    "{}": ["alarms"],
}


def topics_told(pipeline, prefix: str, why: str) -> list[str]:
    """By EventBridge's own matching, as the local cloud has it, of the rules that are deployed."""
    events, machine = pipeline.cloud.client("events"), pipeline.outputs["state_machine_arn"]
    detail = {
        "stateMachineArn": machine.replace(":model-service-", f":{prefix}-"),
        "status": "FAILED",
        **json.loads(why),
    }
    event = event_of("aws.states", "Step Functions Execution Status Change", detail)
    return sorted(
        target["Arn"].removeprefix(f"arn:aws:sns:us-east-1:000000000000:{prefix}-")
        for rule in events.list_rules(NamePrefix=f"{prefix}-executions-")["Rules"]
        if events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    )


def test_destroy_leaves_nothing_and_no_more_was_called_than_the_deployer_may(
    pipeline, second_deployment, tmp_path
):
    """Of a deployment with everything on that this cloud has, and with objects in its buckets."""
    log = tmp_path / "provider.log"
    variables = EVERYTHING | {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(log)}
    second_deployment("deploy", **variables)
    assert len(names_with(pipeline, "second")) > 8
    told = {error: topics_told(pipeline, "second", error) for error in WHOSE_MESSAGE}
    assert told == WHOSE_MESSAGE
    s3 = pipeline.cloud.client("s3")
    s3.put_object(Bucket="second-data", Key="data/a.csv", Body=b"1")
    s3.put_object(Bucket="second-artifacts", Key="models/a.pkl", Body=b"1")

    refused = second_deployment("destroy", status=1)
    assert (
        "s3://second-artifacts/models/ holds 1 published objects and versions: DROP_ARTIFACTS=yes" in refused
    )
    s3.delete_object(Bucket="second-artifacts", Key="models/a.pkl")  # its version can still be had back
    second_deployment("destroy", status=1, **variables)
    assert len(names_with(pipeline, "second")) > 8

    second_deployment("destroy", DROP_ARTIFACTS="yes", **variables)

    assert names_with(pipeline, "second") == []
    assert names_with(pipeline, "model-service") != []
    with pytest.raises(ClientError, match="404"):
        pipeline.cloud.client("s3").head_bucket(Bucket="second-data")
    assert refused_by_the_deployers_policy(log.read_text()) == set()


@pytest.mark.parametrize(
    ("key", "version", "matching"),
    [
        ("data/new.csv", "v1", ["versioned"]),
        ("data/a folder/new.csv.gz", None, ["unversioned"]),
        ("data/new.txt", "v1", []),
        ("elsewhere/new.csv", "v1", []),
        ("models/new.csv", "v1", []),
    ],
)
def test_the_rules_of_uploads_match_csv_files_under_the_data_prefix_once(pipeline, key, version, matching):
    """By EventBridge's own matching, as the local cloud has it; the patterns are those of infra/triggers.tf."""
    events = pipeline.cloud.client("events")
    keys = [{"wildcard": f"data/*{suffix}"} for suffix in (".csv", ".csv.gz")]
    uploaded = {"key": key} | ({"version-id": version} if version else {})
    event = event_of("aws.s3", "Object Created", {"bucket": {"name": "ml-data-demo"}, "object": uploaded})
    matched = []
    for form, exists in (("versioned", True), ("unversioned", False)):
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {
                "bucket": {"name": ["ml-data-demo"]},
                "object": {"key": keys, "version-id": [{"exists": exists}]},
            },
        }
        if events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]:
            matched.append(form)
    assert matched == matching


def names_with(pipeline, prefix: str) -> list[str]:
    """Everything a deployment can leave behind, by name."""
    client = pipeline.cloud.client
    groups = client("logs").describe_log_groups()["logGroups"]
    names = [
        *(rule["Name"] for rule in client("events").list_rules()["Rules"]),
        *(group["Name"] for group in client("scheduler").list_schedule_groups()["ScheduleGroups"]),
        *(url.rpartition("/")[2] for url in client("sqs").list_queues().get("QueueUrls", [])),
        *(topic["TopicArn"].rpartition(":")[2] for topic in client("sns").list_topics()["Topics"]),
        *(alarm["AlarmName"] for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        *(function["FunctionName"] for function in client("lambda").list_functions()["Functions"]),
        *(role["RoleName"] for role in client("iam").list_roles()["Roles"]),
        *(machine["name"] for machine in client("stepfunctions").list_state_machines()["stateMachines"]),
        *(group["logGroupName"].rpartition("/")[2] for group in groups),
    ]
    return [name for name in names if name.startswith(prefix)]
