"""What each role cannot do: attacks on the rendered policies, each beside what the role does every day.

The attacks are those of a step that was taken over, or that a request has talked into writing elsewhere: to replace
a published version, to alter what another step has written, to read what is somebody else's.
"""

from typing import NamedTuple

import pytest
from policy_simulation import Policy, Request

ACCOUNT, STRANGER = "123456789012", "999999999999"
DATA, ARTIFACTS = "arn:aws:s3:::example-data", "arn:aws:s3:::example-artifacts"
RUN = f"{ARTIFACTS}/runs/0123456789abcdef0123"
VERSION = f"{ARTIFACTS}/models/training_pipeline/versions/ab.json"
CARD = f"{ARTIFACTS}/models/training_pipeline/versions/ab.card.html"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:model-service-training-pipeline"
OURS, DATA_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/ours", "arn:aws:kms:us-east-1:210987654321:key/data"
FORMER = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/former"
VIA_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
SCHEDULE = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/model-service-schedule/model-service-schedule"
FETCH, SUMMARIZE, PUBLISH = "step fetch-and-validate", "step summarize", "step publish-artifact"
STEPS = (FETCH, SUMMARIZE, PUBLISH)


def s3(action: str, resource: str, account: str = ACCOUNT, **context: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in context.items()}
    return Request(
        f"s3:{action}",
        resource,
        {"aws:ResourceAccount": account, **{f"s3:{name}": value for name, value in named.items()}},
    )


def put(resource: str, account: str = ACCOUNT, **context: str) -> Request:
    return s3("PutObject", resource, account, **context)


class Case(NamedTuple):
    """One role's attack and its everyday request that is next to it."""

    what: str
    role: str
    attack: Request
    everyday: Request


CASES = [
    Case("a version replaced", PUBLISH, put(VERSION), put(VERSION, if_none_match="*")),
    Case(
        "a version replaced where it is as known",
        PUBLISH,
        put(VERSION, if_match='"e"'),
        put(VERSION, if_none_match="*"),
    ),
    Case("a version's card replaced", PUBLISH, put(CARD), put(CARD, if_none_match="*")),
    Case(
        "a manifest altered by the publisher",
        PUBLISH,
        put(f"{RUN}/dataset/manifest.json"),
        put(f"{RUN}/publication/artifact.json"),
    ),
    Case(
        "a summary altered by the publisher",
        PUBLISH,
        put(f"{RUN}/model/summary.json"),
        put(f"{RUN}/publication/artifact.json"),
    ),
    Case(
        "a summary altered by the first step",
        FETCH,
        put(f"{RUN}/model/summary.json"),
        put(f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "a record of publication forged by the first step",
        FETCH,
        put(f"{RUN}/publication/artifact.json"),
        put(f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "the stable key moved by the first step",
        FETCH,
        put(f"{ARTIFACTS}/models/training_pipeline.pkl"),
        put(f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "code replaced by the first step",
        FETCH,
        put(f"{ARTIFACTS}/packages/summarize.zip"),
        put(f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "the Map's results forged",
        FETCH,
        put(f"{RUN}/map/x/FAILED_0.json"),
        put(f"{RUN}/dataset/shard-00000/result.json"),
    ),
    Case(
        "a manifest altered by the second step",
        SUMMARIZE,
        put(f"{RUN}/dataset/manifest.json"),
        put(f"{RUN}/model/summary.json"),
    ),
    Case(
        "a version written by the second step",
        SUMMARIZE,
        put(VERSION, if_none_match="*"),
        put(f"{RUN}/model/summary.json"),
    ),
    Case("a version deleted", PUBLISH, s3("DeleteObject", VERSION), s3("GetObject", VERSION)),
    Case(
        "a version of a version deleted",
        PUBLISH,
        s3("DeleteObjectVersion", VERSION),
        s3("GetObject", VERSION),
    ),
    Case(
        "versioning switched off",
        PUBLISH,
        s3("PutBucketVersioning", ARTIFACTS),
        s3("ListBucket", ARTIFACTS, prefix="models/x"),
    ),
    Case(
        "others' data read",
        FETCH,
        s3("GetObject", f"{DATA}/payroll/salaries.csv"),
        s3("GetObject", f"{DATA}/data/a.csv"),
    ),
    Case(
        "the data bucket listed",
        FETCH,
        s3("ListBucket", DATA, prefix=""),
        s3("ListBucket", DATA, prefix="data/a.csv"),
    ),
    Case(
        "the training data read by the second step",
        SUMMARIZE,
        s3("GetObject", f"{DATA}/data/a.csv"),
        s3("GetObject", f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "the artifact bucket listed by the second step",
        SUMMARIZE,
        s3("ListBucket", ARTIFACTS, prefix="runs/"),
        s3("ListBucket", ARTIFACTS, prefix="runs/0/model/x"),
    ),
    Case(
        "the bucket is a stranger's by now",
        PUBLISH,
        put(VERSION, STRANGER, if_none_match="*"),
        put(VERSION, if_none_match="*"),
    ),
    Case(
        "the run's files go to a stranger",
        FETCH,
        put(f"{RUN}/dataset/manifest.json", STRANGER),
        put(f"{RUN}/dataset/manifest.json"),
    ),
    Case(
        "a stranger's data is trained on",
        FETCH,
        s3("GetObject", f"{DATA}/data/a.csv", STRANGER),
        s3("GetObject", f"{DATA}/data/a.csv"),
    ),
    Case(
        "another function invoked",
        SUMMARIZE,
        Request("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:payroll"),
        Request(
            "lambda:InvokeFunction",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:model-service-fetch-and-validate:live",
        ),
    ),
    Case(
        "a list of shards forged by the machine",
        "state_machine",
        put(f"{RUN}/dataset/shards.json"),
        s3("GetObject", f"{RUN}/dataset/shards.json"),
    ),
    Case(
        "a model read by the machine",
        "state_machine",
        s3("GetObject", f"{ARTIFACTS}/models/training_pipeline.pkl"),
        s3("GetObject", f"{RUN}/dataset/shards.json"),
    ),
    Case(
        "the Map's results go to a stranger",
        "state_machine",
        put(f"{RUN}/map/x/manifest.json", STRANGER),
        put(f"{RUN}/map/x/manifest.json"),
    ),
    Case(
        "another machine started",
        "state_machine",
        Request("states:StartExecution", f"{MACHINE}-2"),
        Request("states:StartExecution", MACHINE),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_an_attack_fails_where_the_everyday_request_beside_it_succeeds(rendered, case):
    policy = rendered["defaults"][case.role]

    assert policy.allows(case.everyday)
    assert not policy.allows(case.attack)


@pytest.mark.parametrize("key", [VERSION, CARD])
def test_a_version_is_protected_against_any_policy_that_is_added_to_the_role(rendered, key):
    assert rendered["defaults"][PUBLISH].denies(put(key))
    assert not rendered["defaults"][PUBLISH].denies(put(key, if_none_match="*"))


EVERYTHING = [
    Case("the key used beside S3", FETCH, Request("kms:Decrypt", OURS), Request("kms:Decrypt", OURS, VIA_S3)),
    Case(
        "the key used through another service",
        FETCH,
        Request("kms:Decrypt", OURS, {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}),
        Request("kms:GenerateDataKey", OURS, VIA_S3),
    ),
    Case(
        "a former key written under",
        PUBLISH,
        Request("kms:GenerateDataKey", FORMER, VIA_S3),
        Request("kms:Decrypt", FORMER, VIA_S3),
    ),
    Case(
        "the data's key written under",
        FETCH,
        Request("kms:GenerateDataKey", DATA_KEY, VIA_S3),
        Request("kms:Decrypt", DATA_KEY, VIA_S3),
    ),
    Case(
        "the data's key used by the second step",
        SUMMARIZE,
        Request("kms:Decrypt", DATA_KEY, VIA_S3),
        Request("kms:Decrypt", OURS, VIA_S3),
    ),
    Case(
        "another machine's data decrypted",
        "state_machine",
        Request("kms:Decrypt", OURS, {"kms:EncryptionContext:aws:states:stateMachineArn": f"{MACHINE}-2"}),
        Request("kms:Decrypt", OURS, {"kms:EncryptionContext:aws:states:stateMachineArn": MACHINE}),
    ),
    # The scheduler decrypts with the role itself: the request names no service in between.
    Case(
        "another schedule decrypted",
        "starter schedule",
        Request("kms:Decrypt", OURS, {"kms:EncryptionContext:aws:scheduler:schedule:arn": f"{SCHEDULE}-2"}),
        Request("kms:Decrypt", OURS, {"kms:EncryptionContext:aws:scheduler:schedule:arn": SCHEDULE}),
    ),
    Case(
        "another machine started by the clock",
        "starter schedule",
        Request("states:StartExecution", f"{MACHINE}-2"),
        Request("states:StartExecution", MACHINE),
    ),
    Case(
        "a run stopped by an upload",
        "starter uploaded",
        Request("states:StopExecution", MACHINE),
        Request("states:StartExecution", MACHINE),
    ),
    Case(
        "data of an account that is not the owner's",
        FETCH,
        s3("GetObject", f"{DATA}/data/a.csv"),
        s3("GetObject", f"{DATA}/data/a.csv", "210987654321"),
    ),
]


@pytest.mark.parametrize("case", EVERYTHING, ids=[case.what for case in EVERYTHING])
def test_with_keys_and_triggers_an_attack_fails_where_the_everyday_request_succeeds(rendered, case):
    policy = rendered["everything"][case.role]

    assert policy.allows(case.everyday)
    assert not policy.allows(case.attack)


def assume(service: str, source: str, account: str = ACCOUNT) -> Request:
    context = {"aws:SourceArn": source, "aws:SourceAccount": account}
    return Request("sts:AssumeRole", context=context, principal=service)


@pytest.mark.parametrize("source", [MACHINE, f"{MACHINE}/ValidateShards"])
def test_the_machine_and_the_children_of_its_map_assume_the_role_and_no_other_machine(rendered, source):
    trust = rendered["defaults"]["state_machine_trust"]

    assert trust.allows(assume("states.amazonaws.com", source))
    for other in (f"{MACHINE}-2", f"{MACHINE}-2/ValidateShards", source.replace(ACCOUNT, STRANGER)):
        assert not trust.allows(assume("states.amazonaws.com", other))
    assert not trust.allows(assume("states.amazonaws.com", source, STRANGER))
    assert not trust.allows(assume("lambda.amazonaws.com", source))


def test_no_bucket_answers_without_tls(rendered):
    """Of a bucket's policy the deny alone matters here: what is allowed, the roles' policies say."""
    for bucket, arn in (("data", DATA), ("artifact", ARTIFACTS)):
        policy = rendered["defaults"][f"tls_only {bucket}"]
        assert policy.denies(Request("s3:GetObject", f"{arn}/x", {"aws:SecureTransport": "false"}, "*"))
        assert not policy.denies(Request("s3:GetObject", f"{arn}/x", {"aws:SecureTransport": "true"}, "*"))


def test_the_simulation_decides_as_iam_does():
    """An explicit deny wins; a key that a request lacks makes every operator false but Null."""
    statement = {
        "effect": None,
        "actions": ["s3:Get*"],
        "resources": ["arn:aws:s3:::b/a?/*"],
        "principals": [],
        "condition": [{"test": "StringLike", "variable": "k", "values": ["x*", "y"]}],
    }
    deny = statement | {
        "effect": "Deny",
        "actions": ["s3:GetObject"],
        "condition": [{"test": "Null", "variable": "h", "values": ["true"]}],
    }
    policy = Policy.rendered({"statement": [statement]})
    both = Policy.rendered({"statement": [statement, deny]})

    assert policy.allows(Request("s3:getobject", "arn:aws:s3:::b/ab/c/d", {"k": "xyz"}))
    assert not policy.allows(Request("s3:GetObject", "arn:aws:s3:::b/ab/c", {"k": "z"}))
    assert not policy.allows(Request("s3:GetObject", "arn:aws:s3:::b/ab/c"))
    assert not policy.allows(Request("s3:GetObject", "arn:aws:s3:::b/abc/c", {"k": "y"}))
    assert not policy.allows(Request("s3:PutObject", "arn:aws:s3:::b/ab/c", {"k": "y"}))
    assert not both.allows(Request("s3:GetObject", "arn:aws:s3:::b/ab/c", {"k": "y"}))
    assert both.allows(Request("s3:GetObject", "arn:aws:s3:::b/ab/c", {"k": "y", "h": "1"}))
