"""What was published is enough: the local cloud's artifact, its schema, and predictions from it."""

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
# A model of these tests' own, so that what else is published meanwhile changes nothing.
KEY = "models/predict/candles.pkl"


@pytest.fixture(scope="module")
def published(pipeline, sample) -> dict:
    """The execution's output; the artifact is under KEY."""
    done = pipeline.execute({"artifact_key": KEY})
    assert done["status"] == "SUCCEEDED", done
    return json.loads(done["output"])["artifact"]


@pytest.fixture
def predict(pipeline):
    def run(data: Path, artifact: str | Path = "") -> subprocess.CompletedProcess[str]:
        return pipeline.cloud.command("predict", "--data", data, "--model", artifact)

    return run


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_the_published_artifact_is_what_the_schema_says(covariance, pipeline, sample):
    done = pipeline.execute({"covariance": covariance, "artifact_key": f"models/predict/{covariance}.pkl"})
    artifact = json.loads(done["output"])["artifact"]
    schema = json.loads((ROOT / "schemas" / "artifact.schema.json").read_text())
    content = pipeline.read(artifact["key"])
    Draft202012Validator(schema).validate(json.loads(content))
    assert len(content) == artifact["bytes"]
    assert pipeline.read(artifact["version_key"]) == content


def test_predictions_on_the_held_out_rows_have_the_published_accuracy(predict, pipeline, published, tmp_path):
    """The test rows of the chronological split are the last of the file."""
    artifact = json.loads(pipeline.read(published["key"]))
    header, *body = SAMPLE.read_text().splitlines()
    held_out = body[-artifact["split"]["test_rows"] :]
    labels = [line.rpartition(",")[2] for line in held_out]
    data = tmp_path / "held out.csv"  # without the label, which a prediction has not
    data.write_text("\n".join(line.rpartition(",")[0] for line in [header, *held_out]))

    done = predict(data, f"s3://artifacts/{KEY}")
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    assert list(found[0]) == ["label", "probability_0", "probability_1"]
    right = sum(row["label"] == label for row, label in zip(found, labels, strict=True))
    assert right / len(labels) == artifact["metrics"]["accuracy"]
    assert all(float(row["probability_0"]) + float(row["probability_1"]) == pytest.approx(1) for row in found)


def test_the_newest_published_model_is_the_default_and_a_version_is_named_by_its_digest(
    predict, pipeline, sample
):
    done = pipeline.execute({"covariance": "full", "seed": 77})
    artifact = json.loads(done["output"])["artifact"]
    newest, version = predict(SAMPLE), predict(SAMPLE, artifact["sha256"][:12])
    assert (newest.returncode, version.returncode) == (0, 0), newest.stderr + version.stderr
    name = artifact["sha256"][:12]
    where = f"from {name} (s3://artifacts/models/training_pipeline.pkl)"
    assert newest.stderr.splitlines()[0] == f"predict: 8727 rows predicted, {where}"
    assert version.stderr.splitlines()[0].endswith(f"from {name} (s3://artifacts/{artifact['version_key']})")
    assert "warning    this is the file that the model was trained on" in newest.stderr
    assert version.stdout == newest.stdout
    assert len(rows(newest.stdout)) == 8727


def test_what_is_not_there_is_one_line_and_nothing_on_stdout(predict, published):
    for artifact, status, message in [
        ("0" * 64, 2, f"MODEL {'0' * 64}: no model of that name has been published"),
        (
            "models/none.pkl",
            2,
            "MODEL models/none.pkl: there is no such file, and no model is published under that",
        ),
        ("s3://artifacts/models/none.pkl", 1, "s3://artifacts/models/none.pkl: there is no such object"),
    ]:
        done = predict(SAMPLE, artifact)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.startswith(f"predict: {message}")
        assert done.stderr.count("\n") == 1


def test_a_csv_of_other_columns_is_refused_by_the_names_that_are_missing(predict, published):
    done = predict(ROOT / "tests/data/iris.csv", f"s3://artifacts/{KEY}")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "the header has no columns 'timestamp', 'open', 'high', 'low', 'close', 'volume', which the model reads"
        in done.stderr
    )
    assert done.stderr.count("\n") == 1


def test_make_predict_prints_the_csv_and_nothing_else_on_stdout(predict, pipeline, published, tmp_path):
    data, model = tmp_path / "my $HOME; new.csv", tmp_path / "a model.json"
    data.write_bytes(SAMPLE.read_bytes())
    model.write_bytes(pipeline.read(published["key"]))
    done = pipeline.cloud.run("make", "--no-print-directory", "predict", f"DATA={data}", f"MODEL={model}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == predict(SAMPLE, model).stdout
    assert done.stderr.splitlines()[0] == f"predict: 8727 rows predicted, from {model}"
