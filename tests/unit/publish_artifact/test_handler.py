"""The handler of step 3, and all three steps in a row against S3 by moto."""

import io
import json
from types import SimpleNamespace

import pytest

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared import errors, previous_step
from shared.storage import Storage
from summarize import handler as summarize

REQUEST = {"test_size": 0.3, "model": "gaussian"}
CONTEXT = SimpleNamespace(aws_request_id="request-1")
STEPS = {
    "fetch-and-validate": fetch_and_validate,
    "summarize": summarize,
    "publish-artifact": publish_artifact,
}


@pytest.fixture
def bucket(s3, sample_csv, monkeypatch):
    for module in STEPS.values():
        monkeypatch.setattr(module, "storage", Storage(s3))
    s3.put_object(
        Bucket="ml-data-demo", Key="data/btc_candles_labeled_sample.csv", Body=sample_csv.read_bytes()
    )
    return s3


class Lambda:
    """Invokes the handlers in this process, as the service would: JSON in, JSON or an error's name out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def invoke(self, FunctionName: str, Payload: bytes) -> dict:
        before = list(STEPS)[list(STEPS).index(FunctionName) - 1]
        self._monkeypatch.setenv("PREVIOUS_STEP", before)
        try:
            answer, failure = STEPS[FunctionName].handler(json.loads(Payload), CONTEXT), {}
        except errors.PermanentError as error:
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            failure = {"FunctionError": "Unhandled"}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode()), **failure}


@pytest.fixture
def last_step_alone(bucket, monkeypatch):
    """The last step's handler, with the steps before it behind a Lambda client."""
    monkeypatch.setattr(previous_step.boto3, "client", lambda service, **_: Lambda(monkeypatch))
    monkeypatch.setenv("PREVIOUS_STEP", "summarize")
    return publish_artifact.handler


def published(s3, output: dict) -> dict:
    artifact = output["artifact"]
    answer = s3.get_object(Bucket=artifact["bucket"], Key=artifact["key"])
    assert answer["VersionId"] == artifact["version_id"]
    return json.loads(answer["Body"].read())


def test_each_step_s_output_is_the_next_one_s_payload(bucket):
    event = {"task": "FetchAndValidate", "request": REQUEST, "execution_arn": "arn:1"}
    for module in STEPS.values():
        event = json.loads(json.dumps(module.handler(event, CONTEXT)))
    document = published(bucket, event)
    assert document["metrics"] == event["metrics"]
    assert document["lineage"]["run_id"] == event["run"]["run_id"]
    assert document["lineage"]["execution_arn"] == event["run"]["execution_arn"] == "arn:1"
    assert document["request"]["test_size"] == 0.3
    assert event["metrics"]["accuracy"] > event["metrics"]["baseline_accuracy"]


def test_the_last_step_alone_does_the_whole_job_for_a_plain_request(bucket, last_step_alone):
    output = last_step_alone({"bucket": "ml-data-demo", **REQUEST}, CONTEXT)
    assert published(bucket, output)["request"]["test_size"] == 0.3
    assert output["run"]["execution_arn"] is None


@pytest.mark.parametrize(
    ("request_fields", "error", "message"),
    [
        ({"test_sise": 0.3}, errors.InvalidRequestError, 'unknown field "test_sise"'),
        (
            {"key": "data/none.csv"},
            errors.DatasetNotFoundError,
            "s3://ml-data-demo/data/none.csv does not exist",
        ),
        (
            {"label_column": "volatility"},
            errors.InvalidDatasetError,
            "label_column 'volatility' is not a column",
        ),
        ({"min_accuracy": 0.999}, errors.ModelRejectedError, "min_accuracy asks for 0.999 or more"),
    ],
)
def test_an_earlier_step_s_error_comes_through_by_name_and_nothing_is_published(
    bucket, last_step_alone, request_fields, error, message
):
    with pytest.raises(error, match=message):
        last_step_alone({"model": "gaussian", **request_fields}, CONTEXT)
    assert "Contents" not in bucket.list_objects_v2(Bucket="artifacts", Prefix="models/")


@pytest.mark.parametrize(
    "event",
    [None, [], {"task": "Summarize"}, {"run": {"run_id": "x"}, "dataset": {"manifest": {"bucket": "b"}}}],
)
def test_anything_else_is_an_invalid_request(event):
    with pytest.raises(errors.InvalidRequestError):
        publish_artifact.handler(event, CONTEXT)


def test_what_happens_is_logged_under_the_name_of_the_step(capsys):
    with pytest.raises(errors.InvalidRequestError):
        publish_artifact.handler({"task": "Other"}, CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["step"], line["message"]) for line in lines] == [
        ("PublishArtifact", "started"),
        ("PublishArtifact", "rejected"),
    ]
