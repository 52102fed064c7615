"""Artifacts as the three steps make them, and the schema that describes them."""

import csv
import io
import json
import re
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
    """The artifact of a named data set, shuffled, with incomplete rows dropped; made once, and given anew."""
    contents: dict[str, bytes] = {}

    def made(name: str, **fields) -> dict[str, Any]:
        request = {"label_column": LABELS[name], "split": "shuffled", "max_invalid_rows": 0.1} | fields
        key = f"{name} {request}"
        if key not in contents:
            contents[key] = publish_content(data_files[name].read_bytes(), **request)
        return json.loads(contents[key])

    return made


@pytest.fixture(scope="session")
def published_numbers(publish_content, data_files) -> Callable[..., dict[str, Any]]:
    """The artifact of a named data set's columns of numbers, of the rows that have them all, shuffled."""

    def made(name: str, **fields) -> dict[str, Any]:
        content = numbers_alone(data_files[name].read_text(encoding="utf-8"), LABELS[name])
        return json.loads(
            publish_content(content, **{"label_column": LABELS[name], "split": "shuffled"} | fields)
        )

    return made


def numbers_alone(text: str, label: str) -> bytes:
    """The CSV's columns of numbers and its label, the rows without holes."""
    rows = list(csv.DictReader(io.StringIO(text)))
    names = [
        name for name in rows[0] if name == label or all(map(is_number_or_hole, (row[name] for row in rows)))
    ]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(names)
    writer.writerows(cells for row in rows if not {"", "NA"} & {*(cells := [row[name] for name in names])})
    return written.getvalue().encode()


def is_number_or_hole(cell: str) -> bool:
    return re.fullmatch(r"NA||-?[0-9.]+(e-?[0-9]+)?", cell) is not None
