"""Bad input ends in its named error, says what is wrong, and publishes nothing."""

import json

import pytest

GOOD_ROWS = "1,2,x\n2,1,y\n" * 10

# name: (CSV or None for no object, request, error, what the message says)
REJECTED = {
    "missing object": (
        None,
        {},
        "DatasetNotFoundError",
        "s3://ml-data-demo/data/missing object.csv does not exist",
    ),
    "empty file": ("", {}, "InvalidDatasetError", "the file is empty"),
    "no label column": (
        "a,b,c\n" + GOOD_ROWS,
        {},
        "InvalidDatasetError",
        "label_column 'label' is not a column",
    ),
    "text in a numeric column": (
        "a,b,label\n" + GOOD_ROWS + "3,many,x\n",
        {},
        "InvalidDatasetError",
        "line 22, column 'b': not a number; expected a number",
    ),
    "unknown field": (
        "a,b,label\n" + GOOD_ROWS,
        {"epochs": 3},
        "InvalidRequestError",
        'unknown field "epochs"',
    ),
    "wrong type": (
        "a,b,label\n" + GOOD_ROWS,
        {"test_size": "half"},
        "InvalidRequestError",
        'test_size is "half"; allowed: a number with 0 < x < 1',
    ),
    "one class": ("a,b,label\n" + "1,2,x\n2,1,x\n", {}, "InvalidDatasetError", "only the value 'x'"),
}


@pytest.fixture(params=REJECTED)
def rejected(request, pipeline):
    """The request, and the error and words that it must end in."""
    content, fields, error, words = REJECTED[request.param]
    key = f"data/{request.param}.csv"
    if content is not None:
        pipeline.upload(content, f"{request.param}.csv")
    return {"key": key, **fields}, error, words


def test_the_execution_fails_in_the_named_state_and_publishes_nothing(pipeline, rejected):
    request, error, words = rejected
    before = pipeline.objects("models/")

    done = pipeline.execute(request)

    assert (done["status"], done["error"]) == ("FAILED", error)
    assert words in done["cause"]
    assert "Traceback" not in done["cause"]
    assert pipeline.objects("models/") == before


@pytest.mark.parametrize("step", ["fetch-and-validate", "publish-artifact"])
def test_a_step_invoked_directly_reports_the_same_error(pipeline, rejected, step):
    request, error, words = rejected
    before = pipeline.objects("models/")

    failure, response = pipeline.invoke(step, request)

    assert (failure, response["errorType"]) == ("Unhandled", error)
    assert words in response["errorMessage"]
    assert pipeline.objects("models/") == before


def test_a_model_below_its_gate_is_rejected_with_the_figure(pipeline, sample):
    before = pipeline.objects("models/")

    done = pipeline.execute({"min_accuracy": 0.99})

    assert (done["status"], done["error"]) == ("FAILED", "ModelRejectedError")
    assert "min_accuracy asks for 0.99" in done["cause"]
    assert pipeline.objects("models/") == before


def test_run_pipeline_shows_a_failure_in_two_lines_and_records_it(pipeline, tmp_path):
    data = tmp_path / "bad.csv"
    data.write_text("a,b,label\n" + GOOD_ROWS + "3,many,x\n")
    record = tmp_path / "execution.json"

    done = pipeline.cloud.command("run-pipeline", "--data", data, "--record", record)

    assert done.returncode == 1
    state, cause = done.stderr.strip().splitlines()
    assert state == "FetchAndValidate failed: InvalidDatasetError"
    assert "line 22, column 'b': not a number; expected a number" in cause
    written = json.loads(record.read_text())
    assert (written["status"], written["error"]) == ("FAILED", "InvalidDatasetError")


def test_an_input_that_is_no_object_is_an_invalid_request(pipeline):
    done = pipeline.execute([1, 2])

    assert (done["status"], done["error"]) == ("FAILED", "InvalidRequestError")
    assert "must be a JSON object" in done["cause"]


def test_a_later_step_refuses_a_payload_that_is_no_steps_output(pipeline):
    failure, response = pipeline.invoke("summarize", {"run": {"run_id": "abc"}, "dataset": {}})

    assert (failure, response["errorType"]) == ("Unhandled", "InvalidRequestError")
    assert "run.conditions" in response["errorMessage"]
