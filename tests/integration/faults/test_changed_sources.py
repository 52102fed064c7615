"""The CSV changes while the run goes on."""

from fault_lab import Trial
from fault_scenarios import MODEL, STEPS, scenario

REPLACED = {"error": "DatasetChangedError", "cause": "was replaced while the run went on"}
DELETED = {"error": "DatasetChangedError", "cause": "was deleted while the run went on"}
ANY_PART = r"/part-00000\.npz$"


def shortened(csv: bytes) -> bytes:
    """Another CSV of the same kind: without its last row."""
    return csv[: csv.rindex(b"\n", 0, -1) + 1]


@scenario("the CSV is replaced while FetchAndValidate reads it", **REPLACED, cached=())
def test_the_csv_is_replaced_while_it_is_read(trial: Trial) -> None:
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        reading.wait()
        newer = trial.upload(shortened(trial.csv))
        reading.release()
        trial.ended(run)
    assert trial.next_run()["dataset"]["version_id"] == newer


@scenario("the CSV is replaced while the Map runs", **REPLACED, cached=())
def test_the_csv_is_replaced_while_the_map_runs(large_trial: Trial) -> None:
    with large_trial.held("PUT", r"/shard-00001/result\.json$") as writing:
        run = large_trial.start()
        writing.wait()
        newer = large_trial.upload(shortened(large_trial.csv))
        writing.release()
        large_trial.ended(run)
    assert large_trial.next_run()["dataset"]["version_id"] == newer


@scenario("the CSV is replaced between FetchAndValidate and PublishArtifact", **REPLACED, cached=())
def test_the_csv_is_replaced_before_publishing(trial: Trial) -> None:
    with trial.held("GET", ANY_PART) as summarizing:
        run = trial.start()
        summarizing.wait()
        newer = trial.upload(shortened(trial.csv))
        summarizing.release()
        trial.ended(run)
    assert trial.next_run()["dataset"]["version_id"] == newer


@scenario(
    "the CSV is replaced, and the request names the `version_id` it wants",
    leaves=MODEL,
    cached=STEPS,
    again="with the same `version_id`",
)
def test_a_replaced_csv_is_no_matter_to_a_run_of_a_named_version(trial: Trial) -> None:
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start(version_id=trial.version_id)
        reading.wait()
        trial.upload(shortened(trial.csv))
        reading.release()
        assert trial.ended(run)["dataset"]["version_id"] == trial.version_id
    trial.next_run(version_id=trial.version_id)


@scenario("the CSV is deleted before PublishArtifact", **DELETED, cached=(), again="uploaded again")
def test_the_csv_is_deleted_before_publishing(trial: Trial) -> None:
    with trial.held("GET", ANY_PART) as summarizing:
        run = trial.start()
        summarizing.wait()
        trial.lab.s3.delete_object(Bucket=trial.lab.data_bucket, Key=trial.key)
        summarizing.release()
        trial.ended(run)
    trial.upload(trial.csv)
    trial.next_run()


@scenario(
    "the version being read is deleted for good while the Map runs",
    error="DatasetChangedError",
    cause="does not exist",
    cached=(),
    again="uploaded again",
)
def test_the_version_is_deleted_while_the_map_runs(large_trial: Trial) -> None:
    version = {"Key": large_trial.key, "VersionId": large_trial.version_id}
    with large_trial.held("GET", "/dataset/plan.json$") as beginning:
        run = large_trial.start()
        beginning.wait()
        large_trial.lab.s3.delete_object(Bucket=large_trial.lab.data_bucket, **version)
        beginning.release()
        large_trial.ended(run)
    large_trial.upload(large_trial.csv)
    large_trial.next_run()
