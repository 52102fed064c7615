"""What travels between the steps: parsed at the door, and the same after a round trip."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.config import Config
from shared.contracts import (
    PublishedArtifact,
    TrainingRequest,
    TrainingSummary,
    ValidatedDataset,
    canonical_json,
    run_id_of,
)
from shared.errors import InvalidRequestError
from shared.event_fields import S3Reference
from shared.request_fields import REQUEST_FIELDS
from shared.shards import Shard, ShardTask

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
DATASET_EVENT = {
    "run_id": "0123456789abcdef0123",
    "execution_arn": "arn:aws:states:us-east-1:000000000000:execution:model-service-training-pipeline:run-1",
    "conditions": {
        "force": False,
        "newest": True,
        "current_model": {"etag": "e2", "version_id": "v0", "sha256": "cd", "metrics": {"accuracy": 0.7}},
    },
    "cached": ["FetchAndValidate"],
    "dataset": {
        "bucket": "ml-data-demo",
        "key": "data/x.csv",
        "version_id": "v1",
        "etag": "e1",
        "bytes": 17,
        "rows": 10,
        "invalid_rows": 1,
        "manifest": {"bucket": "artifacts", "key": "runs/0123456789abcdef0123/dataset/manifest.json"},
    },
}
SUMMARY_EVENT = DATASET_EVENT | {
    "metrics": {"accuracy": 0.71, "f1": 0.68},
    "gate": {"passed": False, "cause": "f1 is 0.68; min_f1 asks for 0.7 or more"},
    "summary": {"bucket": "artifacts", "key": "runs/0123456789abcdef0123/summary.json"},
}
ARTIFACT = {
    "bucket": "artifacts",
    "key": "models/training_pipeline.pkl",
    "version_id": "v2",
    "sha256": "ab",
    "bytes": 5,
}


def test_an_empty_event_is_the_request_with_all_defaults():
    request = TrainingRequest.from_event({}, Config())
    assert request.bucket == "ml-data-demo"
    assert request.key == "data/btc_candles_labeled_sample.csv"
    assert request.execution_arn is None


def test_the_defaults_of_bucket_key_and_artifact_come_from_the_configuration():
    config = Config("data-1", "data/k.csv", "artifacts-1", "models/m.pkl")
    request = TrainingRequest.from_event({}, config)
    assert (request.bucket, request.key, request.artifact_bucket, request.artifact_key) == (
        "data-1",
        "data/k.csv",
        "artifacts-1",
        "models/m.pkl",
    )


def test_the_payload_of_the_seed_is_taken():
    request = TrainingRequest.from_event({"bucket": "ml-data-demo", "test_size": 0.3}, Config())
    assert request.parameters() == TrainingRequest.from_event({}, Config()).parameters() | {"test_size": 0.3}


def test_the_state_machine_s_wrapped_request_brings_its_execution():
    event = {"request": {"test_size": 0.3}, "execution_arn": "arn:1"}
    request = TrainingRequest.from_event(event, Config())
    assert (request.test_size, request.execution_arn) == (0.3, "arn:1")


def test_the_execution_is_no_part_of_the_request_s_parameters():
    wrapped = TrainingRequest.from_event({"request": {}, "execution_arn": "arn:1"}, Config())
    assert wrapped.parameters() == TrainingRequest.from_event({}, Config()).parameters()


def test_a_wrapped_request_beside_other_fields_is_no_wrapped_request():
    with pytest.raises(InvalidRequestError, match='unknown field "request"'):
        TrainingRequest.from_event({"request": {}, "seed": 1}, Config())


@pytest.mark.parametrize(
    ("event", "shown"),
    [(None, "null"), ([], "[]"), ("x", '"x"'), (7, "7"), (True, "true"), ({"request": []}, "[]")],
)
def test_what_is_no_object_is_refused(event, shown):
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event(event, Config())
    assert str(caught.value) == f"the request must be a JSON object, not {shown}"


def test_an_unknown_field_is_refused_with_the_list_of_fields():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({"testsize": 0.3}, Config())
    assert str(caught.value) == f'unknown field "testsize"; the fields are {", ".join(REQUEST_FIELDS)}'


def test_a_wrong_value_is_refused_with_field_value_and_what_is_allowed():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({"test_size": 1.5}, Config())
    assert str(caught.value) == "test_size is 1.5; allowed: a number with 0 < x < 1"


def test_all_problems_are_named_at_once():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({"seed": "x", "test_size": 0, "nonsense": 1, "another": 2}, Config())
    message = str(caught.value)
    assert [name in message for name in ("seed is", "test_size is", '"nonsense"', '"another"')] == [True] * 4


def test_the_label_cannot_be_a_feature():
    with pytest.raises(InvalidRequestError, match="feature_columns contains the label_column"):
        TrainingRequest.from_event({"label_column": "open", "feature_columns": ["open", "close"]}, Config())


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({"test_size": "x" * 100_000}, Config())
    assert len(str(caught.value)) < 300


def test_many_unknown_fields_make_a_message_of_bounded_length():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({f"field_{i}": i for i in range(2000)}, Config())
    assert len(str(caught.value)) < 10_000


@given(JSON | st.dictionaries(st.sampled_from(list(REQUEST_FIELDS)), JSON))
@example({"request": {"request": {}}})
@example({"feature_columns": [[]]})
def test_any_json_value_is_a_request_or_an_invalid_request(value):
    try:
        request = TrainingRequest.from_event(value, Config())
    except InvalidRequestError:
        return  # refused by name, which is what is asked for; any other error fails the test
    assert TrainingRequest.from_event(request.parameters(), Config()).parameters() == request.parameters()


def test_a_validated_dataset_is_the_same_after_a_round_trip():
    assert ValidatedDataset.from_event(DATASET_EVENT).to_event() == DATASET_EVENT


def test_a_training_summary_is_the_same_after_a_round_trip():
    assert TrainingSummary.from_event(SUMMARY_EVENT).to_event() == SUMMARY_EVENT


def test_a_published_artifact_says_all_that_the_steps_before_it_said():
    published = PublishedArtifact(TrainingSummary.from_event(SUMMARY_EVENT), ARTIFACT)
    assert published.to_event() == SUMMARY_EVENT | {"artifact": ARTIFACT}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run_id": ""}, "run_id must be a non-empty string"),
        ({"run_id": 7}, "run_id must be a non-empty string, not 7"),
        ({"dataset": None}, "dataset must be an object with the manifest, not null"),
        ({"conditions": None}, "conditions must be as FetchAndValidate put them out, not null"),
        ({"conditions": {"force": 1, "newest": True}}, "conditions must be as FetchAndValidate put them out"),
        (
            {"conditions": {"force": True, "newest": True, "current_model": {}}},
            "conditions.current_model must be null or a model, not {}",
        ),
        ({"dataset": {}}, "dataset.manifest must be an object with bucket and key, not null"),
        (
            {"dataset": {"manifest": {"bucket": "b"}}},
            "dataset.manifest.key must be a non-empty string, not null",
        ),
    ],
)
def test_a_damaged_dataset_event_is_an_invalid_request(change, message):
    with pytest.raises(InvalidRequestError) as caught:
        ValidatedDataset.from_event(DATASET_EVENT | change)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gate": {"cause": ""}}, 'gate must be an object with passed and cause, not {"cause": ""}'),
        ({"metrics": []}, "metrics must be an object of numbers, not []"),
        ({"summary": "s3://x"}, 'summary must be an object with bucket and key, not "s3://x"'),
        ({"dataset": 1}, "dataset must be an object with the manifest, not 1"),
    ],
)
def test_a_damaged_summary_event_is_an_invalid_request(change, message):
    with pytest.raises(InvalidRequestError) as caught:
        TrainingSummary.from_event(SUMMARY_EVENT | change)
    assert message in str(caught.value)


@given(
    JSON
    | st.fixed_dictionaries(
        {
            "run_id": st.just("r"),
            "dataset": JSON,
            "conditions": JSON,
            "metrics": JSON,
            "gate": JSON,
            "summary": JSON,
        }
    )
)
def test_any_json_value_is_a_step_s_output_or_an_invalid_request(value):
    for contract in (ValidatedDataset, TrainingSummary):
        try:
            parsed = contract.from_event(value)
        except InvalidRequestError:
            continue
        assert contract.from_event(parsed.to_event()) == parsed


SHARD_EVENT = {
    "run_id": "r",
    "plan": {"bucket": "artifacts", "key": "runs/r/dataset/plan.json"},
    "conditions": {"force": True, "newest": False, "current_model": None},
    "shard": {"index": 3, "start": 10, "end": 20},
}


def test_a_shard_of_a_plan_is_a_task_with_its_bounds():
    task = ShardTask.from_event(SHARD_EVENT)
    assert (task.shard, task.conditions.force) == (Shard(3, 10, 20), True)
    assert ShardTask.from_event({k: v for k, v in SHARD_EVENT.items() if k != "shard"}).shard is None


@pytest.mark.parametrize(
    "shard", [3, {}, {"index": 3}, {"index": -1, "start": 0, "end": 1}, {"index": True, "start": 0, "end": 1}]
)
def test_a_damaged_shard_is_an_invalid_request(shard):
    with pytest.raises(InvalidRequestError, match="shard must be an object with index, start and end"):
        ShardTask.from_event(SHARD_EVENT | {"shard": shard})


def test_a_reference_reads_as_an_s3_address():
    assert str(S3Reference("artifacts", "runs/1/summary.json")) == "s3://artifacts/runs/1/summary.json"


SOURCE = {"bucket": "b", "key": "k", "version_id": "v1", "etag": "e1", "bytes": 3}


def test_the_run_id_is_the_same_for_the_same_work():
    assert run_id_of({"seed": 0, "split": "x"}, SOURCE, "c") == run_id_of(
        {"split": "x", "seed": 0}, SOURCE, "c"
    )


def test_the_run_id_does_not_change_from_one_release_of_python_to_the_next():
    assert run_id_of({"seed": 0}, {"etag": "e"}, "c") == "b15a799b14e6fbc7515c"


@pytest.mark.parametrize(
    ("parameters", "source", "code"),
    [
        ({"seed": 1}, SOURCE, "c"),
        ({"seed": 0}, SOURCE | {"version_id": "v2"}, "c"),
        ({"seed": 0}, SOURCE | {"etag": "e2"}, "c"),
        ({"seed": 0}, SOURCE, "d"),
    ],
)
def test_the_run_id_changes_with_request_object_and_code(parameters, source, code):
    assert run_id_of(parameters, source, code) != run_id_of({"seed": 0}, SOURCE, "c")


def test_canonical_json_is_compact_sorted_and_utf8():
    assert canonical_json({"b": [1, 0.5], "a": "é"}) == '{"a":"é","b":[1,0.5]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_canonical_json_refuses_what_is_no_json(value):
    with pytest.raises(ValueError, match="Out of range float values"):
        canonical_json({"x": value})


@given(
    st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text())
)
def test_canonical_json_gives_back_every_number_exactly(value):
    assert json.loads(canonical_json(value)) == value
