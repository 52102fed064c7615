"""Artifacts as the three steps make them, and the schema that describes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fetch_and_validate.stage import stage
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest
from summarize.summarize import summarize

SCHEMA = Path(__file__).parents[3] / "schemas" / "artifact.schema.json"
GAUSSIAN = {"model": "gaussian"}  # fitted in a moment, where it does not matter which model it is
LABELS = {"iris": "species", "wine": "cultivar", "penguins": "species", "candles": "label"}


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def validator(schema) -> Draft202012Validator:
    return Draft202012Validator(schema)


@pytest.fixture(scope="session")
def data_files(data_directory: Path, sample_csv: Path) -> dict[str, Path]:
    return {name: sample_csv if name == "candles" else data_directory / f"{name}.csv" for name in LABELS}


@pytest.fixture(scope="session")
def publish_content(new_storage) -> Callable[..., bytes]:
    """The artifact's bytes, made by the three steps from a CSV's bytes and the request's fields."""

    def made(
        content: bytes, execution_arn: str | None = "arn:1", code_version: str = "code-1", **fields
    ) -> bytes:
        storage = new_storage().put(content)
        config = Config(code_version=code_version)
        request = TrainingRequest.from_event(
            {"task": "FetchAndValidate", "request": GAUSSIAN | fields, "execution_arn": execution_arn}, config
        )
        publish(summarize(stage(request, storage, config), storage), storage)
        return storage.objects["artifacts", "models/training_pipeline.pkl"]

    return made


@pytest.fixture(scope="session")
def published(publish_content, data_files) -> Callable[..., dict[str, Any]]:
    """The artifact of a named data set, shuffled, with incomplete rows dropped."""

    def made(name: str, **fields) -> dict[str, Any]:
        request = {"label_column": LABELS[name], "split": "shuffled", "max_invalid_rows": 0.1} | fields
        return json.loads(publish_content(data_files[name].read_bytes(), **request))

    return made
