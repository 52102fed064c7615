"""What each role cannot do: attacks on the rendered policies, each beside what the role does every day.

The attacks are those of a step that was taken over, or that a request has talked into writing elsewhere: to replace
a published version, to alter what another step has written, to read what is somebody else's.
"""

from typing import NamedTuple

import pytest
from policy_simulation import Policy, Request

from shared.run_files import RunFiles

ACCOUNT, STRANGER = "123456789012", "999999999999"
DATA, ARTIFACTS = "arn:aws:s3:::example-data", "arn:aws:s3:::example-artifacts"
RUN = f"{ARTIFACTS}/runs/0123456789abcdef0123"
VERSION = f"{ARTIFACTS}/models/training_pipeline/versions/ab.json"
CARD = f"{ARTIFACTS}/models/training_pipeline/versions/ab.card.html"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:model-service-training-pipeline"
OURS, DATA_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/ours", "arn:aws:kms:us-east-1:210987654321:key/data"
FORMER = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/former"
TLS = {"aws:SecureTransport": "true"}
VIA_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
SCHEDULE = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/model-service-schedule/model-service-schedule"
FETCH, SUMMARIZE, PUBLISH = "step fetch-and-validate", "step summarize", "step publish-artifact"
STEPS = (FETCH, SUMMARIZE, PUBLISH)
ROLES = (*STEPS, "state_machine")


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
        "the data bucket's versions listed",
        FETCH,
        s3("ListBucketVersions", DATA, prefix="payroll/"),
        s3("ListBucketVersions", DATA, prefix="data/table/"),
    ),
    Case(
        "the versions of models listed",
        PUBLISH,
        s3("ListBucketVersions", ARTIFACTS, prefix="models/"),
        s3("ListBucketVersions", DATA, prefix="data/table/"),
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
        "a list of ranges forged by the machine",
        "state_machine",
        put(f"{RUN}/model/ranges.json"),
        s3("GetObject", f"{RUN}/model/ranges.json"),
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


# Every place there is, by who may write it: one role each, so that what a cache finds under a place of its own nobody
# else can have put there.
OURS_ALONE = {
    FETCH: [f"{RUN}/{name}" for name in (
        "dataset/manifest.json", "dataset/plan.json", "dataset/objects.json", "dataset/shards.json",
        "dataset/shard-00000/result.json",
        "dataset/shard-00000/part-00000.npz",
    )],
    SUMMARIZE: [f"{RUN}/model/{name}" for name in (
        "summary.json", "fold-0.json", "test-rows.npz", "drift-ab.json", "plan.json", "ranges.json", "columns.json",
        "choice.json", *(f"range-00000/{name}" for name in (
            "summary.json", "sample.npz", "moments.json", "evaluation.json", "test-rows.npz", "current-ab.json",
        )),
    )],
    PUBLISH: [f"{RUN}/publication/artifact.json", f"{ARTIFACTS}/models/training_pipeline.pkl", VERSION, CARD],
    "state_machine": [f"{RUN}/map/0/manifest.json", f"{RUN}/map/0/FAILED_0.json"],
    None: [
        f"{DATA}/data/a.csv", f"{ARTIFACTS}/packages/summarize.zip", f"{ARTIFACTS}/a", f"{ARTIFACTS}/runs/a",
        f"{RUN}/elsewhere/a", "arn:aws:s3:::payroll/a",
    ],
}  # fmt: skip
PLACES = [(place, writer) for writer, places in OURS_ALONE.items() for place in places]


@pytest.mark.parametrize(
    ("place", "writer"), PLACES, ids=[place.removeprefix(ARTIFACTS) for place, _ in PLACES]
)
def test_each_place_has_one_writer(rendered, place, writer):
    policies = rendered["defaults"]

    assert [role for role in ROLES if policies[role].allows(put(place, if_none_match="*"))] == [
        writer
    ] * bool(writer)
    where_known = [role for role in ROLES if policies[role].allows(put(place, if_match='"e"'))]
    assert where_known == ([] if place in (VERSION, CARD) else [writer] * bool(writer))


def test_the_places_are_those_of_a_run():
    """What `RunFiles` has beside them would have no attack on it."""
    files = RunFiles("example-artifacts", RUN.rpartition("/")[2])
    known = {
        files.manifest, files.plan, files.objects, files.shards, files.shard_result(0), files.part(0, 0), files.summary,
        files.fold(0),
        files.test_rows, files.drift("ab"), files.artifact, files.range_plan, files.ranges, files.columns,
        files.choice, files.range_summary(0), files.range_sample(0), files.range_moments(0), files.range_evaluation(0),
        files.range_test_rows(0), files.range_current(0, "ab"),
    }  # fmt: skip
    places = {name for name in dir(RunFiles) if not name.startswith("_")} - {"bucket", "run_id"}
    folders = {"folder", "dataset", "shard"}

    assert {f"arn:aws:s3:::{place.bucket}/{place.key}" for place in known} == {
        place for place, writer in PLACES if place.startswith(RUN) and writer in STEPS
    }
    assert len(places - folders) == len(known)


# What the steps and the machine read; whatever else is there they may not.
READERS = {
    f"{DATA}/data/a.csv": {FETCH, PUBLISH},
    f"{DATA}/payroll/a.csv": set(),
    f"{RUN}/dataset/manifest.json": {FETCH, SUMMARIZE, PUBLISH},
    f"{RUN}/dataset/shards.json": {FETCH, SUMMARIZE, PUBLISH, "state_machine"},
    f"{RUN}/model/summary.json": {SUMMARIZE, PUBLISH},
    f"{RUN}/model/ranges.json": {SUMMARIZE, PUBLISH, "state_machine"},
    f"{RUN}/publication/artifact.json": {PUBLISH},
    f"{RUN}/map/0/FAILED_0.json": {"state_machine"},
    f"{ARTIFACTS}/models/training_pipeline.pkl": {FETCH, SUMMARIZE, PUBLISH},
    f"{ARTIFACTS}/packages/summarize.zip": set(),
    "arn:aws:s3:::payroll/a": set(),
}


@pytest.mark.parametrize("place", READERS)
def test_who_reads_what(rendered, place):
    readers = {role for role in ROLES if rendered["defaults"][role].allows(s3("GetObject", place))}
    assert readers == READERS[place]
    theirs = {role for role in ROLES if rendered["defaults"][role].allows(s3("GetObject", place, STRANGER))}
    assert theirs == set()


# What none of them has any business with, whatever it is done to.
NEVER = [
    "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:PutObjectTagging",
    "s3:BypassGovernanceRetention", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration", "s3:PutBucketNotification", "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration", "s3:DeleteBucket", "s3:CreateBucket", "s3:ListAllMyBuckets",
    "s3:PutReplicationConfiguration", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
    "lambda:AddPermission", "lambda:GetFunction", "iam:PassRole", "iam:PutRolePolicy", "iam:CreateAccessKey",
    "sts:AssumeRole", "states:UpdateStateMachine", "states:DeleteStateMachine", "states:GetExecutionHistory",
    "events:PutRule", "scheduler:CreateSchedule", "sns:Publish", "secretsmanager:GetSecretValue",
    "ssm:GetParameter", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant", "logs:DeleteLogGroup",
]  # fmt: skip
RESOURCES = [
    "*", DATA, ARTIFACTS, f"{DATA}/data/a.csv", VERSION, f"{RUN}/dataset/manifest.json", f"{RUN}/model/summary.json",
    f"{RUN}/publication/artifact.json", f"{RUN}/map/0/manifest.json", MACHINE, OURS,
    f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:model-service-summarize",
    f"arn:aws:iam::{ACCOUNT}:role/model-service-summarize-us-east-1",
    f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/model-service-summarize:*",
]  # fmt: skip


@pytest.mark.parametrize("action", NEVER)
@pytest.mark.parametrize("run", ["defaults", "everything"])
def test_no_role_has_an_action_that_it_has_no_use_for(rendered, run, action):
    roles = [name for name in rendered[run] if name.split()[0] in ("step", "state_machine", "starter")]
    contexts = [{"aws:ResourceAccount": account} | VIA_S3 for account in (ACCOUNT, "210987654321")]
    requests = [Request(action, resource, context) for resource in RESOURCES for context in contexts]

    assert {*ROLES} <= {*roles}
    assert [role for role in roles if any(rendered[run][role].allows(request) for request in requests)] == []


LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:model-service-"


@pytest.mark.parametrize(
    ("role", "called"), [(FETCH, []), (SUMMARIZE, ["fetch-and-validate:live"]), (PUBLISH, ["summarize:live"])]
)
def test_a_step_invokes_the_step_before_by_its_alias_alone(rendered, role, called):
    steps, versions = ("fetch-and-validate", "summarize", "publish-artifact", "else"), ("", ":7", ":live")
    functions = [f"{step}{version}" for step in steps for version in versions]

    policy = rendered["defaults"][role]
    assert [
        name for name in functions if policy.allows(Request("lambda:InvokeFunction", LAMBDA + name))
    ] == called


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


LABELS = ("ValidateShards", "SummarizeShards", "GatherMoments", "EvaluateShards")


@pytest.mark.parametrize("source", [MACHINE, *(f"{MACHINE}/{label}" for label in LABELS)])
def test_the_machine_and_the_children_of_its_maps_assume_the_role_and_no_other_machine(rendered, source):
    trust = rendered["defaults"]["state_machine_trust"]

    assert trust.allows(assume("states.amazonaws.com", source))
    for other in (f"{MACHINE}-2", f"{MACHINE}-2/ValidateShards", source.replace(ACCOUNT, STRANGER)):
        assert not trust.allows(assume("states.amazonaws.com", other))
    assert not trust.allows(assume("states.amazonaws.com", source, STRANGER))
    assert not trust.allows(assume("lambda.amazonaws.com", source))


@pytest.mark.parametrize("key", [VERSION, CARD])
def test_the_bucket_keeps_a_version_whoever_writes(rendered, key):
    """A person's role, that may write everything, among them."""
    policy = rendered["defaults"]["bucket artifact"]
    for context in ({}, {"s3:if-match": '"e"'}):
        assert policy.denies(Request("s3:PutObject", key, context | TLS, "*"))
    assert not policy.denies(Request("s3:PutObject", key, {"s3:if-none-match": "*"} | TLS, "*"))
    stable = f"{ARTIFACTS}/models/training_pipeline.pkl"
    assert not policy.denies(Request("s3:PutObject", stable, {"s3:if-match": '"e"'} | TLS, "*"))
    assert not policy.denies(Request("s3:PutObject", f"{RUN}/model/summary.json", TLS, "*"))


def test_no_bucket_answers_without_tls(rendered):
    """Of a bucket's policy the deny alone matters here: what is allowed, the roles' policies say."""
    for bucket, arn in (("data", DATA), ("artifact", ARTIFACTS)):
        policy = rendered["defaults"][f"bucket {bucket}"]
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
