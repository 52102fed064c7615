"""The current model is moved by hand on the live local cloud: listed, promoted, rolled back, never fought over.

The stable key is the default one, which other tests publish to as well: each test here makes the moves it reads.
"""

import hashlib
import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

KEY = "models/training_pipeline.pkl"


@pytest.fixture
def models(pipeline) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return pipeline.cloud.command(*(arguments or ("models",)))

    return run


@pytest.fixture(scope="module")
def runs(pipeline, sample) -> list[dict[str, Any]]:
    """Two runs of other seeds, one after the other: their outputs, the current model's last."""
    outputs = []
    for seed in (501, 502):
        done = pipeline.execute({"split": "shuffled", "seed": seed})
        assert done["status"] == "SUCCEEDED", done
        outputs.append(json.loads(done["output"]))
    return outputs


def sha256(run: dict[str, Any]) -> str:
    return run["artifact"]["sha256"]


def held(pipeline) -> str:
    return hashlib.sha256(pipeline.read(KEY)).hexdigest()


def test_models_are_listed_promoted_and_rolled_back_move_by_move(models, runs, pipeline):
    older, newer = runs
    done = models()
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert [*rows][:2] == [sha256(newer)[:12], sha256(older)[:12]]  # newest first
    for run in runs:
        row = rows[sha256(run)[:12]]
        assert run["run"]["run_id"] in row
        assert f"{run['metrics']['accuracy']:.4f}" in row
        assert f"{run['metrics']['baseline_accuracy']:.4f}" in row
    currents = [row.split() for row in rows.values() if row.split()[1] == "current"]
    assert [words[0] for words in currents if words[-1] == KEY] == [sha256(newer)[:12]]

    done = models("promote", "--model", sha256(older)[:12])
    assert done.returncode == 0, done.stderr
    assert pipeline.read(KEY) == pipeline.read(older["artifact"]["version_key"])
    done = models("promote", "--model", sha256(older))
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to do" in done.stdout

    # The promotion first, then the newer run's publication.
    for expected in (newer, older):
        done = models("rollback", "--model", KEY)
        assert done.returncode == 0, done.stderr
        assert f"{sha256(expected)[:12]} is the current model again" in done.stdout
        assert held(pipeline) == sha256(expected)


def test_what_no_model_is_does_not_become_one(models, runs, pipeline):
    before = held(pipeline)
    for version, message in [
        ("", "MODEL is missing"),
        ("f" * 64, "no model of that name has been published"),
    ]:
        done = models("promote", "--model", version)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert held(pipeline) == before


def test_of_two_moves_at_the_same_time_one_is_told_of_the_other(runs, pipeline):
    """The second has read the key before the first one wrote it."""
    from model_service_cli.door import CommandError
    from model_service_cli.models import stable_key, stable_model
    from shared.event_fields import S3Reference

    older, newer = runs
    s3 = pipeline.cloud.client("s3")
    stable = S3Reference(pipeline.outputs["training_artifact_bucket"], KEY)
    stable_model.promote(s3, stable, sha256(newer))
    read = stable_key.read(s3, stable)
    stable_model.promote(s3, stable, sha256(older))
    with pytest.raises(
        CommandError, match=f"moved by someone else meanwhile, to {sha256(older)[:12]}, and stays"
    ):
        stable_key.move(s3, stable, read, b"a third one", stable_key.PROMOTE)
    assert held(pipeline) == sha256(older)


def test_a_deleted_model_is_rolled_back_to(models, runs, pipeline):
    before = held(pipeline)
    bucket = pipeline.outputs["training_artifact_bucket"]
    pipeline.cloud.client("s3").delete_object(Bucket=bucket, Key=KEY)
    assert "holds nothing" in models().stderr
    done = models("rollback", "--model", KEY)
    assert done.returncode == 0, done.stderr
    assert held(pipeline) == before
