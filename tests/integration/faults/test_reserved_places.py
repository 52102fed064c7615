"""A request names a place where others write."""

from fault_lab import Trial
from fault_scenarios import NOTHING, scenario

REFUSED = {
    "error": "InvalidRequestError",
    "cause": "artifact_key",
    "leaves": NOTHING,
    "cached": (),
    "again": "with a key of its own",
}


def refused_at(trial: Trial, key: str) -> None:
    """Starts a run that is to publish at the key; nothing is there afterwards that was not before."""
    before = trial.lab.pipeline.objects("")
    trial.ended(trial.start(artifact_key=key))
    assert trial.lab.pipeline.objects("") == before
    trial.next_run()


@scenario("`artifact_key` is the version of a model that is published", **REFUSED)
def test_a_published_version_is_no_place_to_publish_at(trial: Trial) -> None:
    version = trial.run(test_size=0.3)["artifact"]["version_key"]
    trial.rebase()
    refused_at(trial, version)


@scenario("`artifact_key` is the summary of a run", **REFUSED)
def test_a_file_of_a_run_is_no_place_to_publish_at(trial: Trial) -> None:
    run_id = trial.run(test_size=0.3)["run"]["run_id"]
    trial.rebase()
    refused_at(trial, f"runs/{run_id}/model/summary.json")


@scenario("`artifact_key` is the code of a function", **REFUSED)
def test_the_code_of_a_function_is_no_place_to_publish_at(trial: Trial) -> None:
    refused_at(trial, "packages/summarize.zip")


@scenario("`artifact_bucket` and `artifact_key` are those of the CSV", **REFUSED)
def test_the_data_is_no_place_to_publish_at(trial: Trial) -> None:
    before = trial.lab.s3.get_object(Bucket=trial.lab.data_bucket, Key=trial.key)["VersionId"]
    trial.ended(trial.start(artifact_bucket=trial.lab.data_bucket, artifact_key=trial.key))
    assert trial.lab.s3.get_object(Bucket=trial.lab.data_bucket, Key=trial.key)["VersionId"] == before
    trial.next_run()
