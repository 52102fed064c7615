"""A Lambda process is killed."""

from fault_lab import Trial
from fault_scenarios import FETCH, SUMMARIZE, VERSION, scenario

KILLED = {"error": "Runtime.ExitError", "cause": "Runtime exited with error: signal: killed"}


@scenario("FetchAndValidate's process is killed while it reads the CSV", **KILLED, cached=())
def test_fetch_and_validate_is_killed_while_it_reads(trial: Trial) -> None:
    with trial.held("GET", trial.source_path) as reading:
        run = trial.start()
        trial.kill_sender(reading)
        trial.ended(run)
    trial.next_run()


@scenario("FetchAndValidate's process is killed before it writes the manifest", **KILLED, cached=())
def test_fetch_and_validate_is_killed_before_its_last_write(trial: Trial) -> None:
    with trial.held("PUT", "/dataset/manifest.json$") as writing:
        run = trial.start()
        trial.kill_sender(writing)
        trial.ended(run)
    trial.next_run()


@scenario("Summarize's process is killed while it reads a part", **KILLED, cached=(FETCH,))
def test_summarize_is_killed_while_it_reads(trial: Trial) -> None:
    with trial.held("GET", r"/part-00000\.npz$") as reading:
        run = trial.start()
        trial.kill_sender(reading)
        trial.ended(run)
    trial.next_run()


@scenario(
    "PublishArtifact's process is killed before it writes the version", **KILLED, cached=(FETCH, SUMMARIZE)
)
def test_publish_artifact_is_killed_before_the_version(trial: Trial) -> None:
    with trial.held("PUT", trial.version_path) as writing:
        run = trial.start()
        trial.kill_sender(writing)
        trial.ended(run)
    trial.next_run()


@scenario(
    "PublishArtifact's process is killed between the version and the stable key",
    **KILLED,
    leaves=VERSION,
    cached=(FETCH, SUMMARIZE),
)
def test_publish_artifact_is_killed_before_the_stable_key(trial: Trial) -> None:
    with trial.held("PUT", trial.stable_path) as writing:
        run = trial.start()
        trial.kill_sender(writing)
        trial.ended(run)
    trial.next_run()


@scenario(
    "the process of one of three shards is killed while the Map runs (AWS ends the Map with "
    "`States.ExceedToleratedFailureThreshold`; LocalStack goes on, and CollectShards notices)",
    error="DatasetChangedError",
    cause="shard-00001/result.json does not exist",
    cached=(),
)
def test_a_shard_is_killed(large_trial: Trial) -> None:
    with large_trial.held("PUT", r"/shard-00001/result\.json$") as writing:
        run = large_trial.start()
        large_trial.kill_sender(writing)
        large_trial.ended(run)
    folder = writing.path.partition(f"/{large_trial.lab.artifact_bucket}/")[2].partition("shard-")[0]
    before = large_trial.written(folder)
    large_trial.next_run()
    now = large_trial.written(folder)
    kept = [name for name in before if name.startswith(("shard-00000/", "shard-00002/"))]
    assert len(kept) == 4  # a part and a result each, made once
    assert [name for name in kept if now[name] != before[name]] == []
