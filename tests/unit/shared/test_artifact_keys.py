"""Each dataset's model has a key of its own, which follows from the CSV's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.artifact_keys import default_artifact_key
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError

CONFIG = Config()


def derived(key: str, config: Config = CONFIG, bucket: str = "ml-data-demo") -> str:
    return default_artifact_key(bucket, key, config)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("data/btc_candles_labeled_sample.csv", "models/training_pipeline.pkl"),
        ("data/iris.csv", "models/iris.pkl"),
        ("data/eu/iris.csv.gz", "models/eu/iris.pkl"),
        ("data/iris.TSV", "models/iris.pkl"),
        ("data/v1.2.csv", "models/v1.2.pkl"),
        ("data/größe 1.txt", "models/größe 1.pkl"),
        ("data/.csv", "models/.csv.pkl"),
        ("data/plain", "models/plain.pkl"),
        ("data/parts/", "models/parts.pkl"),
        ("data/", "models/ml-data-demo/data.pkl"),
        ("raw/iris.csv", "models/ml-data-demo/raw/iris.pkl"),
        # The configured CSV's own model, and the folder of its versions, are that one's.
        ("data/training_pipeline.csv", "models/ml-data-demo/data/training_pipeline.pkl"),
    ],
)
def test_the_key_of_the_model_follows_from_the_key_of_the_csv(key, expected):
    assert derived(key) == expected
    assert TrainingRequest.from_event({"key": key}, CONFIG).artifact_key == expected


def test_the_configured_key_of_another_bucket_is_another_dataset():
    assert derived(CONFIG.data_key, bucket="other") == "models/other/data/btc_candles_labeled_sample.pkl"


def test_the_folders_are_the_configured_ones():
    config = Config(data_key="in/tables/a.csv", artifact_key="out/best/a.json")
    assert derived("in/tables/a.csv", config) == "out/best/a.json"
    assert derived("in/tables/b.csv", config) == "out/best/b.pkl"
    assert derived("in/tables/a.tsv", config) == "out/best/ml-data-demo/in/tables/a.pkl"
    assert derived("b.csv", Config(data_key="a.csv", artifact_key="a.pkl")) == "b.pkl"


@given(st.text(st.sampled_from("ab/._ "), min_size=1, max_size=12), st.sampled_from([".csv", ".csv.gz", ""]))
def test_no_other_dataset_gets_the_configured_key_nor_its_versions(name, suffix):
    config = Config(data_key="data/a.csv", artifact_key="models/ab.pkl")
    key = f"data/{name}{suffix}"
    if key != config.data_key:
        assert derived(key, config).rpartition(".")[0] != "models/ab"


def test_what_the_request_names_is_taken():
    request = TrainingRequest.from_event({"key": "data/iris.csv", "artifact_key": "models/x.json"}, CONFIG)
    assert request.artifact_key == "models/x.json"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("data/" + "x" * 990 + ".csv", r"^artifact_key is \"models/x+\.\.\., by the CSV.s key: name another; .* 900"),
        ("data/versions/x.csv", r'^artifact_key is "models/versions/x\.pkl", by the CSV.s key: name another; allowed'),
    ],
)  # fmt: skip
def test_a_csv_whose_key_gives_none_that_is_allowed_asks_for_one(key, message):
    with pytest.raises(InvalidRequestError, match=message):
        TrainingRequest.from_event({"key": key}, CONFIG)
    assert TrainingRequest.from_event({"key": key, "artifact_key": "models/x.pkl"}, CONFIG)


def test_another_mistake_is_told_alone():
    with pytest.raises(InvalidRequestError, match=r"^key is 5; allowed: [^;]*$"):
        TrainingRequest.from_event({"key": 5}, CONFIG)
    with pytest.raises(InvalidRequestError, match=r"^seed is -1; allowed: [^;]*$"):
        TrainingRequest.from_event({"key": "data/a.csv", "seed": -1}, CONFIG)
