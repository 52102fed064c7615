"""The main job on the real sample, each way a user starts it."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import accuracy_score, f1_score

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
STEPS = [
    *("FetchAndValidate", "HowManyShards", "IsOneLambdaEnough", "FitFolds", "IsWorkSpread"),
    *("Summarize", "IsModelGoodEnough", "PublishArtifact"),
]


@pytest.fixture(scope="module")
def execution(pipeline, sample):
    """The Gaussian of the numbers, by default the pooled one, split by time."""
    numbers = ["open", "high", "low", "close", "volume"]
    done = pipeline.execute({"split": "chronological", "feature_columns": numbers})
    assert done["status"] == "SUCCEEDED", done
    return json.loads(done["output"])


def test_an_execution_trains_what_scikit_learn_trains(execution):
    rows = np.loadtxt(SAMPLE, delimiter=",", skiprows=1, usecols=range(1, 7))
    features, labels = rows[:, :-1], rows[:, -1].astype(int)
    train = len(rows) - int(np.ceil(0.2 * len(rows)))
    peer = LinearDiscriminantAnalysis(solver="lsqr").fit(features[:train], labels[:train])
    predicted = peer.predict(features[train:])

    assert execution["dataset"]["rows"] == len(rows)
    assert execution["metrics"]["accuracy"] == pytest.approx(
        accuracy_score(labels[train:], predicted), rel=1e-12
    )
    assert execution["metrics"]["f1"] == pytest.approx(f1_score(labels[train:], predicted), rel=1e-12)


def test_the_validated_dataset_opens_in_numpy_with_every_row_in_order(pipeline, execution):
    manifest = json.loads(pipeline.read(execution["dataset"]["manifest"]["key"]))
    parts = [np.load(io.BytesIO(pipeline.read(entry["key"]))) for entry in manifest["parts"]]
    rows = np.loadtxt(SAMPLE, delimiter=",", skiprows=1, usecols=range(1, 7))

    assert manifest["status"] == "valid"
    assert np.array_equal(np.concatenate([part["X"] for part in parts]), rows[:, :-1])
    assert [name for part in parts for name in part["classes"][part["y"]]] == [
        str(int(y)) for y in rows[:, -1]
    ]


def test_the_artifact_is_published_under_its_stable_key_and_as_an_immutable_version(pipeline, execution):
    artifact = execution["artifact"]
    stable = pipeline.read(artifact["key"])

    assert artifact["key"] == "models/training_pipeline.pkl"
    assert stable == pipeline.read(artifact["version_key"])
    document = json.loads(stable)
    assert document["metrics"] == execution["metrics"]
    assert document["lineage"]["run_id"] == execution["run"]["run_id"]
    assert document["lineage"]["execution_arn"] == execution["run"]["execution_arn"]
    assert document["dataset"]["version_id"] == execution["dataset"]["version_id"]


def test_run_pipeline_follows_the_execution_and_records_it(pipeline, sample, tmp_path):
    record = tmp_path / "execution.json"
    done = pipeline.cloud.command("run-pipeline", "--input", '{"test_size": 0.3}', "--record", record)

    assert done.returncode == 0, done.stderr
    assert "s3://artifacts/models/training_pipeline.pkl" in done.stdout
    written = json.loads(record.read_text())
    assert list(written) == [
        "status",
        "execution_arn",
        "input",
        "output",
        "error",
        "cause",
        "started_at",
        "duration_ms",
        "steps",
    ]
    assert (written["status"], written["error"], written["cause"]) == ("SUCCEEDED", None, None)
    # The report beside it has written those of earlier runs, too.
    (trace,) = [page for page in (tmp_path / "traces").glob("*.html") if page.as_uri() in done.stdout]
    assert "<h3>Log of summarize" in trace.read_text()
    assert written["input"] == {"test_size": 0.3}
    assert [(step["name"], step["status"], step["attempts"]) for step in written["steps"]] == [
        (name, "SUCCEEDED", 1) for name in STEPS
    ]


def test_run_pipeline_trains_on_a_file_of_ones_own(pipeline, tmp_path):
    data = tmp_path / "my flowers.csv"
    data.write_text("length,width,kind\n" + "1.0,2.5,a\n1.5,2.0,a\n4.0,5.5,b\n4.5,5.0,b\n" * 10)
    record = tmp_path / "execution.json"
    request = json.dumps({"label_column": "kind", "covariance": "diagonal", "split": "shuffled"})
    done = pipeline.cloud.command("run-pipeline", "--data", data, "--input", request, "--record", record)

    assert done.returncode == 0, done.stderr
    written = json.loads(record.read_text())
    assert written["input"]["key"] == "data/my flowers.csv"
    assert written["output"]["dataset"]["rows"] == 40
    assert written["output"]["metrics"]["accuracy"] == 1.0


def test_the_cli_starts_an_execution(pipeline, sample):
    started = pipeline.cloud.aws(
        "stepfunctions",
        "start-execution",
        "--state-machine-arn",
        pipeline.outputs["state_machine_arn"],
        "--input",
        (ROOT / "statemachine/examples/request.json").read_text(),
    )

    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["executionArn"].split(":")[-2] == "model-service-training-pipeline"


@pytest.mark.parametrize("step", ["fetch-and-validate", "summarize", "publish-artifact"])
def test_the_cli_invokes_each_step_with_a_plain_request(pipeline, sample, step, tmp_path):
    response = tmp_path / "response.json"
    invoked = pipeline.cloud.aws(
        "lambda",
        "invoke",
        "--function-name",
        f"model-service-{step}",
        "--payload",
        '{"bucket": "ml-data-demo", "test_size": 0.3}',
        response,
    )

    assert invoked.returncode == 0, invoked.stderr
    assert "FunctionError" not in json.loads(invoked.stdout)
    output = json.loads(response.read_text())
    expected = [
        *("run", "dataset", "folds", "spread"),
        *("warnings", "leaderboard", "decision", "metrics", "verdict", "regression", "drift"),
        *("gate", "summary"),
        *("artifact", "card"),
    ]
    assert (
        list(output) == expected[: {"fetch-and-validate": 4, "summarize": 13, "publish-artifact": 15}[step]]
    )
    if step != "fetch-and-validate":
        assert output["metrics"]["accuracy"] > output["metrics"]["baseline_accuracy"]


def test_each_steps_response_is_the_next_steps_payload(pipeline, sample):
    _, dataset = pipeline.invoke("fetch-and-validate", {"test_size": 0.25})
    _, summary = pipeline.invoke("summarize", dataset)
    _, published = pipeline.invoke("publish-artifact", summary)
    executed = json.loads(pipeline.execute({"test_size": 0.25})["output"])

    assert published["run"]["run_id"] == executed["run"]["run_id"]
    assert published["metrics"] == executed["metrics"]
    assert published["artifact"] == executed["artifact"]
    assert executed["run"]["cached"] == ["FetchAndValidate", "Summarize", "PublishArtifact"]


def test_the_logs_of_a_run_carry_its_id_in_every_step(pipeline, execution):
    logs = pipeline.cloud.client("logs")
    for name in pipeline.outputs["function_names"].values():
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        lines = [json.loads(event["message"]) for event in events]
        succeeded = [line for line in lines if line.get("message") == "succeeded"]
        assert execution["run"]["run_id"] in {line["run_id"] for line in succeeded}
        assert [line for line in lines if line.get("type") == "platform.report"]
