"""`make models`, `make promote` and `make rollback`: the stable key moves as asked, and never under someone else."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from fetch_and_validate.stage import stage
from model_service_cli.command_line import main
from model_service_cli.models import stable_model
from model_service_cli.models.catalogue import Catalogue
from publish_artifact.places import version_of
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.event_fields import S3Reference
from shared.verdict_words import headline
from summarize.summarize import summarize

BUCKET, KEY = "artifacts", "models/training_pipeline.pkl"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STABLE = {"Bucket": BUCKET, "Key": KEY}
FOLDER = "models/training_pipeline/versions"


@pytest.fixture(scope="session")
def artifact(new_storage, data_directory) -> dict[str, Any]:
    storage = new_storage().put((data_directory / "iris.csv").read_bytes())
    request = TrainingRequest.from_event(
        {"label_column": "species", "split": "shuffled", "model": "gaussian"}, Config()
    )
    publish(summarize(stage(request, storage, Config()), storage), storage)
    return json.loads(storage.objects[BUCKET, KEY])


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Bucket:
    """The artifact bucket: what runs publish there, and what it holds."""

    s3: Any
    artifact: dict[str, Any]

    def artifact_json(self, day: int, accuracy: float = 0.9) -> bytes:
        """An artifact of that day of November, by run-<day>."""
        lineage = self.artifact["lineage"] | {
            "run_id": f"run-{day}",
            "created_at": f"2026-11-{day:02}T10:00:00.000Z",
        }
        metrics = self.artifact["metrics"] | {"accuracy": accuracy, "f1": 0.75, "baseline_accuracy": 0.5}
        dataset = self.artifact["dataset"] | {"version_id": f"data-{day}"}
        document = self.artifact | {"lineage": lineage, "metrics": metrics, "dataset": dataset}
        return json.dumps(document).encode()

    def version(self, day: int, accuracy: float = 0.9) -> bytes:
        """Such a version, published; its card lies beside it."""
        content = self.artifact_json(day, accuracy)
        self.put_version(digest_of(content), content)
        return content

    def put_version(self, digest: str, content: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{digest}.json", Body=content)
        self.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{digest}.card.html", Body=b"<html>")

    def publish(self, day: int) -> bytes:
        """What a run does: the version, then a plain write of the stable key."""
        content = self.version(day)
        self.s3.put_object(**STABLE, Body=content)
        return content

    def held(self) -> bytes:
        return self.s3.get_object(**STABLE)["Body"].read()

    def writes(self) -> int:
        return len(self.s3.list_object_versions(Bucket=BUCKET, Prefix=KEY).get("Versions", []))


@pytest.fixture
def bucket(s3, artifact) -> Bucket:
    return Bucket(s3, artifact)


@pytest.fixture
def command(bucket, monkeypatch, capsys):
    """Runs the command; returns its exit status, stdout and stderr."""
    monkeypatch.setattr(stable_model, "client", lambda service: bucket.s3)
    monkeypatch.setattr(stable_model, "configuration", Config)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments) or ["models"])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


@pytest.fixture
def promote(command):
    return lambda version: command("promote", "--model", version)


def test_the_models_are_listed_newest_first_and_cards_are_none(command, bucket):
    newer, older = bucket.version(21, 0.5), bucket.publish(7)
    bucket.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{'0' * 64}.card.html", Body=b"a card alone")
    status, out, err = command()
    assert (status, err) == (0, "")
    head, *lines = [re.split(r"  +", line) for line in out.splitlines()]
    assert head == [
        *(
            "model",
            "note",
            "published (UTC)",
            "accuracy",
            "verdict",
            "dataset",
            "label",
            "family",
            "baseline",
            "roc_auc",
            "run_id",
        ),
        "stable key",
    ]
    auc = json.loads(older)["metrics"].get("roc_auc")
    about = [
        headline(json.loads(older)["verdict"]["outcome"]),
        "btc_candles_labeled_sample.csv",
        "species",
        "Gaussian, pooled",
        "0.5000",
        *([f"{auc:.4f}"] if auc else []),
    ]
    assert lines == [
        [digest_of(newer)[:12], "2026-11-21 10:00", "0.5000", *about, "run-21", KEY],
        [digest_of(older)[:12], "current", "2026-11-07 10:00", "0.9000", *about, "run-7", KEY],
    ]


def test_the_list_as_json_is_whole(command, bucket):
    newer, older = bucket.version(21, 0.5), bucket.publish(7)
    status, out, err = command("models", "--json")
    assert (status, err) == (0, "")
    first, second = json.loads(out)["models"]
    assert [first["sha256"], second["sha256"]] == [digest_of(newer), digest_of(older)]
    assert [first["current"], second["current"]] == [False, True]
    assert second == {
        "model": digest_of(older)[:12],
        "sha256": digest_of(older),
        "current": True,
        "published_at": "2026-11-07T10:00:00Z",
        "stable_key": KEY,
        "version": {"bucket": BUCKET, "key": f"{FOLDER}/{digest_of(older)}.json"},
        "run_id": "run-7",
        "dataset": {
            "bucket": "ml-data-demo",
            "key": "data/btc_candles_labeled_sample.csv",
            "s3_version_id": "data-7",
        },
        "label_column": "species",
        "family": "Gaussian, pooled",
        "verdict": (json.loads(older).get("verdict") or {}).get("outcome"),
        "metrics": json.loads(older)["metrics"],
        "problem": None,
    }
    assert command("models", "--json")[1] == out


def test_no_models_are_an_empty_list_for_a_program(command):
    assert command("models", "--json") == (0, '{\n  "models": []\n}\n', "")


def test_nothing_published_is_said(command):
    assert command() == (1, "", "models: nothing has been published; run: make run-pipeline\n")


def test_a_damaged_version_is_listed_as_unreadable_and_said_to_be_damaged(command, bucket):
    digest = digest_of(bucket.publish(1))
    bucket.put_version(digest, b"{}")
    status, out, err = command()
    assert status == 0
    assert out.splitlines()[1].split()[:3] == [digest[:12], "current,", "unreadable"]
    where = f"s3://{BUCKET}/{FOLDER}/{digest}.json"
    assert err == f"models: {where} is damaged: its content has another SHA-256 than its name\n"


def test_a_stable_key_that_holds_no_version_or_nothing_is_said(command, bucket):
    bucket.version(1)
    assert command()[2] == (
        f"models: s3://{BUCKET}/{KEY} holds nothing; make promote MODEL=... moves it to a model\n"
    )
    bucket.s3.put_object(**STABLE, Body=b"by hand")
    digest = digest_of(b"by hand")[:12]
    assert command()[2] == f"models: s3://{BUCKET}/{KEY} holds {digest}, which is no published model\n"


@pytest.mark.parametrize(
    "given", [lambda digest: digest, lambda digest: digest[:6], lambda digest: digest.upper()]
)
def test_promote_moves_the_stable_key_to_the_versions_bytes(given, promote, bucket):
    older, newer = bucket.publish(1), bucket.publish(2)
    assert promote(given(digest_of(older))) == (
        0,
        f"{digest_of(older)[:12]} is the current model now, in place of {digest_of(newer)[:12]}, "
        f"at s3://{BUCKET}/{KEY}\n",
        "",
    )
    found = bucket.s3.get_object(**STABLE)
    assert found["Body"].read() == older
    assert (found["ContentType"], found["Metadata"]) == ("application/json", {"move": "promote"})


def test_every_command_takes_a_model_by_name_key_address_or_file(command, bucket, tmp_path):
    older, newer = bucket.publish(1), bucket.publish(2)
    file = tmp_path / "model.json"
    file.write_bytes(older)
    moved = f"{digest_of(older)[:12]} is the current model now, in place of {digest_of(newer)[:12]}"
    back = f"{digest_of(newer)[:12]} is the current model again, in place of {digest_of(older)[:12]}"
    for model in (str(file), f"s3://{BUCKET}/{FOLDER}/{digest_of(older)}.json", digest_of(older)[:12]):
        assert command("promote", "--model", model)[1].startswith(moved)
        assert command("rollback", "--model", model)[1].startswith(back)
    assert command("promote", "--model", KEY)[1] == (
        f"{digest_of(newer)[:12]} is the current model of s3://{BUCKET}/{KEY} already: nothing to do\n"
    )
    file.write_bytes(newer + b" ")
    status, out, err = command("promote", "--model", str(file))
    assert (status, out) == (2, "")
    assert "no model of that name has been published" in err


def test_a_move_is_told_to_a_program_as_json(command, bucket):
    older, newer = bucket.publish(1), bucket.publish(2)
    expected = {
        "model": digest_of(older)[:12],
        "sha256": digest_of(older),
        "stable_key": KEY,
        "bucket": BUCKET,
        "before": digest_of(newer)[:12],
        "moved": True,
    }
    status, out, err = command("promote", "--model", digest_of(older), "--json")
    assert (status, json.loads(out), err) == (0, expected, "")
    again = json.loads(command("promote", "--model", digest_of(older), "--json")[1])
    assert again == expected | {"before": digest_of(older)[:12], "moved": False}
    back = json.loads(command("rollback", "--json")[1])
    assert (back["model"], back["before"]) == (digest_of(newer)[:12], digest_of(older)[:12])


def test_promote_takes_a_free_stable_key(promote, bucket):
    content = bucket.version(1)
    status, out, _ = promote(digest_of(content))
    assert (status, bucket.held()) == (0, content)
    assert "where nothing was" in out


def test_promoting_the_current_model_writes_nothing(promote, bucket):
    digest = digest_of(bucket.publish(1))
    assert promote(digest) == (
        0,
        f"{digest[:12]} is the current model of s3://{BUCKET}/{KEY} already: nothing to do\n",
        "",
    )
    assert bucket.writes() == 1


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "MODEL is missing"),
        ("newest", "MODEL newest: there is no such file, and no model is published under that key"),
        ("a" * 65, f"MODEL {'a' * 65}: there is no such file, and no model is published under that key"),
        (
            "models/training_pipelin.pkl",
            f"MODEL models/training_pipelin.pkl: there is no such file, and no model is published "
            f"under that key (did you mean {KEY}?)",
        ),
        ("f" * 64, f"MODEL {'f' * 64}: no model of that name has been published"),
    ],
)
def test_a_version_that_is_none_is_refused(version, message, promote, bucket):
    content = bucket.publish(1)
    status, out, err = promote(version)
    assert (status, out) == (2, "")
    assert err.startswith(f"promote: {message}")
    assert err.count("\n") == 1
    assert bucket.held() == content


def test_a_beginning_of_two_versions_is_refused_with_both(promote, bucket):
    for digest in ("abcd" + "0" * 60, "abcd" + "1" * 60, "cdef" + "0" * 60):
        bucket.put_version(digest, b"{}")
    assert promote("abcd") == (
        2,
        "",
        "promote: MODEL abcd is the beginning of 2 models: abcd00000000, abcd11111111\n",
    )


def test_a_damaged_version_is_not_promoted(promote, bucket):
    digest = digest_of(bucket.version(1))
    current = bucket.publish(2)
    bucket.put_version(digest, b"{}")
    status, _, err = promote(digest)
    assert status == 1
    assert err.endswith("is damaged: its content has another SHA-256 than its name\n")
    assert bucket.held() == current


def test_what_predict_could_not_read_is_not_promoted(promote, bucket):
    content = b'{"kind": "something else"}'
    bucket.put_version(digest_of(content), content)
    status, _, err = promote(digest_of(content))
    assert status == 2
    assert err.startswith(f"promote: {digest_of(content)[:12]}: ")
    assert bucket.writes() == 0


class Interfering:
    """S3 where someone else acts right before the write of the stable key."""

    def __init__(self, s3: Any, act) -> None:
        self._s3, self._act = s3, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **arguments: Any) -> Any:
        self._act(self._s3)
        return self._s3.put_object(**arguments)


def move_elsewhere(s3: Any) -> None:
    s3.put_object(**STABLE, Body=b"theirs")


def delete(s3: Any) -> None:
    s3.delete_object(**STABLE)


@pytest.mark.parametrize("action", ["promote", "rollback"])
@pytest.mark.parametrize(("act", "found"), [(move_elsewhere, digest_of(b"theirs")[:12]), (delete, "nothing")])
def test_a_move_of_someone_elses_in_between_stays(act, found, action, command, bucket, monkeypatch):
    older = bucket.publish(1)
    bucket.publish(2)
    monkeypatch.setattr(stable_model, "client", lambda service: Interfering(bucket.s3, act))
    options = ["--model", digest_of(older)] if action == "promote" else []
    assert command(action, *options) == (
        1,
        "",
        f"{action}: s3://{BUCKET}/{KEY} was moved by someone else meanwhile, to {found}, and stays; see: make models\n",
    )


def test_a_key_that_was_free_and_is_taken_in_between_stays(promote, bucket, monkeypatch):
    content = bucket.version(1)
    monkeypatch.setattr(stable_model, "client", lambda service: Interfering(bucket.s3, move_elsewhere))
    status, _, err = promote(digest_of(content))
    assert (status, bucket.held()) == (1, b"theirs")
    assert "was moved by someone else meanwhile" in err


def test_the_repeat_of_a_write_whose_answer_was_lost_is_success(promote, bucket, monkeypatch):
    """boto3 repeats it, and its condition then meets its own first write."""
    older = bucket.publish(1)
    bucket.publish(2)
    monkeypatch.setattr(
        stable_model,
        "client",
        lambda service: Interfering(bucket.s3, lambda s3: s3.put_object(**STABLE, Body=older)),
    )
    assert promote(digest_of(older))[0] == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ConditionalRequestConflict", "was moved by someone else meanwhile"),
        ("AccessDenied", "PutObject was refused: AccessDenied"),
    ],
)
def test_an_answer_that_moto_does_not_give_is_one_line(code, message, promote, bucket, monkeypatch):
    older, newer = bucket.publish(1), bucket.publish(2)

    def refuse(s3: Any) -> None:
        raise ClientError({"Error": {"Code": code}}, "PutObject")

    monkeypatch.setattr(stable_model, "client", lambda service: Interfering(bucket.s3, refuse))
    status, _, err = promote(digest_of(older))
    assert status == 1
    assert message in err
    assert err.count("\n") == 1
    assert bucket.held() == newer


def test_rollback_goes_back_one_move_each_time(command, bucket):
    first, second, third = bucket.publish(1), bucket.publish(2), bucket.publish(3)
    assert command("rollback") == (
        0,
        f"{digest_of(second)[:12]} is the current model again, in place of {digest_of(third)[:12]}, "
        f"at s3://{BUCKET}/{KEY}\n",
        "",
    )
    assert bucket.held() == second
    assert command("rollback")[0] == 0
    assert bucket.held() == first
    status, _, err = command("rollback")
    assert (status, bucket.held()) == (1, first)
    assert err == f"rollback: there is nothing before {digest_of(first)[:12]} at s3://{BUCKET}/{KEY}\n"


def test_a_promotion_is_a_move_that_rollback_takes_back(command, promote, bucket):
    first, second = bucket.publish(1), bucket.publish(2)
    promote(digest_of(first))
    assert command("rollback")[0] == 0
    assert bucket.held() == second
    assert command("rollback")[0] == 0
    assert bucket.held() == first


def test_moves_after_a_rollback_lie_on_what_it_restored(command, bucket):
    first = bucket.publish(1)
    second = bucket.publish(2)
    bucket.publish(3)
    command("rollback")
    bucket.publish(4)
    for expected in (second, first):
        assert command("rollback")[0] == 0
        assert bucket.held() == expected
    assert command("rollback")[0] == 1


def test_the_same_content_written_twice_is_one_move(command, bucket):
    first = bucket.publish(1)
    bucket.publish(2)
    bucket.publish(2)
    command("rollback")
    assert bucket.held() == first


def test_rollback_of_a_deletion_restores_what_was_deleted(command, bucket):
    first, second = bucket.publish(1), bucket.publish(2)
    bucket.s3.delete_object(**STABLE)
    status, out, _ = command("rollback")
    assert (status, bucket.held()) == (0, second)
    assert "where nothing was" in out
    command("rollback")
    assert bucket.held() == first


def test_what_lay_under_an_expired_version_is_not_guessed(command, bucket):
    """Else the third would come back: it was written between the first and its restoration."""
    bucket.publish(1)
    bucket.publish(2)
    bucket.publish(3)
    command("rollback")
    command("rollback")
    held = bucket.held()
    oldest = bucket.s3.list_object_versions(Bucket=BUCKET, Prefix=KEY)["Versions"][-1]["VersionId"]
    bucket.s3.delete_object(**STABLE, VersionId=oldest)
    status, _, err = command("rollback")
    assert (status, bucket.held()) == (1, held)
    assert "there is nothing before" in err


def test_a_key_that_begins_alike_is_another_one(command, bucket):
    first = bucket.publish(1)
    bucket.s3.put_object(Bucket=BUCKET, Key=f"{KEY}.old", Body=b"another")
    status, _, err = command("rollback")
    assert (status, bucket.held()) == (1, first)
    assert "there is nothing before" in err


def test_a_key_that_never_held_a_model_cannot_go_back(command):
    assert command("rollback") == (1, "", f"rollback: s3://{BUCKET}/{KEY} has never held a model\n")


def test_a_bucket_without_versions_cannot_go_back(command, bucket):
    bucket.publish(1)
    bucket.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    assert command("rollback") == (
        1,
        "",
        f"rollback: the bucket {BUCKET} keeps no versions, so there is nothing to go back to\n",
    )


def elsewhere(bucket: Bucket, key: str, day: int) -> bytes:
    """What a run on another dataset publishes."""
    document = json.loads(bucket.artifact_json(day))
    document["request"]["artifact_key"] = key
    content = json.dumps(document).encode()
    version = version_of(S3Reference(BUCKET, key), digest_of(content))
    bucket.s3.put_object(Bucket=BUCKET, Key=version.key, Body=content)
    bucket.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return content


def test_each_dataset_has_a_current_model(command, bucket):
    btc = bucket.publish(1)
    old, new = elsewhere(bucket, "models/eu/iris.pkl", 2), elsewhere(bucket, "models/eu/iris.pkl", 3)
    bucket.s3.put_object(Bucket=BUCKET, Key="models/notes.txt", Body=b"by hand, and nobody's model")
    listed = json.loads(command("models", "--json")[1])["models"]
    assert [(model["sha256"], model["stable_key"], model["current"]) for model in listed] == [
        (digest_of(new), "models/eu/iris.pkl", True),
        (digest_of(old), "models/eu/iris.pkl", False),
        (digest_of(btc), KEY, True),
    ]


def test_a_promotion_moves_the_key_of_the_models_own_dataset(command, promote, bucket):
    btc = bucket.publish(1)
    old, new = elsewhere(bucket, "models/iris.pkl", 2), elsewhere(bucket, "models/iris.pkl", 3)
    assert promote(digest_of(old)[:12]) == (
        0,
        f"{digest_of(old)[:12]} is the current model now, in place of {digest_of(new)[:12]}, at "
        f"s3://{BUCKET}/models/iris.pkl\n",
        "",
    )
    assert bucket.held() == btc


@pytest.mark.parametrize("named", [lambda digest: "models/iris.pkl", lambda digest: digest[:12]])
def test_a_rollback_is_of_the_key_that_is_named_by_itself_or_by_a_model(named, command, bucket):
    old, new = elsewhere(bucket, "models/iris.pkl", 2), elsewhere(bucket, "models/iris.pkl", 3)
    btc = bucket.publish(1), bucket.publish(4)
    status, out, _ = command("rollback", "--model", named(digest_of(new)))
    assert (status, out.split()[0]) == (0, digest_of(old)[:12])
    assert bucket.held() == btc[1]


def test_a_rollback_of_no_named_key_is_of_the_one_that_was_moved_last(command, bucket, monkeypatch):
    bucket.publish(1)
    iris = elsewhere(bucket, "models/iris.pkl", 2)
    elsewhere(bucket, "models/iris.pkl", 3)
    moved = {
        S3Reference(BUCKET, KEY): NOON,
        S3Reference(BUCKET, "models/iris.pkl"): NOON + timedelta(seconds=1),
    }
    read = Catalogue.read
    monkeypatch.setattr(Catalogue, "read", lambda *given: replace(read(*given), moved_at=moved))
    status, out, _ = command("rollback")
    assert (status, out.split()[0]) == (0, digest_of(iris)[:12])


def test_a_version_that_lies_elsewhere_than_it_was_published_is_told_and_not_promoted(
    command, promote, bucket
):
    content = bucket.publish(1)
    bucket.s3.delete_object(Bucket=BUCKET, Key=f"{FOLDER}/{digest_of(content)}.json")
    bucket.s3.put_object(Bucket=BUCKET, Key=f"models/copy/versions/{digest_of(content)}.json", Body=content)
    told = f"s3://{BUCKET}/models/copy/versions/{digest_of(content)}.json does not lie where it was published"
    assert f"models: {told}" in command()[2]
    assert promote(digest_of(content)) == (1, "", f"promote: {told}, beside s3://{BUCKET}/{KEY}\n")


def test_what_is_not_deployed_has_no_models(monkeypatch, capsys, s3):
    functions = boto3.client("lambda")
    monkeypatch.setattr(stable_model, "client", lambda service: s3)
    monkeypatch.setattr("model_service_cli.models.artifact_reader.client", lambda service: functions)
    with Stubber(functions) as stub:
        stub.add_client_error("get_function", "ResourceNotFoundException")
        assert main(["rollback"]) == 1
    assert "model-service-publish-artifact is not deployed" in capsys.readouterr().err
