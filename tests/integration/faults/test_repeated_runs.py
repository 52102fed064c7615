"""The same work twice, at once or again, and others' work in between."""

import hashlib

import pytest
from botocore.exceptions import ClientError
from fault_lab import Trial
from fault_scenarios import FETCH, MODEL, PUBLISH, STEPS, SUMMARIZE, VERSION, scenario

RECORD = "/artifact.json$"


@scenario("a finished run is started again", leaves=MODEL, cached=STEPS)
def test_a_finished_run_is_started_again(trial: Trial) -> None:
    first = trial.ended(trial.start())
    again = trial.next_run()
    assert first["run"]["cached"] == []
    assert again["artifact"] == first["artifact"]
    assert again["metrics"] == first["metrics"]


@scenario(
    'a finished run is started again with `"force": true`', leaves=MODEL, cached=(PUBLISH,), again="the same"
)
def test_a_finished_run_is_done_anew(trial: Trial) -> None:
    first = trial.ended(trial.start())
    folder = f"runs/{first['run']['run_id']}/"
    before = trial.written(folder)
    again = trial.next_run(force=True)
    now = trial.written(folder)
    assert {name for name in now if now[name] != before[name]} == {
        "dataset/shard-00000/part-00000.npz",
        "dataset/manifest.json",
        "model/summary.json",
        "model/test-rows.npz",
    }
    assert again["artifact"] == first["artifact"]


@scenario("two runs of the same work, both in PublishArtifact at once", leaves=MODEL, cached=STEPS)
def test_two_runs_of_the_same_work_publish_at_once(trial: Trial) -> None:
    with trial.held("PUT", RECORD) as writing:
        slower = trial.start()
        writing.wait()
        faster = trial.run()
        writing.release()
        assert trial.ended(slower)["artifact"] == faster["artifact"]
    trial.next_run()


@scenario("two runs of the same work, both in Summarize at once", leaves=MODEL, cached=STEPS)
def test_two_runs_of_the_same_work_summarize_at_once(trial: Trial) -> None:
    with trial.held("PUT", "/summary.json$") as writing:
        slower = trial.start()
        writing.wait()
        faster = trial.run()
        writing.release()
        assert trial.ended(slower)["artifact"] == faster["artifact"]
    trial.next_run()


@scenario(
    "a newer model is published while an older, slower run goes on",
    error="ArtifactConflictError",
    cause="was moved by another run since this one began, and stays",
    leaves=VERSION,
    cached=(FETCH, SUMMARIZE),
)
def test_a_slow_old_run_does_not_overwrite_a_newer_model(trial: Trial) -> None:
    with trial.held("PUT", trial.version_path) as writing:
        slower = trial.start()
        writing.wait()
        newer = trial.run(test_size=0.3)
        trial.rebase()
        writing.release()
        trial.ended(slower)
    assert hashlib.sha256(trial.read(trial.stable)).hexdigest() == newer["artifact"]["sha256"]
    trial.next_run()


@scenario(
    "something else lies at the version's key",
    error="ArtifactConflictError",
    cause="has other content than expected",
    cached=(FETCH, SUMMARIZE),
    again="when the key is free",
)
def test_the_key_of_the_version_is_taken(trial: Trial) -> None:
    # The first run tells the key, and is stopped before it writes there.
    with trial.held("PUT", trial.version_path) as writing:
        stopped = trial.start()
        writing.wait()
        key = writing.path.removeprefix(f"/{trial.lab.artifact_bucket}/")
        trial.lab.states.stop_execution(executionArn=stopped)  # a killed step alone would be tried once more
        trial.kill_sender(writing)
        trial.lab.wait(stopped)
    trial.write(key, b"something else")
    trial.rebase()
    trial.ended(trial.start())
    (version,) = trial.published()[key]
    trial.lab.s3.delete_object(Bucket=trial.lab.artifact_bucket, Key=key, VersionId=version)
    trial.next_run()


@scenario(
    "StartExecution twice with the same name and input",
    told="SUCCEEDED, once: the second call gives the first's ARN",
    leaves=MODEL,
    cached=STEPS,
)
def test_starting_twice_by_one_name_is_one_execution(trial: Trial) -> None:
    name = "started-twice"
    with trial.held("GET", trial.source_path) as reading:
        first = trial.lab.start(trial.request(), name)
        reading.wait()
        second = trial.lab.start(trial.request(), name)
    assert first == second
    trial.ended(first)
    trial.next_run()


@scenario(
    "StartExecution with the same name and another input",
    told="the second call: `ExecutionAlreadyExists`; the first: SUCCEEDED",
    leaves=MODEL,
    cached=STEPS,
)
def test_starting_twice_by_one_name_with_other_input_is_refused(trial: Trial) -> None:
    name = "started-otherwise"
    first = trial.lab.start(trial.request(), name)
    with pytest.raises(ClientError) as refusal:
        trial.lab.start(trial.request(test_size=0.3), name)
    assert refusal.value.response["Error"]["Code"] == "ExecutionAlreadyExists"
    trial.ended(first)
    trial.next_run()
