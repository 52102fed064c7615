"""What travels between the steps: parsed at the door, and the same after a round trip."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.canonical_json import canonical_json
from shared.config import Config
from shared.contracts import (
    PublishedArtifact,
    TrainingRequest,
    TrainingSummary,
    ValidatedDataset,
)
from shared.errors import InvalidRequestError
from shared.event_fields import S3Reference, task_in
from shared.request_fields import REQUEST_FIELDS
from shared.shards import CollectTask, Shard, ShardTask
from shared.spread import Spread
from shared.work import run_id_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
DIGEST = "5f" * 32
DATASET_EVENT = {
    "run": {
        "run_id": "0123456789abcdef0123",
        "execution_arn": "arn:aws:states:us-east-1:000000000000:execution:model-service-training-pipeline:run-1",
        "conditions": {
            "force": False,
            "newest": True,
            "current_model": {"etag": "e2", "version_id": "v0", "sha256": "cd", "metrics": {"accuracy": 0.7}},
        },
        "cached": ["FetchAndValidate"],
    },
    "dataset": {
        "bucket": "ml-data-demo",
        "key": "data/x.csv",
        "version_id": "v1",
        "etag": "e1",
        "bytes": 17,
        "rows": 10,
        "invalid_rows": 1,
        "manifest": {
            "bucket": "artifacts",
            "key": "runs/0123456789abcdef0123/dataset/manifest.json",
            "sha256": DIGEST,
        },
    },
}
FOLDS = [
    {"index": 0, "count": 2, "bucket": "artifacts", "key": "fold-0.json", "sha256": DIGEST},
    {"index": 1, "count": 2},
]
DATASET_EVENT |= {"folds": FOLDS, "spread": None}
REFERENCE = {"bucket": "artifacts", "key": "model/plan.json", "sha256": DIGEST}
SPREAD = {"plan": None, "ranges": None, "moments": False, "columns": None, "choice": None}
SUMMARY_EVENT = DATASET_EVENT | {
    "warnings": ["the split leaves a class out"],
    "leaderboard": [{"kind": "gaussian", "log_loss": 0.5}],
    "decision": {"positive_class": "up", "rule": "f1", "threshold": 0.31},
    "metrics": {"accuracy": 0.71, "f1": 0.68},
    "verdict": {
        "outcome": "not_shown",
        "sentence": "Not shown to be better than a constant answer.",
        "reasons": ["the interval holds 0"],
        "comparisons": [{"what": "log loss", "difference": -0.01, "interval": [-0.03, 0.01]}],
    },
    "regression": {"compared": False, "why_not": "of other data", "current": "cd", "metrics": {}},
    "drift": {"against": None, "why_not": "no profiles"},
    "gate": {"passed": False, "cause": "f1 is 0.68; min_f1 asks for 0.7 or more"},
    "summary": {
        "bucket": "artifacts",
        "key": "runs/0123456789abcdef0123/model/summary.json",
        "sha256": DIGEST,
    },
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
    event = {"task": "FetchAndValidate", "request": {"test_size": 0.3}, "execution_arn": "arn:1"}
    request = TrainingRequest.from_event(event, Config())
    assert (request.test_size, request.execution_arn) == (0.3, "arn:1")


def test_the_execution_is_no_part_of_the_request_s_parameters():
    wrapped = TrainingRequest.from_event(
        {"task": "FetchAndValidate", "request": {}, "execution_arn": "arn:1"}, Config()
    )
    assert wrapped.parameters() == TrainingRequest.from_event({}, Config()).parameters()


def test_a_request_of_a_person_is_not_wrapped():
    with pytest.raises(InvalidRequestError, match='unknown field "execution_arn", "request"'):
        TrainingRequest.from_event({"request": {}, "execution_arn": "arn:1"}, Config())


def test_a_step_s_output_is_no_request():
    with pytest.raises(InvalidRequestError, match="the event is a step's output"):
        TrainingRequest.from_event(DATASET_EVENT, Config())


@pytest.mark.parametrize(
    ("key", "reserved"),
    [
        ("runs/x.pkl", True),
        ("packages/x.pkl", True),
        ("versions/x.pkl", True),
        ("models/m/versions/abc.json", True),
        ("models/m/versions/abc.card.html", True),
        ("models/m/versions/deeper/abc.json", True),
        ("models/versions.pkl", False),
        ("models/my-versions/x.pkl", False),
        ("models/runs/x.pkl", False),
        ("run/x.pkl", False),
    ],
)
def test_the_places_of_versions_runs_and_code_are_reserved(key, reserved):
    """A plain request would overwrite there what is said never to change."""
    if not reserved:
        assert TrainingRequest.from_event({"artifact_key": key}, Config()).artifact_key == key
        return
    with pytest.raises(
        InvalidRequestError, match=f'artifact_key is "{key}"; allowed: .* under runs/ nor packa'
    ):
        TrainingRequest.from_event({"artifact_key": key}, Config())


def test_an_artifact_that_would_replace_the_data_is_refused():
    address = {"bucket": "one", "key": "data/x.csv"}
    place = {"artifact_bucket": "one", "artifact_key": "data/x.csv"}
    with pytest.raises(
        InvalidRequestError, match=r'^artifact_key "data/x\.csv" is the CSV.s own: name another$'
    ):
        TrainingRequest.from_event(address | place, Config())
    for other in ({"artifact_bucket": "two"}, {"artifact_key": "data/y.csv"}):
        TrainingRequest.from_event(address | place | other, Config())


def test_the_task_is_the_one_that_is_named_or_the_first():
    assert task_in({"task": "B"}, "A", "B") == "B"
    assert [task_in(event, "A", "B") for event in ({}, {"run": {}}, None, [])] == ["A"] * 4


@pytest.mark.parametrize("task", ["C", "", None, 7, ["A"], {"A": 1}])
def test_an_unknown_task_is_an_invalid_request(task):
    with pytest.raises(InvalidRequestError, match="this function's tasks are A, B"):
        task_in({"task": task}, "A", "B")


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (None, "null"),
        ([], "[]"),
        ("x", '"x"'),
        (7, "7"),
        (True, "true"),
        ({"task": "", "request": []}, "[]"),
    ],
)
def test_what_is_no_object_is_refused(event, shown):
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event(event, Config())
    assert str(caught.value) == f"the request must be a JSON object, not {shown}"


def test_an_unknown_field_is_refused_with_the_list_of_fields():
    with pytest.raises(InvalidRequestError) as caught:
        TrainingRequest.from_event({"testsize": 0.3}, Config())
    assert str(caught.value) == (
        f'unknown field "testsize" (did you mean test_size?); the fields are {", ".join(REQUEST_FIELDS)}'
    )


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


@pytest.mark.parametrize(
    "done",
    [
        {},
        {"plan": REFERENCE, "ranges": REFERENCE | {"count": 7}, "moments": True},
        {"plan": REFERENCE, "ranges": REFERENCE | {"count": 7}, "columns": REFERENCE, "choice": REFERENCE},
    ],
)
def test_how_the_work_is_spread_is_the_same_after_a_round_trip(done):
    event = DATASET_EVENT | {"spread": SPREAD | done}
    assert ValidatedDataset.from_event(event).to_event() == event


@pytest.mark.parametrize(
    ("shards", "rows", "spread"),
    [(0, 10, False), (1, 4_000_000, False), (1, 4_000_001, True), (2, 10, True)],
)
def test_the_work_is_spread_where_the_data_are_several_shards_or_too_many_rows_for_one_lambda(
    shards, rows, spread
):
    manifest = {"shards": [{}] * shards, "report": {"rows": rows}}
    assert Spread.for_manifest(manifest) == (Spread() if spread else None)


def test_a_training_summary_is_the_same_after_a_round_trip():
    assert TrainingSummary.from_event(SUMMARY_EVENT).to_event() == SUMMARY_EVENT


def test_a_published_artifact_says_all_that_the_steps_before_it_said():
    summary = TrainingSummary.from_event(SUMMARY_EVENT)
    card = S3Reference("artifacts", "models/training_pipeline/versions/ab.card.html")
    said = SUMMARY_EVENT | {"artifact": ARTIFACT}
    assert PublishedArtifact(summary, ARTIFACT, card).to_event() == said | {"card": card.to_event()}
    assert PublishedArtifact(summary, ARTIFACT, None).to_event() == said | {"card": None}


def with_run(**changes) -> dict:
    return {"run": DATASET_EVENT["run"] | changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": None}, "run must be an object with run_id and conditions, not null"),
        (with_run(run_id=""), "run.run_id must be a non-empty string"),
        (with_run(run_id=7), "run.run_id must be a non-empty string, not 7"),
        (with_run(execution_arn=7), "run.execution_arn must be an execution's ARN or null, not 7"),
        (with_run(cached="all"), 'run.cached must be a list of tasks, not "all"'),
        (with_run(cached=[1]), "run.cached must be a list of tasks, not [1]"),
        ({"dataset": None}, "dataset must be an object with the manifest, not null"),
        (with_run(conditions=None), "run.conditions must be as FetchAndValidate put them out, not null"),
        (
            with_run(conditions={"force": 1, "newest": True}),
            "run.conditions must be as FetchAndValidate put them out",
        ),
        (
            with_run(conditions={"force": True, "newest": True, "current_model": {}}),
            "run.conditions.current_model must be null or a model, not {}",
        ),
        ({"dataset": {}}, "dataset.manifest must be an object with bucket, key and sha256, not null"),
        ({"folds": 5}, "folds must be a list, not 5"),
        ({"folds": [1]}, "folds[0] must be an object with index and count, not 1"),
        ({"folds": [{"index": 0, "count": True}]}, "folds[0] must be an object with index and count"),
        ({"folds": [{"index": 5, "count": 5}]}, "folds[0] must be one of at most 5 folds"),
        ({"folds": [{"index": 0, "count": 9}]}, "folds[0] must be one of at most 5 folds"),
        ({"folds": FOLDS[:1]}, "folds must be all folds of a run, in order"),
        ({"folds": FOLDS[::-1]}, "folds must be all folds of a run, in order"),
        ({"folds": [FOLDS[1] | {"sha256": 1}]}, "folds[0].bucket must be a non-empty string"),
        ({"spread": []}, "spread must be null or as CollectShards put it out, not []"),
        ({"spread": {}}, "spread must be null or as CollectShards put it out, not {}"),
        ({"spread": SPREAD | {"moments": 1}}, "spread must be null or as CollectShards put it out"),
        (
            {"spread": SPREAD | {"plan": 5}},
            "spread.plan must be an object with bucket, key and sha256, not 5",
        ),
        (
            {"spread": SPREAD | {"ranges": REFERENCE}},
            "spread.ranges.count must be a number of ranges, not null",
        ),
        (
            {"dataset": {"manifest": {"bucket": "b", "key": "k"}}},
            "dataset.manifest.sha256 must be a non-empty string, not null",
        ),
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
        ({"leaderboard": {}}, "leaderboard must be a list of objects, not {}"),
        ({"leaderboard": [1]}, "leaderboard must be a list of objects, not [1]"),
        (
            {"verdict": {"outcome": "best"}},
            "verdict must be an object with outcome, sentence, reasons and com",
        ),
        (
            {"verdict": {"outcome": "better"}},
            "verdict must be an object with outcome, sentence, reasons and ",
        ),
        ({"decision": []}, "decision must be null or an object, not []"),
        ({"regression": []}, "regression must be null or an object, not []"),
        ({"drift": 0.2}, "drift must be null or an object, not 0.2"),
        ({"warnings": "text"}, 'warnings must be a list of texts, not "text"'),
        ({"warnings": [1]}, "warnings must be a list of texts, not [1]"),
        ({"summary": "s3://x"}, 'summary must be an object with bucket, key and sha256, not "s3://x"'),
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
            "run": st.fixed_dictionaries({"run_id": st.just("r"), "conditions": JSON, "cached": JSON}) | JSON,
            "dataset": JSON,
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
    "run": {
        "run_id": "r",
        "execution_arn": None,
        "conditions": {"force": True, "newest": False, "current_model": None},
    },
    "plan": {"bucket": "artifacts", "key": "runs/r/dataset/plan.json", "sha256": DIGEST},
    "shard": {"index": 3, "start": 10, "end": 20},
}


def test_a_shard_of_a_plan_is_a_task_with_its_bounds():
    task = ShardTask.from_event(SHARD_EVENT)
    assert (task.shard, task.run.conditions.force) == (Shard(3, 10, 20), True)


def test_collecting_is_a_task_with_the_plan_and_the_list_of_shards():
    shards = {"bucket": "artifacts", "key": "runs/r/dataset/shards.json", "sha256": DIGEST}
    task = CollectTask.from_event(SHARD_EVENT | {"shards": shards | {"count": 4}})
    assert (task.run.run_id, task.plan.key) == ("r", "runs/r/dataset/plan.json")
    assert task.shards.to_event() == shards


@pytest.mark.parametrize(
    "shard",
    [None, 3, {}, {"index": 3}, {"index": -1, "start": 0, "end": 1}, {"index": True, "start": 0, "end": 1}],
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
