"""Every field of the request: its default, what it takes and what it refuses."""

import pytest

from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError
from shared.request_fields import REQUEST_FIELDS

GAUSSIAN_WITH_FULL = {"model": "gaussian", "covariance": "full"}
DEFAULTS = {
    "bucket": "ml-data-demo",
    "key": "data/btc_candles_labeled_sample.csv",
    "version_id": None,
    "delimiter": None,
    "skip_lines": 0,
    "escape": None,
    "label_column": "label",
    "feature_columns": None,
    "exclude_columns": None,
    "columns": None,
    "missing_values": None,
    "time_column": None,
    "test_size": 0.2,
    "split": "auto",
    "seed": 0,
    "model": "auto",
    "covariance": None,
    "positive_class": None,
    "threshold": 0.5,
    "fit_rows": None,
    "refit_all": False,
    "sensitive_columns": None,
    "max_invalid_rows": 0.0,
    "min_accuracy": None,
    "min_balanced_accuracy": None,
    "min_f1": None,
    "min_roc_auc": None,
    "baseline_gate": "not_worse",
    "max_regression": None,
    "max_drift": None,
    "artifact_bucket": "artifacts",
    "artifact_key": "models/training_pipeline.pkl",
}

SHARES = [0, 0.0, 0.25, 1, 1.0]
NO_SHARES = [-0.001, 1.001, 2, "0.5", True, [], float("nan"), float("inf")]
TEXTS = ["a", "sepal width (cm)", "Größe", "1", " ", "<b>", "x" * 1024]
NO_TEXTS = ["", 1, True, ["a"], {}, "x" * 1025]
BUCKETS = ["abc", "my.bucket-1", "a" * 63]
NO_BUCKETS = [
    "",
    "ab",
    "a" * 64,
    "Upper",
    "under_score",
    "-abc",
    "abc-",
    "a b",
    "a/b",
    3,
    None,
    ["abc"],
    "abc\n",
]
KEYS = ["a", "data/with space & 100%.csv", "Ünï/çödé.csv", "../x", "é" * 512]
NO_KEYS = ["", "é" * 513, 7, None, [], "\ud800"]
KINDS = ["number", "number:1,234.5", "number:1.234,5", "number:1 234,5", "date", "date:day-first", "category"]
NO_KINDS = [
    "",
    "text",
    "flag",
    "number:",
    "number:1",
    "number:1,234,5",
    "date:first",
    "category:",
    1,
    None,
    ["number"],
]

GOOD = {
    "bucket": BUCKETS,
    "key": KEYS,
    "version_id": [None, "null", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"],
    "delimiter": [None, ",", ";", "\t", "|", "^", ":", "\x1f"],
    "skip_lines": [0, 3, 1000],
    "escape": [None, "\\"],
    "label_column": TEXTS,
    "feature_columns": [None, ["open"], ["open", "close"]],
    "exclude_columns": [None, ["open"], ["open", "close"]],
    "columns": [None, *({"zip": kind} for kind in KINDS), {"a": "number", "b": "date"}],
    "missing_values": [None, ["-999"], ["unknown", "."]],
    "time_column": [None, "timestamp", "Größe"],
    "test_size": [1e-9, 0.2, 0.999],
    "split": ["auto", "chronological", "shuffled"],
    "seed": [0, 1, 2**63 - 1],
    "model": ["auto", "gaussian", "logistic", "boosted_trees"],
    "covariance": [None, "diagonal", "pooled", "full"],
    "positive_class": [None, *TEXTS],
    "threshold": [1e-9, 0.5, 0.999, "f1"],
    "fit_rows": [None, 100, 50_000, 1_000_000],
    "refit_all": [True, False],
    "sensitive_columns": [None, ["sex"], list("abcdefghij")],
    "max_invalid_rows": SHARES,
    "min_accuracy": [None, *SHARES],
    "min_balanced_accuracy": [None, *SHARES],
    "min_f1": [None, *SHARES],
    "min_roc_auc": [None, *SHARES],
    "baseline_gate": ["not_worse", "better", "off"],
    "max_regression": [None, *SHARES],
    "max_drift": [None, 0, 0.1, 0.25, 3.5],
    "artifact_bucket": BUCKETS,
    "artifact_key": [*KEYS[:-1], "é" * 450],
    "force": [True, False],
}
BAD = {
    "bucket": NO_BUCKETS,
    "key": NO_KEYS,
    "version_id": ["", 3, [], "x" * 1025],
    "delimiter": [
        "",
        ",,",
        "a",
        "7",
        " ",
        '"',
        "'",
        "\n",
        "\r",
        "\0",
        ".",
        "-",
        "+",
        "_",
        "\u00a7",
        44,
        [","],
    ],
    "skip_lines": [-1, 1001, 1.0, "1", True, None, []],
    "escape": ["", "/", "\\\\", '"', 1, []],
    "label_column": [*NO_TEXTS, None],
    "feature_columns": [[], "open", ["open", "open"], [""], [1], [None], {"open": 1}, ["label"]],
    "exclude_columns": [[], "open", ["open", "open"], [""], [1], [None], {"open": 1}, ["label"]],
    "columns": [
        {},
        [],
        "number",
        {"": "number"},
        {"label": "category"},
        *({"zip": kind} for kind in NO_KINDS),
    ],
    "missing_values": [[], "NA", ["NA", "NA"], [""], [1], [None]],
    "time_column": [*NO_TEXTS, "label"],
    "test_size": [0, 1, 1.0, -0.2, "0.2", True, None, float("nan"), float("inf"), [0.2]],
    "split": ["random", "", None, 1, ["shuffled"]],
    "seed": [-1, 2**63, 1.0, "1", True, None],
    "model": ["lda", "", None, 1, ["auto"]],
    "covariance": ["Pooled", "", 0, []],
    "positive_class": NO_TEXTS,
    "threshold": [0, 1, 1.0, -0.2, "0.5", "F1", True, None, float("nan"), float("inf"), [0.2]],
    "fit_rows": [99, 1_000_001, 1e4, "1000", True],
    "refit_all": [None, 0, 1, "true"],
    "sensitive_columns": [[], "sex", ["a", "a"], [""], [1], [None], list("abcdefghijk"), ["label"]],
    "max_invalid_rows": [*NO_SHARES, None],
    "min_accuracy": NO_SHARES,
    "min_balanced_accuracy": NO_SHARES,
    "min_f1": NO_SHARES,
    "min_roc_auc": NO_SHARES,
    "baseline_gate": ["worse", "", None, 1, ["off"]],
    "max_regression": NO_SHARES,
    "max_drift": [-0.001, "0.5", True, [], float("nan"), float("inf")],
    "artifact_bucket": NO_BUCKETS,
    "artifact_key": [*NO_KEYS, "é" * 450 + "x"],
    "force": [None, 0, 1, "true", []],
}


def cases(table: dict[str, list]) -> list:
    return [
        pytest.param(name, value, id=f"{name}-{i}")
        for name, values in table.items()
        for i, value in enumerate(values)
    ]


def test_the_defaults_are_those_of_the_documented_table():
    assert TrainingRequest.from_event({}, Config()).parameters() == DEFAULTS


def test_the_fields_are_those_of_the_documented_table_in_its_order():
    assert list(REQUEST_FIELDS) == [*DEFAULTS, "force"]


def test_the_test_tables_cover_every_field():
    assert list(GOOD) == list(REQUEST_FIELDS)
    assert list(BAD) == list(REQUEST_FIELDS)


@pytest.mark.parametrize(("name", "value"), cases({k: v for k, v in GOOD.items() if k != "force"}))
def test_an_allowed_value_is_taken(name, value):
    expected = DEFAULTS | {name: value}
    if (name == "covariance" and value) or value == "gaussian":
        expected |= {"model": "gaussian", "covariance": expected["covariance"] or "pooled"}
    # Another CSV has another artifact key (test_artifact_keys), unless the request names it.
    named = {"artifact_key": DEFAULTS["artifact_key"]} if name in ("bucket", "key") else {}
    assert TrainingRequest.from_event({name: value, **named}, Config()).parameters() == expected


def test_a_covariance_means_the_gaussian_unless_another_model_is_named():
    for event in ({"covariance": "full"}, GAUSSIAN_WITH_FULL):
        request = TrainingRequest.from_event(event, Config())
        assert (request.model, request.covariance) == ("gaussian", "full")
    for model in ("auto", "logistic", "boosted_trees"):
        with pytest.raises(
            InvalidRequestError, match=f'^covariance is for model "gaussian", and model is "{model}"$'
        ):
            TrainingRequest.from_event({"covariance": "full", "model": model}, Config())


@pytest.mark.parametrize("value", GOOD["force"])
def test_force_is_taken_and_does_not_make_another_run(value):
    request = TrainingRequest.from_event({"force": value}, Config())
    assert request.force is value
    assert request.parameters() == DEFAULTS


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_any_other_value_is_refused_by_the_field_s_name(name, value):
    with pytest.raises(InvalidRequestError, match=name):
        TrainingRequest.from_event({name: value}, Config())


@pytest.mark.parametrize("name", ["test_size", "max_invalid_rows", "min_accuracy", "min_f1"])
def test_an_integer_beyond_any_float_is_refused(name):
    with pytest.raises(InvalidRequestError, match=name):
        TrainingRequest.from_event({name: 10**400}, Config())


@pytest.mark.parametrize(("name", "value"), [("label_column", "\ud800"), ("feature_columns", ["\ud800"])])
def test_text_that_has_no_utf8_form_is_refused(name, value):
    with pytest.raises(InvalidRequestError, match=name):
        TrainingRequest.from_event({name: value}, Config())


@pytest.mark.parametrize("key", ["/", "models/"])
def test_an_artifact_key_without_a_name_is_refused(key):
    with pytest.raises(InvalidRequestError, match="artifact_key"):
        TrainingRequest.from_event({"artifact_key": key}, Config())


@pytest.mark.parametrize("name", ["test_size", "max_invalid_rows", "min_accuracy", "min_f1"])
def test_whole_numbers_and_floats_make_the_same_request(name):
    value = {"test_size": 0.5}.get(name, 1)
    request = TrainingRequest.from_event({name: value}, Config())
    assert isinstance(getattr(request, name), float)


@pytest.mark.parametrize("name", list(REQUEST_FIELDS))
def test_every_field_says_what_it_means_and_what_it_takes(name):
    field = REQUEST_FIELDS[name]
    assert field.meaning
    assert field.allowed
    assert field.check((DEFAULTS | {"force": False})[name]) or DEFAULTS[name] is None
