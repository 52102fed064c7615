"""An artifact found, read and checked: one line says what is wrong with it."""

import hashlib
import json

import boto3
import pytest
from botocore.stub import Stubber

from model_service_cli.door import CommandError
from model_service_cli.models import artifact_reader
from publish_artifact.places import version_of
from shared.event_fields import S3Reference

STABLE = {"Bucket": "artifacts", "Key": "models/btc.pkl"}


@pytest.fixture
def functions(s3, monkeypatch):
    """The service that says where artifacts are published: at STABLE, once it is asked."""
    client = boto3.client("lambda")
    monkeypatch.setattr(artifact_reader, "client", lambda service: {"s3": s3, "lambda": client}[service])
    with Stubber(client) as stub:
        yield stub


@pytest.fixture
def published(s3):
    """Publishes the content as a run does; returns its digest."""

    def publish(key: str, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        version = version_of(S3Reference("artifacts", key), digest)
        s3.put_object(Bucket="artifacts", Key=version.key, Body=content)
        s3.put_object(Bucket="artifacts", Key=key, Body=content)
        return digest

    return publish


def deployed(functions) -> None:
    variables = {"TRAINING_ARTIFACT_BUCKET": STABLE["Bucket"], "TRAINING_ARTIFACT_KEY": STABLE["Key"]}
    functions.add_response(
        "get_function",
        {"Configuration": {"Environment": {"Variables": variables}}},
        {"FunctionName": "model-service-publish-artifact", "Qualifier": "live"},
    )


def test_what_was_moved_last_is_the_default(functions, s3, content, published):
    deployed(functions)
    published("models/btc.pkl", content)
    other = published("models/eu/iris.pkl", content + b"\n")
    found, where = artifact_reader.load("")
    assert found == json.loads(content)
    assert where == f"{other[:12]} (s3://artifacts/models/eu/iris.pkl)"


@pytest.mark.parametrize("digits", [4, 12, 64])
def test_a_model_of_any_key_is_found_by_the_beginning_of_its_digest(digits, functions, content, published):
    deployed(functions)
    digest = published("models/eu/iris.pkl", content)
    published("models/btc.pkl", content + b"\n")
    found, where = artifact_reader.load(digest[:digits])
    assert found == json.loads(content)
    assert where == f"{digest[:12]} (s3://artifacts/models/eu/iris/versions/{digest}.json)"


def test_a_stable_key_names_what_it_holds(functions, content, published):
    deployed(functions)
    digest = published("models/eu/iris.pkl", content)
    published("models/btc.pkl", content + b"\n")
    where = artifact_reader.load("models/eu/iris.pkl")[1]
    assert where == f"{digest[:12]} (s3://artifacts/models/eu/iris.pkl)"


def test_a_version_with_other_content_is_damaged(functions, s3, content):
    deployed(functions)
    s3.put_object(Bucket="artifacts", Key=f"models/btc/versions/{'0' * 64}.json", Body=content)
    with pytest.raises(CommandError, match="is damaged: its content has another SHA-256 than its name"):
        artifact_reader.load("0" * 64)


def test_an_address_and_a_file_need_no_deployment(functions, s3, content, tmp_path):
    s3.put_object(Bucket="artifacts", Key="a b/ü.json", Body=content)
    assert artifact_reader.load("s3://artifacts/a b/ü.json")[0] == json.loads(content)
    (tmp_path / "model.json").write_bytes(content)
    assert artifact_reader.load(str(tmp_path / "model.json"))[0] == json.loads(content)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("", r"s3://artifacts/models/btc\.pkl: nothing has been published; run: make run-pipeline"),
        ("a" * 64, f"MODEL {'a' * 64}: no model of that name has been published; make models lists them"),
        (
            "models/btc.pk",
            "MODEL models/btc.pk: there is no such file, and no model is published under that key;",
        ),
        ("s3://artifacts/none", "s3://artifacts/none: there is no such object"),
        ("s3://no-such-bucket/none", "there is no such object"),
        ("/nowhere.json", r"MODEL /nowhere\.json cannot be read: No such file or directory \(it may be"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(wanted, message, functions):
    deployed(functions)
    with pytest.raises(CommandError, match=message) as refused:
        artifact_reader.load(wanted)
    assert "\n" not in str(refused.value)


def test_without_a_deployment_a_file_is_proposed(functions):
    functions.add_client_error("get_function", "ResourceNotFoundException")
    with pytest.raises(CommandError, match="is not deployed at AWS; run: make run-pipeline, or name a file"):
        artifact_reader.load("")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:900], "m is no artifact: no JSON"),
        (lambda text: "", "m is no artifact: no JSON"),
        (lambda text: "[" * 200_000, "m is no artifact: no JSON"),
        (lambda text: text.replace('"log_loss":0', '"log_loss":NaN,"x":0'), "NaN is no JSON number"),
        (lambda text: "[]", "m: the document is no artifact"),
        (lambda text: text.replace('"schema_version":3', '"schema_version":7'), "schema_version 7; readable: 1, 2 or"),
        (lambda text: text.replace('"train_rows":120', '"train_rows":"x"'),
         r"m is damaged, or changed by hand: split\.train_rows: 'x' is not of type 'integer'"),
        (lambda text: text.replace('"lineage"', '"linage"'), "m is damaged, or changed by hand"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_refused_in_one_short_line(change, message, content):
    changed = change(content.decode())
    assert changed != content.decode()
    with pytest.raises(CommandError, match=message) as refused:
        artifact_reader.parse(changed.encode(), "m")
    assert refused.value.exit_status == 2
    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(CommandError, match="m is no artifact: no JSON"):
        artifact_reader.parse(b"\xff\xfe\x00", "m")


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_an_artifact_of_schema_1_is_read(covariance, data_directory):
    content = (data_directory / "artifacts" / f"wine_{covariance}_schema_1.json").read_bytes()
    assert artifact_reader.parse(content, "old")["schema_version"] == 1
    damaged = content.replace(b'"gaussian_discriminant"', b'"gaussian_discriminant","extra":1')
    with pytest.raises(CommandError, match="old is damaged, or changed by hand"):
        artifact_reader.parse(damaged, "old")


def test_an_artifact_of_schema_2_is_read(data_directory):
    content = (data_directory / "artifacts" / "penguins_blend_schema_2.json").read_bytes()
    assert artifact_reader.parse(content, "old")["schema_version"] == 2
