"""Step 3 as a whole: an immutable version first, then the stable key."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fetch_and_validate.stage import stage
from publish_artifact import publication
from publish_artifact.card.page import model_card
from publish_artifact.places import version_of
from publish_artifact.publication import publish
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest, TrainingSummary
from shared.errors import (
    ArtifactConflictError,
    DatasetChangedError,
    InvalidRequestError,
    ModelRejectedError,
    TransientStorageError,
)
from shared.event_fields import S3Reference
from shared.run import Run
from shared.run_files import RunFiles, read_document, write_document
from summarize.summarize import summarize

STABLE = ("artifacts", "models/training_pipeline.pkl")


@pytest.fixture
def summarized(storage, sample_csv):
    """A run of the sample up to step 2, made by the steps themselves."""

    def run(**fields) -> TrainingSummary:
        event = {
            "task": "FetchAndValidate",
            "request": {"model": "gaussian"} | fields,
            "execution_arn": "arn:1",
        }
        storage.put(sample_csv.read_bytes())
        config = Config(code_version="code-1")
        return summarize(stage(TrainingRequest.from_event(event, config), storage, config), storage)

    return run


def versions(storage) -> list[str]:
    return [key for key in storage.artifact_keys() if "/versions/" in key and key.endswith(".json")]


def test_the_version_and_the_stable_key_hold_the_same_bytes(summarized, storage):
    artifact = publish(summarized(), storage).artifact
    content = storage.objects[STABLE]
    digest = hashlib.sha256(content).hexdigest()
    assert artifact == {
        "bucket": "artifacts",
        "key": "models/training_pipeline.pkl",
        "version_id": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "version_key": f"models/training_pipeline/versions/{digest}.json",
        "sha256": digest,
        "bytes": len(content),
    }
    assert storage.objects["artifacts", artifact["version_key"]] == content


def test_the_artifact_is_compact_json_of_this_run(summarized, storage):
    summary = summarized(test_size=0.3)
    publish(summary, storage)
    content = storage.objects[STABLE]
    document = json.loads(content)
    assert len(content) < 20_000
    assert document["lineage"]["run_id"] == summary.dataset.run.run_id
    assert document["lineage"]["execution_arn"] == "arn:1"
    assert document["lineage"]["code_version"] == "code-1"
    assert document["metrics"] == summary.metrics
    assert document["request"]["test_size"] == 0.3
    assert document["dataset"]["rows"] == summary.dataset.dataset["rows"]
    created = datetime.fromisoformat(document["lineage"]["created_at"])
    assert timedelta(0) <= datetime.now(UTC) - created < timedelta(minutes=1)


def test_the_output_says_all_that_the_execution_s_output_must(summarized, storage):
    output = publish(summarized(), storage).to_event()
    assert set(output) == {
        *(
            "run",
            "dataset",
            "folds",
            "warnings",
            "leaderboard",
            "decision",
            "metrics",
            "verdict",
            "gate",
            "regression",
        ),
        *("drift", "spread", "summary", "artifact", "card"),
    }
    assert {"accuracy", "f1", "baseline_accuracy"} <= set(output["metrics"])
    assert len(json.dumps(output)) < 5000


def test_the_artifact_goes_where_the_request_says(summarized, storage):
    artifact = publish(
        summarized(artifact_bucket="artifacts", artifact_key="models/btc/hourly.json"), storage
    ).artifact
    assert artifact["key"] == "models/btc/hourly.json"
    assert artifact["version_key"] == f"models/btc/hourly/versions/{artifact['sha256']}.json"


def test_every_publication_is_a_version_of_its_own(summarized, storage):
    for seed in (1, 2):
        publish(summarized(seed=seed), storage)
    assert len(versions(storage)) == 2
    newest = json.loads(storage.objects[STABLE])
    assert newest["request"]["seed"] == 2


def test_the_version_is_written_before_the_stable_key_moves_and_the_card_last(
    summarized, storage, monkeypatch
):
    summary = summarized()
    written = []
    once, move = storage.write_once, storage.replace
    monkeypatch.setattr(storage, "write_once", lambda at, *rest: written.append(at.key) or once(at, *rest))
    monkeypatch.setattr(storage, "replace", lambda at, *rest: written.append(at.key) or move(at, *rest))
    artifact = publish(summary, storage).artifact
    card = artifact["version_key"].replace(".json", ".card.html")
    record = f"runs/{summary.dataset.run.run_id}/publication/artifact.json"
    assert written == [record, artifact["version_key"], "models/training_pipeline.pkl", card]
    assert storage.objects["artifacts", card] == model_card(storage.objects[STABLE])


class NoCard:
    """Stands in for the making of the card and fails so many times."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self.error = times, error

    def __call__(self, content: bytes) -> bytes:
        self.left -= 1
        if self.left >= 0:
            raise self.error
        return model_card(content)


def test_a_card_that_fails_once_is_made_by_the_second_attempt(summarized, storage, monkeypatch):
    monkeypatch.setattr(publication, "model_card", NoCard(1, KeyError("metrics")))
    published = publish(summarized(), storage)
    assert published.to_event()["card"] == {
        "bucket": "artifacts",
        "key": published.artifact["version_key"].replace(".json", ".card.html"),
    }
    assert published.card.key in storage.artifact_keys()


@pytest.mark.parametrize("error", [KeyError("metrics"), TransientStorageError("S3 answered SlowDown")])
def test_a_card_that_cannot_be_made_keeps_no_model_from_being_published(
    error, summarized, storage, monkeypatch, capsys
):
    monkeypatch.setattr(publication, "model_card", NoCard(2, error))
    summary = summarized()
    output = telemetry.observed("PublishArtifact")(
        lambda event, context: publish(summary, storage).to_event()
    )(summary.to_event(), None)
    assert output["card"] is None
    assert hashlib.sha256(storage.objects[STABLE]).hexdigest() == output["artifact"]["sha256"]
    assert output["artifact"]["version_key"] in storage.artifact_keys()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if line["message"] == "no card"]
    assert [(line["level"], line["attempt"]) for line in told] == [("WARNING", 1), ("WARNING", 2)]
    assert type(error).__name__ in told[0]["exception"]


def test_a_card_whose_place_is_taken_is_none(summarized, storage, monkeypatch):
    taken = S3Reference("artifacts", "models/training_pipeline/versions/taken.card.html")
    storage.put(b"something else", taken.bucket, taken.key)
    monkeypatch.setattr(publication, "card_of", lambda version: taken)
    assert publish(summarized(), storage).card is None
    assert storage.objects["artifacts", taken.key] == b"something else"


@pytest.mark.parametrize("damage", [b"", b"[]", b"\xff", b'{"schema_version"'])
def test_a_damaged_record_of_the_artifact_is_written_anew(damage, summarized, storage):
    record = (
        "artifacts",
        f"runs/{publish(summarized(), storage).summary.dataset.run.run_id}/publication/artifact.json",
    )
    storage.put(damage, *record)
    artifact = publish(summarized(), storage).artifact
    assert storage.objects[record] == storage.objects["artifacts", artifact["version_key"]]


def test_the_same_work_again_publishes_the_same_version_and_writes_nothing(summarized, storage):
    first = publish(summarized(), storage)
    written = dict(storage.objects)
    again = publish(summarized(), storage)
    assert again.artifact == first.artifact
    assert again.to_event()["run"]["cached"] == ["FetchAndValidate", "Summarize", "PublishArtifact"]
    assert storage.objects == written


def test_force_makes_the_same_version_again(summarized, storage):
    first = publish(summarized(), storage)
    again = publish(summarized(force=True), storage)
    assert again.artifact == first.artifact
    assert versions(storage) == [first.artifact["version_key"]]


def test_the_same_work_at_the_same_time_does_no_harm(summarized, storage):
    one, other = summarized(), summarized()
    assert one.dataset.run.conditions.current_model is other.dataset.run.conditions.current_model is None
    assert publish(one, storage).artifact == publish(other, storage).artifact


def test_older_work_done_again_moves_the_stable_key_back(summarized, storage):
    first = publish(summarized(seed=1), storage).artifact
    publish(summarized(seed=2), storage)
    again = publish(summarized(seed=1), storage)
    assert again.artifact == first
    assert again.to_event()["run"]["cached"] == ["FetchAndValidate", "Summarize"]
    assert hashlib.sha256(storage.objects[STABLE]).hexdigest() == first["sha256"]


def test_a_slow_old_run_never_overwrites_a_newer_model(summarized, storage):
    slow = summarized(seed=1)
    newer = publish(summarized(seed=2), storage).artifact
    with pytest.raises(
        ArtifactConflictError, match="was moved by another run since this one began, and stays"
    ):
        publish(slow, storage)
    assert hashlib.sha256(storage.objects[STABLE]).hexdigest() == newer["sha256"]
    assert len(versions(storage)) == 2


@pytest.fixture
def trained_on(storage, sample_csv):
    """A run on these bytes up to step 2, pinned to their version as an upload's execution is."""

    def run(content: bytes, **fields) -> TrainingSummary:
        storage.put(content)
        version = hashlib.md5(content, usedforsecurity=False).hexdigest()
        event = {"model": "gaussian", "version_id": version, **fields}
        config = Config(code_version="code-1")
        return summarize(stage(TrainingRequest.from_event(event, config), storage, config), storage)

    return run


@pytest.fixture
def older_and_newer(sample_csv) -> tuple[bytes, bytes]:
    whole = sample_csv.read_bytes()
    return whole[: whole.rindex(b"\n", 0, -1) + 1], whole


def test_the_model_of_a_newer_upload_takes_the_key_from_that_of_an_older_one(
    trained_on, older_and_newer, storage
):
    """Both uploads came within one run; whichever ends first, the newest data's model is the current one."""
    older, newer = (trained_on(content) for content in older_and_newer)
    publish(older, storage)
    artifact = publish(newer, storage).artifact
    assert hashlib.sha256(storage.objects[STABLE]).hexdigest() == artifact["sha256"]


def test_the_model_of_an_older_upload_leaves_the_key_to_that_of_a_newer_one(
    trained_on, older_and_newer, storage
):
    older, newer = (trained_on(content) for content in older_and_newer)
    artifact = publish(newer, storage).artifact
    with pytest.raises(ArtifactConflictError, match="was moved by another run since this one began"):
        publish(older, storage)
    assert hashlib.sha256(storage.objects[STABLE]).hexdigest() == artifact["sha256"]


def test_a_model_of_older_data_that_a_person_put_there_stays(
    trained_on, older_and_newer, storage, monkeypatch
):
    older, newer = (trained_on(content) for content in older_and_newer)
    publish(older, storage)
    found = storage.find(S3Reference(*STABLE))
    monkeypatch.setattr(storage, "find", lambda reference: replace(found, moved_by_hand=True))
    with pytest.raises(ArtifactConflictError, match="was moved by another run since this one began"):
        publish(newer, storage)


@pytest.mark.parametrize(
    "holder", [b"no artifact", b"[1]", b'{"dataset": 1}', b'{"dataset": {"bucket": "b"}}']
)
def test_what_is_no_model_of_the_same_csv_stays(trained_on, older_and_newer, storage, holder):
    summary = trained_on(older_and_newer[1])
    storage.put(holder, *STABLE)
    with pytest.raises(ArtifactConflictError, match="and stays"):
        publish(summary, storage)
    assert storage.objects[STABLE] == holder


def test_a_key_that_is_moved_again_and_again_is_given_up(trained_on, older_and_newer, storage, monkeypatch):
    older, newer = (trained_on(content) for content in older_and_newer)
    publish(older, storage)
    calls = []

    def taken(*arguments):
        calls.append(arguments)
        raise ArtifactConflictError("taken")

    monkeypatch.setattr(storage, "replace", taken)
    with pytest.raises(ArtifactConflictError, match="was moved by another run"):
        publish(newer, storage)
    assert len(calls) == 5


def test_a_model_that_the_gate_rejected_is_not_published(summarized, storage):
    with pytest.raises(ModelRejectedError, match=r"min_accuracy asks for 0\.99"):
        publish(summarized(min_accuracy=0.99), storage)
    assert STABLE not in storage.objects
    assert versions(storage) == []


@pytest.mark.parametrize("deleted", [False, True])
def test_a_csv_replaced_or_deleted_before_the_publication_is_a_changed_dataset(deleted, summarized, storage):
    summary = summarized()
    if deleted:
        del storage.objects["ml-data-demo", summary.dataset.dataset["key"]]
    else:
        storage.put(b"other")
    with pytest.raises(DatasetChangedError, match="while the run went on"):
        publish(summary, storage)
    assert STABLE not in storage.objects
    assert versions(storage) == []


def test_a_version_that_the_request_named_is_published_whatever_came_after_it(
    summarized, storage, sample_csv
):
    named = hashlib.md5(sample_csv.read_bytes(), usedforsecurity=False).hexdigest()
    summary = summarized(version_id=named)
    storage.put(b"other")
    assert publish(summary, storage).artifact["version_key"] in storage.artifact_keys()


def test_a_version_that_holds_something_else_is_a_conflict_and_the_stable_key_stays(
    summarized, storage, monkeypatch
):
    summary = summarized()
    storage.put(b"the model before", *STABLE)  # after the run began: it would be a conflict too
    taken = S3Reference("artifacts", "models/training_pipeline/versions/taken.json")
    storage.put(b"something else", taken.bucket, taken.key)
    monkeypatch.setattr(publication, "version_of", lambda stable, digest: taken)
    with pytest.raises(ArtifactConflictError, match=r"taken\.json has other content"):
        publish(summary, storage)
    assert storage.objects[STABLE] == b"the model before"


def other_run(summary: TrainingSummary) -> TrainingSummary:
    return replace(summary, dataset=replace(summary.dataset, run=Run("another")))


def other_summary(summary: TrainingSummary) -> TrainingSummary:
    return replace(summary, summary=summary.dataset.manifest)


def test_files_of_different_runs_are_refused_and_nothing_is_published(summarized, storage):
    with pytest.raises(InvalidRequestError, match="is not of run 'another'"):
        publish(other_run(summarized()), storage)
    assert STABLE not in storage.objects
    assert versions(storage) == []


@pytest.mark.parametrize("missing", ["model/summary.json", "dataset/manifest.json"])
def test_a_missing_file_of_the_run_is_an_invalid_request(missing, summarized, storage):
    summary = summarized()
    del storage.objects["artifacts", f"runs/{summary.dataset.run.run_id}/{missing}"]
    with pytest.raises(InvalidRequestError, match="does not exist"):
        publish(summary, storage)
    assert STABLE not in storage.objects


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe"])
@pytest.mark.parametrize("name", ["summary", "manifest"])
def test_a_file_with_other_content_than_the_step_wrote_is_a_changed_dataset(
    content, name, summarized, storage
):
    summary = summarized()
    altered = summary.summary if name == "summary" else summary.dataset.manifest
    storage.put(content, "artifacts", altered.key)
    with pytest.raises(
        DatasetChangedError, match=rf"{name}\.json has other content than the run wrote there"
    ):
        publish(summary, storage)
    assert STABLE not in storage.objects


def test_a_manifest_in_the_summary_s_place_is_an_invalid_request(summarized, storage):
    with pytest.raises(InvalidRequestError):
        publish(other_summary(summarized()), storage)


@pytest.mark.parametrize(
    ("key", "version"),
    [
        ("models/training_pipeline.pkl", "models/training_pipeline/versions/abc.json"),
        ("model", "model/versions/abc.json"),
        ("models/v1.2/m.tar.gz", "models/v1.2/m.tar/versions/abc.json"),
        ("models/.pkl", "models/.pkl/versions/abc.json"),
        ("models//größe 1.pkl", "models//größe 1/versions/abc.json"),
        ("../x.pkl", "../x/versions/abc.json"),
    ],
)
def test_versions_lie_beside_the_stable_key_in_a_folder_of_its_name(key, version):
    assert version_of(S3Reference("artifacts", key), "abc") == S3Reference("artifacts", version)


def test_a_record_with_a_forged_lineage_is_written_anew(summarized, storage):
    summary = summarized()
    publish(summary, storage)
    record = ("artifacts", RunFiles("artifacts", summary.dataset.run.run_id).artifact.key)
    forged = json.loads(storage.objects[record])
    forged["lineage"]["run_id"] = {"not": "a text"}
    storage.put(json.dumps(forged).encode(), *record)
    artifact = publish(summarized(), storage).artifact
    assert storage.objects[record] == storage.objects["artifacts", artifact["version_key"]]
    assert json.loads(storage.objects[record])["lineage"]["run_id"] == summary.dataset.run.run_id


def test_files_of_a_run_that_make_no_sound_artifact_publish_nothing(summarized, storage):
    summary = summarized()
    files = RunFiles("artifacts", summary.dataset.run.run_id)
    document = read_document(storage, summary.summary, "summary", summary.dataset.run.run_id)
    document["metrics"]["accuracy"] = "0.99"
    forged = replace(summary, summary=write_document(storage, files.summary, document))
    with pytest.raises(DatasetChangedError, match=r"\(\$\.metrics\.accuracy is no number\)"):
        publish(forged, storage)
    assert STABLE not in storage.objects
    assert not versions(storage)
    assert ("artifacts", files.artifact.key) not in storage.objects
