"""Whatever JSON comes in as a request: a TrainingRequest comes out, or InvalidRequestError with a bounded message."""

import json
from typing import Any

import pytest
from fuzzing import cases, check_message
from hypothesis import example, given
from hypothesis import strategies as st

from shared.canonical_json import canonical_json
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError
from shared.request_fields import REQUEST_FIELDS

# All that JSON can spell: lone surrogates, control characters, and numbers beyond float64 among it.
TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["\ud800", "\0", "a\nb", "../..", "%2e%2e", "=1+1", "<script>", "😀" * 300, "x" * 1025, "x" * 100_000]
)
NUMBERS = (
    st.integers()
    | st.floats()
    | st.sampled_from([10**400, -(10**4000), 2**63, 2**63 - 1, -0.0, 5e-324, 1.0 - 2**-53])
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)
VALID = {
    "bucket": "ml-data-demo",
    "key": "data/a.csv",
    "version_id": "v1",
    "delimiter": ";",
    "label_column": "label",
    "feature_columns": ["a", "b"],
    "test_size": 0.3,
    "split": "shuffled",
    "seed": 7,
    "covariance": "full",
    "positive_class": "up",
    "threshold": "f1",
    "max_invalid_rows": 0.1,
    "min_accuracy": 0.5,
    "min_f1": 0.5,
    "artifact_bucket": "artifacts",
    "artifact_key": "models/a.json",
}


def nested(depth: int, opening: str, closing: str) -> Any:
    return json.loads(opening * depth + "1" + closing * depth)


def check(event: object) -> None:
    """The request is refused by name, or every field of it is what the table of fields allows."""
    try:
        request = TrainingRequest.from_event(event, Config())
    except InvalidRequestError as error:
        check_message(error)
        return
    parameters = request.parameters()
    assert parameters.keys() <= REQUEST_FIELDS.keys()
    assert (
        TrainingRequest.from_event(json.loads(canonical_json(parameters)), Config()).parameters()
        == parameters
    )


@cases(500)
@given(JSON)
@example([])
@example({"request": None})
@example({"request": {"request": {}}})
def test_any_json(tried, event):
    tried("requests")
    check(event)


@cases(800)
@given(st.sampled_from(sorted(VALID)), JSON, st.booleans())
def test_a_valid_request_with_one_field_replaced(tried, field, value, wrapped):
    tried("requests")
    request = VALID | {field: value}
    check({"request": request, "execution_arn": "arn:1"} if wrapped else request)


@cases(200)
@given(st.dictionaries(st.sampled_from(sorted(REQUEST_FIELDS)) | TEXT, JSON, max_size=25))
def test_any_fields_with_any_values(tried, request_fields):
    tried("requests")
    check(request_fields)


@cases(200)
@given(st.data())
def test_the_json_text_of_a_request_with_a_few_bytes_changed(tried, data):
    text = bytearray(json.dumps(VALID).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(32, 126))
    try:
        event = json.loads(text)
    except ValueError:
        return  # the service refuses it before a function sees it
    tried("requests")
    check(event)


@pytest.mark.parametrize("depth", [10, 900, 1500, 5000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("where", ["event", "field", "unknown"])
def test_deep_nesting_is_refused_by_name(tried, depth, brackets, where):
    tried("requests")
    value = nested(depth, *brackets)
    event = {"event": value, "field": VALID | {"seed": value}, "unknown": {"nested": value}}[where]
    with pytest.raises(InvalidRequestError) as raised:
        TrainingRequest.from_event(event, Config())
    check_message(raised.value)


def test_every_field_wrong_at_once_is_still_a_message_for_a_person(tried):
    tried("requests")
    event = {name: ["😀" * 10_000] for name in REQUEST_FIELDS} | {"😀" * 100 + str(i): 1 for i in range(1000)}
    with pytest.raises(InvalidRequestError) as raised:
        TrainingRequest.from_event(event, Config())
    check_message(raised.value)


@pytest.mark.parametrize("execution_arn", [5, {"a": ["b"] * 10_000}, "x" * 300_000, "\ud800"])
def test_an_execution_arn_that_is_none_is_refused_or_left_out(tried, execution_arn):
    tried("requests")
    with pytest.raises(InvalidRequestError) as raised:
        TrainingRequest.from_event(
            {"task": "FetchAndValidate", "request": {}, "execution_arn": execution_arn}, Config()
        )
    check_message(raised.value)
