"""Each step's role, both ways: what the step calls its policy allows, and what the policy allows the step calls.

The handlers run in this process with the deployed functions' own variables, against the local cloud, and boto3
notes every call. The policies are read back from the local cloud. Left out is what Lambda itself does in the role's
name: log lines and traces.
"""

import importlib
import json
import logging
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any, NamedTuple

import boto3
import pytest

from shared.storage import Storage

STEPS = {
    "fetch-and-validate": "fetch_and_validate",
    "summarize": "summarize",
    "publish-artifact": "publish_artifact",
}
ACCOUNT = "000000000000"  # the local cloud's
BY_LAMBDA = {"WriteLogs", "SendTraces"}
LISTS = {"ListObjectsV2": "s3:ListBucket", "ListObjectVersions": "s3:ListBucketVersions"}
READS = {"GetObject": "s3:GetObject", "HeadObject": "s3:GetObject"}


class Access(NamedTuple):
    """What a call needs. prefix: of a listing, the value of s3:prefix; once: it writes only where nothing is."""

    action: str
    resource: str
    prefix: str | None = None
    once: bool = False


def needed(service: str, operation: str, parameters: dict[str, Any]) -> list[Access]:
    """What a call of boto3 needs, after the S3 and Lambda sections of AWS's Service Authorization Reference."""
    if (service, operation) == ("lambda", "Invoke"):
        return [Access("lambda:InvokeFunction", parameters["FunctionName"])]
    assert service == "s3", f"unexpected call: {service}.{operation}"
    bucket = f"arn:aws:s3:::{parameters['Bucket']}"
    if operation in LISTS:
        return [Access(LISTS[operation], bucket, parameters["Prefix"])]
    target = f"{bucket}/{parameters['Key']}"
    if operation == "PutObject":
        return [Access("s3:PutObject", target, once="IfNoneMatch" in parameters)]
    action = READS[operation] + ("Version" if parameters.get("VersionId") else "")
    # A missing object is a 404 with s3:ListBucket and a 403 without: the steps tell the two apart.
    return [Access(action, target), Access("s3:ListBucket", bucket, parameters["Key"])]


class Grant(NamedTuple):
    """One action on one resource pattern, for one prefix pattern where the statement has that condition."""

    action: str
    resource: str
    prefix: str | None

    def covers(self, access: Access) -> bool:
        return (
            self.action == access.action
            and fnmatchcase(access.resource, self.resource)
            and (self.prefix is None or fnmatchcase(access.prefix or "", self.prefix))
        )


def several(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def statements_of(pipeline, step: str) -> list[dict]:
    iam = pipeline.cloud.client("iam")
    role = pipeline.outputs["role_arns"][step].rpartition("/")[2]
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    return iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]


def places_of_versions(pipeline, step: str) -> list[str]:
    """Where the step's policy denies every write but one to where nothing is."""
    found = []
    for statement in statements_of(pipeline, step):
        if statement["Effect"] == "Deny":
            assert several(statement["Action"]) == ["s3:PutObject"]
            assert statement["Condition"] == {"Null": {"s3:if-none-match": "true"}}
            found += several(statement["Resource"])
    return found


def grants_of(pipeline, step: str) -> set[Grant]:
    found = set()
    for statement in statements_of(pipeline, step):
        if statement["Sid"] in BY_LAMBDA or statement["Effect"] == "Deny":
            continue
        assert statement["Effect"] == "Allow"
        conditions = statement.get("Condition", {})
        if any(action.startswith("s3:") for action in several(statement["Action"])):
            assert conditions.pop("StringEquals") == {"aws:ResourceAccount": ACCOUNT}
        like = conditions.pop("StringLike", {"s3:prefix": [None]})
        assert (list(like), conditions) == (["s3:prefix"], {})
        prefixes = several(like["s3:prefix"])
        found |= {
            Grant(action, resource, prefix)
            for action in several(statement["Action"])
            for resource in several(statement["Resource"])
            for prefix in prefixes
        }
    return found


@pytest.fixture
def call_step(pipeline, monkeypatch) -> Iterator[Callable]:
    """Runs a step here as the deployed function would run: call_step(step, event) -> (output, accesses)."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", pipeline.cloud.endpoint)
    for name, value in pipeline.cloud.keys.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def call(step: str, event: object) -> tuple[dict, set[Access]]:
        configuration = pipeline.cloud.client("lambda").get_function_configuration(
            FunctionName=pipeline.outputs["function_names"][step]
        )
        with monkeypatch.context() as patch:
            for name, value in configuration["Environment"]["Variables"].items():
                patch.setenv(name, value)
            if "PREVIOUS_STEP" not in configuration["Environment"]["Variables"]:
                patch.delenv("PREVIOUS_STEP", raising=False)
            module = importlib.import_module(f"{STEPS[step]}.handler")
            patch.setattr(module, "storage", Storage())
            accesses: set[Access] = set()
            session = boto3.Session()  # noted by the handler's clients alone
            session.events.register(
                "provide-client-params.*.*",
                lambda params, model, **_: accesses.update(
                    needed(model.service_model.service_name, model.name, params)
                ),
            )
            patch.setattr(boto3, "DEFAULT_SESSION", session)
            return module.handler(event, SimpleNamespace(aws_request_id="test")), accesses

    yield call
    logging.getLogger("model_service").handlers.clear()


@pytest.fixture
def accesses(pipeline, sample, call_step) -> dict[str, set[Access]]:
    """What each step needs, over the ways a run can go: whole, repeated, in shards, and by itself."""
    made: dict[str, set[Access]] = {step: set() for step in STEPS}

    def call(step: str, event: object) -> dict:
        output, needs = call_step(step, event)
        made[step] |= needs
        return output

    for request in (
        {"model": "gaussian", "key": sample, "force": True},
        {"model": "gaussian", "key": sample},
        {"model": "logistic", "key": sample},
    ):
        dataset = call("fetch-and-validate", request)
        for fold in dataset["folds"]:
            event = {"task": "FitFold", "run": dataset["run"], "dataset": dataset["dataset"], "fold": fold}
            call("summarize", event)
        call("publish-artifact", call("summarize", dataset))
    # Compared with the current model, which the bucket keeps versions of; and where one keeps none.
    compared = call("fetch-and-validate", {"model": "gaussian", "key": sample, "max_regression": 1.0})
    call("summarize", compared)
    compared["run"]["conditions"]["current_model"]["version_id"] = None
    call("summarize", compared)
    # The version that the first run was pinned to, by its id.
    call(
        "fetch-and-validate",
        {"model": "gaussian", "key": sample, "version_id": dataset["dataset"]["version_id"]},
    )
    # In several shards: planned, validated, collected.
    rows = "".join(f"{index % 97}.5,{index % 89}.25,{'ab'[index % 2]}\n" for index in range(400_000))
    key = pipeline.upload(f"x,y,label\n{rows}", "iam.csv")
    machine = pipeline.outputs["state_machine_arn"].replace(":stateMachine:", ":execution:")
    plan = call(
        "fetch-and-validate",
        {
            "task": "FetchAndValidate",
            "request": {"model": "gaussian", "key": key},
            "execution_arn": f"{machine}:iam",
        },
    )
    about = {"run": plan["run"], "plan": plan["plan"]}
    for shard in items(pipeline, plan["shards"]):
        call("fetch-and-validate", {"task": "ValidateShard", **about, "shard": shard})
    event = call("fetch-and-validate", {"task": "CollectShards", **about, "shards": plan["shards"]})
    # And in ranges of rows.
    for before, task in (
        ("PlanRanges", "SummarizeShard"),
        ("LearnColumns", "GatherShardMoments"),
        ("ChooseModel", "EvaluateShard"),
    ):
        event = call("summarize", {"task": before, **event})
        for item in items(pipeline, event["spread"]["ranges"]):
            call("summarize", {"task": task, **event, "range": item})
    call("publish-artifact", call("summarize", {"task": "Summarize", **event}))
    # A folder of objects, from the list of their versions to the look whether they are still the newest.
    for name in ("iam-folder/a.csv", "iam-folder/b.csv"):
        pipeline.upload(f"x,y,label\n{rows[: rows.index(chr(10), 4000) + 1]}", name)
    request = {"model": "gaussian", "key": f"{key.rpartition('/')[0]}/iam-folder/"}
    call("publish-artifact", call("summarize", call("fetch-and-validate", request)))
    # By itself, a step invokes the one before.
    for step in ("summarize", "publish-artifact"):
        call(step, {"model": "gaussian", "key": sample})
    return made


def items(pipeline, reference: dict) -> list[dict]:
    """What a Map goes over."""
    found = pipeline.cloud.client("s3").get_object(Bucket=reference["bucket"], Key=reference["key"])
    return json.loads(found["Body"].read())


def test_every_call_of_a_step_is_allowed_and_everything_allowed_is_called(pipeline, accesses):
    for step in STEPS:
        grants, denied = grants_of(pipeline, step), places_of_versions(pipeline, step)

        refused = {access for access in accesses[step] if not any(grant.covers(access) for grant in grants)}
        refused |= {access for access in accesses[step] if is_denied(access, denied)}
        unused = {grant for grant in grants if not any(grant.covers(access) for access in accesses[step])}
        assert (step, refused, unused) == (step, set(), set())


def is_denied(access: Access, versions: list[str]) -> bool:
    writes = access.action == "s3:PutObject" and not access.once
    return writes and any(fnmatchcase(access.resource, pattern) for pattern in versions)


def test_a_version_and_its_card_cannot_be_replaced_by_the_step_that_writes_them(pipeline, accesses):
    (pattern,) = places_of_versions(pipeline, "publish-artifact")
    written = [access for access in accesses["publish-artifact"] if fnmatchcase(access.resource, pattern)]
    writes = [access for access in written if access.action == "s3:PutObject"]

    assert {access.resource.rpartition("/")[2].partition(".")[2] for access in writes} == {
        "json",
        "card.html",
    }
    assert all(is_denied(access._replace(once=False), [pattern]) for access in writes)
    assert not any(is_denied(access, [pattern]) for access in writes)
    stable = f"arn:aws:s3:::{pipeline.outputs['training_artifact_bucket']}/models/training_pipeline.pkl"
    assert not is_denied(Access("s3:PutObject", stable), [pattern])
    assert (
        places_of_versions(pipeline, "fetch-and-validate") == places_of_versions(pipeline, "summarize") == []
    )


def test_no_step_can_write_what_another_has_written(pipeline):
    """Not of a run's files: each has a folder of its own."""
    folders = {"fetch-and-validate": "dataset", "summarize": "model", "publish-artifact": "publication"}
    bucket = f"arn:aws:s3:::{pipeline.outputs['training_artifact_bucket']}"
    for step in STEPS:
        grants = grants_of(pipeline, step)
        writable = {
            folder
            for folder in (*folders.values(), "elsewhere")
            for access in [Access("s3:PutObject", f"{bucket}/runs/0123/{folder}/x")]
            if any(grant.covers(access) for grant in grants)
        }
        assert writable == {folders[step]}


def test_a_grant_covers_its_own_action_bucket_and_prefix_only():
    grant = Grant("s3:GetObject", "arn:aws:s3:::data/in/*", None)
    listing = Grant("s3:ListBucket", "arn:aws:s3:::data", "in/*")

    assert grant.covers(Access("s3:GetObject", "arn:aws:s3:::data/in/a.csv"))
    assert not grant.covers(Access("s3:PutObject", "arn:aws:s3:::data/in/a.csv"))
    assert not grant.covers(Access("s3:GetObject", "arn:aws:s3:::data/out/a.csv"))
    assert listing.covers(Access("s3:ListBucket", "arn:aws:s3:::data", "in/a.csv"))
    assert not listing.covers(Access("s3:ListBucket", "arn:aws:s3:::data", "out/a.csv"))
