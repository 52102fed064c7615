"""A Lambda process is killed."""

from fault_lab import Trial
from fault_scenarios import FETCH, MODEL, STEPS, STEPS_OF_RANGES, SUMMARIZE, scenario

SURVIVED = {"leaves": MODEL, "cached": STEPS, "retries": 1}


@scenario("FetchAndValidate's process is killed while it reads the CSV", **SURVIVED)
def test_fetch_and_validate_is_killed_while_it_reads(trial: Trial) -> None:
    kill_once(trial, "GET", trial.source_path)


@scenario("FetchAndValidate's process is killed before it writes the manifest", **SURVIVED)
def test_fetch_and_validate_is_killed_before_its_last_write(trial: Trial) -> None:
    kill_once(trial, "PUT", "/dataset/manifest.json$")


@scenario("Summarize's process is killed while it reads a part", **SURVIVED)
def test_summarize_is_killed_while_it_reads(trial: Trial) -> None:
    kill_once(trial, "GET", r"/part-00000\.npz$")


@scenario("PublishArtifact's process is killed before it writes the version", **SURVIVED)
def test_publish_artifact_is_killed_before_the_version(trial: Trial) -> None:
    kill_once(trial, "PUT", trial.version_path)


@scenario("PublishArtifact's process is killed between the version and the stable key", **SURVIVED)
def test_publish_artifact_is_killed_before_the_stable_key(trial: Trial) -> None:
    kill_once(trial, "PUT", trial.stable_path)


@scenario(
    "PublishArtifact's process is killed before it writes the version, and the one of the retry too",
    error="Runtime.ExitError",
    cause="Runtime exited with error: signal: killed",
    cached=(FETCH, SUMMARIZE),
    retries=1,
)
def test_publish_artifact_is_killed_twice(trial: Trial) -> None:
    with trial.held("PUT", trial.version_path) as first, trial.held("PUT", trial.version_path) as second:
        run = trial.start()
        trial.kill_sender(first)
        trial.kill_sender(second)
        trial.ended(run)
    trial.next_run()


@scenario(
    "the process of one of three shards is killed while the Map runs: the shard is tried once more",
    leaves=MODEL,
    cached=STEPS_OF_RANGES,
)
def test_a_shard_is_killed(large_trial: Trial) -> None:
    kill_once(large_trial, "PUT", r"/shard-00001/result\.json$")


@scenario(
    "the process that summarizes a range is killed: the range is tried once more",
    leaves=MODEL,
    cached=STEPS_OF_RANGES,
)
def test_the_summary_of_a_range_is_killed(large_trial: Trial) -> None:
    kill_once(large_trial, "PUT", r"/range-00001/summary\.json$")


@scenario(
    "the process that gathers the moments of a range is killed: the range is tried once more",
    leaves=MODEL,
    cached=STEPS_OF_RANGES,
)
def test_the_moments_of_a_range_are_killed(large_trial: Trial) -> None:
    kill_once(large_trial, "PUT", r"/range-00001/moments\.json$")


@scenario(
    "the process that evaluates a range is killed: the range is tried once more",
    leaves=MODEL,
    cached=STEPS_OF_RANGES,
)
def test_the_evaluation_of_a_range_is_killed(large_trial: Trial) -> None:
    kill_once(large_trial, "PUT", r"/range-00001/evaluation\.json$")


def kill_once(trial: Trial, method: str, path: str) -> None:
    """Kills the process whose request is held; the retry of the state machine does the work."""
    with trial.held(method, path) as request:
        run = trial.start()
        trial.kill_sender(request)
        trial.ended(run)
    trial.next_run()
