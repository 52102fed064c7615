"""What a run has written is damaged."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from fault_lab import Trial
from fault_scenarios import FETCH, MODEL, STEPS, STEPS_OF_RANGES, scenario

FORCE = 'with `"force": true`'
PART = "dataset/shard-00000/part-00000.npz"


def staged(trial: Trial) -> str:
    """Has FetchAndValidate do its work; the folder of the run."""
    failure, output = trial.lab.pipeline.invoke("fetch-and-validate", trial.request())
    assert failure is None, output
    return f"runs/{output['run']['run_id']}/"


def summarized(trial: Trial) -> str:
    """Has Summarize do its work as well; the folder of the run."""
    failure, output = trial.lab.pipeline.invoke("summarize", trial.request())
    assert failure is None, output
    return f"runs/{output['run']['run_id']}/"


@contextmanager
def before_it_is_read(trial: Trial, name: str) -> Iterator[str]:
    """Where a file of a new run lies, while the step that needs it asks for it; then the run goes on to its end."""
    with trial.held("PUT", f"/{name}$") as writing:
        run = trial.start()
        writing.wait()
        with trial.held("GET", f"/{name}$") as reading:
            writing.release()
            reading.wait()
            yield f"runs/{reading.path.partition('/runs/')[2]}"
            reading.release()
            trial.ended(run)


def with_one_byte_altered(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@scenario(
    "a byte of a part is another one than was written",
    error="DatasetChangedError",
    cause="has other content than the run wrote there: start again with force",
    cached=(),
    again=FORCE,
)
def test_a_part_is_altered(trial: Trial) -> None:
    part = staged(trial) + PART
    trial.write(part, with_one_byte_altered(trial.read(part)))
    trial.ended(trial.start())
    trial.next_run(force=True)


@scenario("a part is shorter than it was written", leaves=MODEL, cached=STEPS)
def test_a_part_is_cut(trial: Trial) -> None:
    part = staged(trial) + PART
    whole = trial.read(part)
    trial.write(part, whole[:-100])
    assert trial.ended(trial.start())["run"]["cached"] == []  # what is missing is made again
    assert trial.read(part) == whole
    trial.next_run()


@scenario(
    "a part is deleted before Summarize reads it",
    error="DatasetChangedError",
    cause="does not exist",
    cached=(),
)
def test_a_part_is_deleted(trial: Trial) -> None:
    with trial.held("GET", rf"/{PART}$") as reading:
        run = trial.start()
        reading.wait()
        trial.delete(reading.path)
        reading.release()
        trial.ended(run)
    trial.next_run()


@scenario("the manifest ends in its middle", leaves=MODEL, cached=STEPS)
def test_the_manifest_is_cut(trial: Trial) -> None:
    manifest = staged(trial) + "dataset/manifest.json"
    trial.write(manifest, trial.read(manifest)[:1000])
    assert trial.ended(trial.start())["run"]["cached"] == []
    trial.next_run()


@scenario(
    "the manifest is deleted before Summarize reads it",
    error="InvalidRequestError",
    cause="does not exist",
    cached=(),
)
def test_the_manifest_is_deleted(trial: Trial) -> None:
    with before_it_is_read(trial, "dataset/manifest.json") as manifest:
        trial.delete(f"/{trial.lab.artifact_bucket}/{manifest}")
    trial.next_run()


@scenario(
    "the manifest is another one than FetchAndValidate wrote",
    error="DatasetChangedError",
    cause="manifest.json has other content than the run wrote there: start again with force",
    cached=(),
    again=FORCE,
)
def test_the_manifest_is_altered(trial: Trial) -> None:
    with before_it_is_read(trial, "dataset/manifest.json") as place:
        manifest = json.loads(trial.read(place))
        manifest["features"].reverse()  # a manifest of this run, and not the one that the event names
        trial.write(place, json.dumps(manifest).encode())
    trial.next_run(force=True)


@scenario(
    "the summary is another one than Summarize wrote",
    error="DatasetChangedError",
    cause="summary.json has other content than the run wrote there: start again with force",
    cached=(),
    again=FORCE,
)
def test_the_summary_is_altered(trial: Trial) -> None:
    with before_it_is_read(trial, "model/summary.json") as place:
        summary = json.loads(trial.read(place))
        summary["metrics"]["accuracy"] = 1.0
        trial.write(place, json.dumps(summary).encode())
    trial.next_run(force=True)


@scenario("the summary is another run's", leaves=MODEL, cached=STEPS)
def test_the_summary_is_of_another_run(trial: Trial) -> None:
    summary = summarized(trial) + "model/summary.json"
    trial.write(summary, json.dumps(json.loads(trial.read(summary)) | {"run_id": "another"}).encode())
    assert trial.ended(trial.start())["run"]["cached"] == [FETCH]
    trial.next_run()


@scenario("the record of what was published ends in its middle", leaves=MODEL, cached=STEPS)
def test_the_record_of_the_artifact_is_cut(trial: Trial) -> None:
    record = summarized(trial) + "publication/artifact.json"
    trial.write(record, b'{"schema_version": 1, "lin')
    trial.ended(trial.start())
    trial.next_run()


@scenario("a shard's result ends in its middle", leaves=MODEL, cached=STEPS_OF_RANGES)
def test_the_result_of_a_shard_is_cut(large_trial: Trial) -> None:
    with large_trial.held("PUT", r"/shard-00001/result\.json$") as writing:
        run = large_trial.start()
        writing.wait()
        result = writing.path.partition("/runs/")[2].replace("shard-00001", "shard-00000")
        large_trial.lab.states.stop_execution(executionArn=run)
    large_trial.write(f"runs/{result}", b'{"shard": {"ind')
    large_trial.ended(large_trial.start())
    large_trial.next_run()


ALTERED = {"error": "DatasetChangedError", "cause": "or not as the run wrote it: start again with force"}


@scenario(
    "a range's summary is altered before LearnColumns reads it", **ALTERED, cached=(FETCH, "PlanRanges")
)
def test_the_summary_of_a_range_is_altered(large_trial: Trial) -> None:
    alter_a_range(large_trial, "summary")


@scenario(
    "a range's moments are altered before ChooseModel reads them",
    **ALTERED,
    cached=(FETCH, "PlanRanges", "LearnColumns"),
)
def test_the_moments_of_a_range_are_altered(large_trial: Trial) -> None:
    alter_a_range(large_trial, "moments")


@scenario(
    "a range's evaluation is altered before Summarize reads it",
    **ALTERED,
    cached=(FETCH, "PlanRanges", "LearnColumns", "ChooseModel"),
)
def test_the_evaluation_of_a_range_is_altered(large_trial: Trial) -> None:
    alter_a_range(large_trial, "evaluation")


def alter_a_range(trial: Trial, name: str) -> None:
    """Alters the first range's file between the Map and the task that collects; the next run makes it anew."""
    with trial.held("PUT", rf"/range-00001/{name}\.json$") as writing:
        run = trial.start()
        writing.wait()
        key = f"runs/{writing.path.partition('/runs/')[2]}".replace("range-00001", "range-00000")
        trial.wait_for(key)  # its item looks for it too, before it writes it
        with trial.held("GET", f"/{key}$") as collecting:
            writing.release()
            collecting.wait()
            trial.write(key, with_one_byte_altered(trial.read(key)))
            collecting.release()
            trial.ended(run)
    trial.next_run()


@scenario(
    "each file that a finished run has written, one after the other, is another one by a byte",
    told="SUCCEEDED with the same model; where a part has to be read again, `DatasetChangedError`: start with force",
    leaves=MODEL,
    again="the same model",
)
def test_each_file_of_a_run_is_altered(trial: Trial) -> None:
    first = trial.ended(trial.start())
    model = json.loads(trial.read(trial.stable))["model"]
    folder = f"runs/{first['run']['run_id']}/"
    refused = []
    for key in sorted(trial.lab.pipeline.objects(folder)):
        whole = trial.read(key)
        trial.write(key, with_one_byte_altered(whole))
        done = trial.lab.wait(trial.start())
        if done["status"] == "FAILED":
            assert (done["error"], trial.lab.retries(done["executionArn"])) == ("DatasetChangedError", 0), key
            refused.append(key.removeprefix(folder))
        again = json.loads(done["output"]) if "output" in done else trial.run(force=True)
        published = trial.read(trial.stable)
        assert hashlib.sha256(published).hexdigest() == again["artifact"]["sha256"], key
        assert json.loads(published)["model"] == model, key
        assert again["metrics"] == first["metrics"], key
        if trial.read(key) == with_one_byte_altered(whole):
            trial.write(key, whole)  # nobody read it, as what follows from it was there
    assert set(refused) <= {PART}
