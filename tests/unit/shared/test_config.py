"""The environment variables of a function."""

from shared.config import Config


def test_an_empty_environment_gives_the_documented_defaults():
    assert Config.from_environment({}) == Config(
        data_bucket="ml-data-demo",
        data_key="data/btc_candles_labeled_sample.csv",
        artifact_bucket="artifacts",
        artifact_key="models/training_pipeline.pkl",
        code_version="unversioned",
        previous_step=None,
        shard_bytes=32 * 1024 * 1024,
        range_cells=4 * 1024 * 1024,
    )


def test_every_variable_is_read():
    environment = {
        "TRAINING_DATA_BUCKET": "data-1",
        "TRAINING_DATA_KEY": "data/1.csv",
        "TRAINING_ARTIFACT_BUCKET": "artifacts-1",
        "TRAINING_ARTIFACT_KEY": "models/1.pkl",
        "CODE_VERSION": "abc",
        "PREVIOUS_STEP": "arn:aws:lambda:us-east-1:000000000000:function:f:live",
        "SHARD_BYTES": "1048576",
        "RANGE_CELLS": "4096",
        "PATH": "/bin",
    }
    assert Config.from_environment(environment) == Config(
        "data-1",
        "data/1.csv",
        "artifacts-1",
        "models/1.pkl",
        "abc",
        "arn:aws:lambda:us-east-1:000000000000:function:f:live",
        1 << 20,
        1 << 12,
    )


def test_an_empty_variable_counts_as_absent():
    assert Config.from_environment({"TRAINING_DATA_BUCKET": "", "PREVIOUS_STEP": ""}) == Config()


def test_the_process_environment_is_read_when_asked_and_not_at_import(monkeypatch):
    monkeypatch.setenv("TRAINING_DATA_BUCKET", "set-later")
    assert Config.from_environment() == Config(data_bucket="set-later")
