"""The policies that stand in infra/policies for an account's owner to take: what they allow, and what they do not."""

import re

import pytest
from policy_simulation import Policy, Request

from model_service_cli.files import ROOT

POLICIES = ROOT / "infra/policies"
KEY, DEPLOYER = Policy.read(POLICIES / "key.json"), Policy.read(POLICIES / "deployer.json")
ACCOUNT = "123456789012"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}"


def by_service(service: str, action: str, **context: str) -> Request:
    return Request(action, context=context, principal=f"{service}.amazonaws.com")


def log_group(name: str, action: str = "kms:GenerateDataKey") -> Request:
    context = {"kms:EncryptionContext:aws:logs:arn": f"{LOGS}:log-group:{name}"}
    return Request(action, context=context, principal="logs.us-east-1.amazonaws.com")


@pytest.mark.parametrize(
    "action", ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey"]
)
def test_the_key_encrypts_the_log_groups_of_this_deployment_and_no_others(action):
    names = re.findall(
        r'name += "(/aws/.*?)"', "".join(file.read_text() for file in (ROOT / "infra").glob("*.tf"))
    )
    assert names == ["/aws/lambda/${each.value}", "/aws/vendedlogs/states/${local.state_machine_name}"]
    for name in (
        "/aws/lambda/model-service-summarize",
        "/aws/vendedlogs/states/model-service-training-pipeline",
    ):
        assert KEY.allows(log_group(name, action))
    assert not KEY.allows(log_group("/aws/lambda/payroll", action))
    assert not KEY.allows(Request(action, principal="logs.us-east-1.amazonaws.com"))


def test_the_key_serves_the_delivery_of_logs_and_the_topics():
    source = {"kms:EncryptionContext:SourceArn": f"{LOGS}:*"}
    assert KEY.allows(Request("kms:Decrypt", context=source, principal="delivery.logs.amazonaws.com"))
    assert not KEY.allows(Request("kms:Decrypt", principal="delivery.logs.amazonaws.com"))
    for service in ("cloudwatch", "events"):
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            assert KEY.allows(by_service(service, action))
        assert not KEY.allows(by_service(service, "kms:Encrypt"))


def test_the_key_is_for_whom_the_accounts_own_policies_allow_it_and_for_no_other_account():
    assert KEY.allows(Request("kms:Decrypt", principal=f"arn:aws:iam::{ACCOUNT}:root"))
    assert not KEY.allows(Request("kms:Decrypt", principal="arn:aws:iam::999999999999:root"))
    assert not KEY.allows(by_service("s3", "kms:Decrypt"))


ROLE = f"arn:aws:iam::{ACCOUNT}:role/model-service-summarize-us-east-1"


def test_the_deployer_hands_its_roles_to_the_services_that_use_them_alone():
    services = re.findall(r'"(\w+)\.amazonaws\.com"', "".join(
        re.findall(r'(?s)_trust" \{.*?\n\}\n', (ROOT / "infra/iam.tf").read_text())
    ))  # fmt: skip
    for service in {*services, "events", "scheduler"}:
        context = {"iam:PassedToService": f"{service}.amazonaws.com"}
        assert DEPLOYER.allows(Request("iam:PassRole", ROLE, context))
    assert not DEPLOYER.allows(Request("iam:PassRole", ROLE, {"iam:PassedToService": "ec2.amazonaws.com"}))
    assert not DEPLOYER.allows(
        Request(
            "iam:PassRole",
            f"arn:aws:iam::{ACCOUNT}:role/admin",
            {"iam:PassedToService": "lambda.amazonaws.com"},
        )
    )


@pytest.mark.parametrize(
    "attack",
    [
        Request("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        Request("iam:AttachRolePolicy", ROLE),
        Request("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/me"),
        Request("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:payroll"),
        Request("s3:PutBucketPolicy", "arn:aws:s3:::payroll"),
        Request("s3:PutObject", "arn:aws:s3:::example-company-ml-artifacts/models/m.pkl"),
        Request("s3:PutObject", "arn:aws:s3:::example-company-ml-artifacts/runs/0/model/summary.json"),
        Request(
            "kms:ScheduleKeyDeletion",
            f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
    ],
    ids=lambda request: f"{request.action} {request.resource}",
)
def test_the_deployer_reaches_nothing_else(attack):
    assert not DEPLOYER.allows(attack)


def test_the_documents_have_the_names_of_the_example():
    example = (ROOT / "infra/aws.tfvars.example").read_text()
    buckets = set(re.findall(r'_bucket += "(.*?)"', example))
    text = (POLICIES / "deployer.json").read_text()
    assert set(re.findall(r"arn:aws:s3:::([\w-]+)", text)) == buckets
    assert re.search(r'kms_key_arn += "(.*?)"', example)[1] in text
