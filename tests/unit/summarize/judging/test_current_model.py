"""The model under the stable key as it was when the run began, or why there is none to compare with."""

import hashlib
import json

import pytest

from shared.run import Conditions, CurrentModel, Run
from shared.storage import Storage
from summarize.judging import current_model
from summarize.judging.current_model import current_artifact

REQUEST = {"artifact_bucket": "artifacts", "artifact_key": "models/m.pkl"}


@pytest.fixture(scope="module")
def artifact(data_directory) -> bytes:
    return (data_directory / "artifacts/penguins_blend_schema_2.json").read_bytes()


def run_under(content: bytes, version_id: str | None = None) -> Run:
    digest = hashlib.sha256(content).hexdigest()
    return Run("0123", conditions=Conditions(current_model=CurrentModel("e", version_id, digest, {})))


def test_the_version_that_the_run_was_pinned_to_is_read_though_a_newer_one_stands_there(s3, artifact):
    place = {"Bucket": REQUEST["artifact_bucket"], "Key": REQUEST["artifact_key"]}
    version = s3.put_object(**place, Body=artifact)["VersionId"]
    s3.put_object(**place, Body=b"{}")

    found = current_artifact(run_under(artifact, version), REQUEST, Storage(s3))

    assert (found.artifact, found.why_not) == (json.loads(artifact), None)
    assert found.sha256 == hashlib.sha256(artifact).hexdigest()


def test_without_versions_it_is_taken_as_long_as_nobody_has_replaced_it(storage, artifact):
    storage.put(artifact, *REQUEST.values())
    assert current_artifact(run_under(artifact), REQUEST, storage).artifact == json.loads(artifact)

    found = current_artifact(run_under(b"another"), REQUEST, storage)
    assert (found.artifact, found.why_not) == (
        None,
        "the model published before was replaced since the run began",
    )


def test_where_nothing_was_published_nothing_is_read(storage):
    assert current_artifact(Run("0123"), REQUEST, storage).why_not == "no model was published before"


def test_a_version_that_is_gone_or_forbidden_is_told_and_stops_nothing(s3):
    found = current_artifact(run_under(b"x", "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"), REQUEST, Storage(s3))
    assert found.artifact is None
    assert found.why_not.startswith(
        "the model published before cannot be read: s3://artifacts/models/m.pkl (v"
    )
    assert found.sha256 == hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"schema_version": 99, "model": {}}',
        b'{"schema_version": 2, "model": {"kind": "gaussian"}}',
    ],
)
def test_what_is_no_artifact_is_compared_with_nothing(storage, content):
    storage.put(content, *REQUEST.values())
    found = current_artifact(run_under(content), REQUEST, storage)
    assert found.why_not == "what was published before is no artifact that can be read"


def test_an_object_too_large_for_a_model_is_not_read(storage, monkeypatch):
    monkeypatch.setattr(current_model, "MOST_BYTES", 3)
    storage.put(b"1234", *REQUEST.values())
    storage.stream = None
    assert "too large" in current_artifact(run_under(b"1234"), REQUEST, storage).why_not
