"""The handler of step 1, against S3 by moto."""

import json
from types import SimpleNamespace

import pytest

from fetch_and_validate import handler as module
from shared.errors import DatasetNotFoundError, InvalidRequestError
from shared.storage import Storage

CONTEXT = SimpleNamespace(aws_request_id="request-1")
EVENT = {"task": "FetchAndValidate", "request": {"test_size": 0.3}, "execution_arn": "arn:1"}
CSV = b"open,label\n" + b"1,up\n2,down\n" * 5


@pytest.fixture
def bucket(s3, monkeypatch):
    monkeypatch.setattr(module, "storage", Storage(s3))
    s3.put_object(Bucket="ml-data-demo", Key="data/btc_candles_labeled_sample.csv", Body=CSV)
    return s3


def test_an_empty_event_stages_the_default_dataset(bucket):
    output = module.handler({}, CONTEXT)
    manifest = output["dataset"]["manifest"]
    document = json.loads(bucket.get_object(Bucket=manifest["bucket"], Key=manifest["key"])["Body"].read())
    assert document["status"] == "valid"
    assert document["run_id"] == output["run"]["run_id"]
    assert (output["run"]["execution_arn"], output["dataset"]["rows"], output["dataset"]["invalid_rows"]) == (
        None,
        10,
        0,
    )


def test_the_state_machine_s_event_brings_the_execution_along(bucket):
    output = module.handler(EVENT, CONTEXT)
    assert output["run"]["execution_arn"] == "arn:1"


def test_the_environment_sets_the_defaults(bucket, monkeypatch):
    monkeypatch.setenv("TRAINING_DATA_KEY", "data/none.csv")
    with pytest.raises(DatasetNotFoundError, match=r"s3://ml-data-demo/data/none\.csv does not exist"):
        module.handler({}, CONTEXT)


def test_the_output_is_small_json(bucket):
    assert len(json.dumps(module.handler({}, CONTEXT))) < 1000


def test_an_invalid_request_reaches_no_bucket(monkeypatch):
    monkeypatch.setattr(module, "storage", None)
    with pytest.raises(InvalidRequestError, match="test_size is 2"):
        module.handler({"test_size": 2}, CONTEXT)


def test_a_task_of_another_function_is_an_invalid_request(bucket):
    with pytest.raises(
        InvalidRequestError, match="this function's tasks are FetchAndValidate, ValidateShard"
    ):
        module.handler({"task": "Summarize"}, CONTEXT)


def test_a_task_without_its_input_is_an_invalid_request(bucket):
    for task, message in (
        ("FetchAndValidate", "the request must be a JSON object, not null"),
        ("ValidateShard", "run must be an object with run_id and conditions, not null"),
        ("CollectShards", "plan must be an object with bucket, key and sha256, not null"),
    ):
        with pytest.raises(InvalidRequestError, match=message):
            module.handler({"task": task}, CONTEXT)


def test_a_step_s_output_is_no_request(bucket):
    with pytest.raises(InvalidRequestError, match="the event is a step's output"):
        module.handler(module.handler({}, CONTEXT), CONTEXT)


def test_a_wrapped_request_of_a_person_is_an_unknown_field(bucket):
    """Only with its task named is it the state machine's event."""
    with pytest.raises(InvalidRequestError, match='unknown field "execution_arn", "request"'):
        module.handler({name: value for name, value in EVENT.items() if name != "task"}, CONTEXT)


def test_what_happens_is_logged_under_the_name_of_the_step(capsys):
    with pytest.raises(InvalidRequestError):
        module.handler({"task": "Other"}, CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["step"], line["message"]) for line in lines] == [
        ("FetchAndValidate", "started"),
        ("FetchAndValidate", "rejected"),
    ]
