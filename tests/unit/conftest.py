"""Fixtures of the unit tests: a storage in memory, S3 by moto, artifacts, and no way to a real account."""

import csv
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from hypothesis import settings
from moto import mock_aws

from fetch_and_validate.stage import stage
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest, TrainingSummary
from shared.errors import ArtifactConflictError, DatasetNotFoundError, InvalidRequestError, PermanentError
from shared.event_fields import S3Reference
from shared.object_store import PinnedObject, StoredObject
from shared.storage import Storage
from summarize.summarize import summarize

settings.register_profile("repository", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("repository")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A property test that loops is ended with its process: Hypothesis takes a time-out inside it for a failing
    example, and goes on to shrink it, which loops again."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.timeout(method="thread"))


DATA_BUCKET = "ml-data-demo"
DATA_KEY = "data/btc_candles_labeled_sample.csv"
ARTIFACT_BUCKET = "artifacts"


class MemoryStorage(Storage):
    """A Storage that holds objects in a dict; test_storage.py holds it and S3 to the same behaviour."""

    def __init__(self, chunk_bytes: int = 1 << 16) -> None:
        super().__init__()
        self.objects: dict[tuple[str, str], bytes] = {}
        self.chunk_bytes = chunk_bytes

    def put(self, content: bytes, bucket: str = DATA_BUCKET, key: str = DATA_KEY) -> "MemoryStorage":
        self.objects[bucket, key] = content
        return self

    def artifact_keys(self) -> list[str]:
        return sorted(key for bucket, key in self.objects if bucket == ARTIFACT_BUCKET)

    def pin(self, bucket: str, key: str, version_id: str | None = None) -> PinnedObject:
        if (bucket, key) not in self.objects:
            raise DatasetNotFoundError(f"s3://{bucket}/{key} does not exist")
        content = self.objects[bucket, key]
        return PinnedObject(bucket, key, version_id or _etag(content), _etag(content), len(content))

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        content = self.objects[source.bucket, source.key][start:end]
        for position in range(0, len(content), self.chunk_bytes):
            yield content[position : position + self.chunk_bytes]

    def read(self, reference: S3Reference, missing: type[PermanentError] = InvalidRequestError) -> bytes:
        if (reference.bucket, reference.key) not in self.objects:
            raise missing(f"{reference} does not exist")
        return self.objects[reference.bucket, reference.key]

    def write(self, reference: S3Reference, content: bytes, content_type: str) -> str | None:
        self.objects[reference.bucket, reference.key] = content
        return _etag(content)

    def find(self, reference: S3Reference) -> StoredObject | None:
        content = self.objects.get((reference.bucket, reference.key))
        return None if content is None else StoredObject(content, _etag(content), _etag(content))

    def newest_in(self, folder: S3Reference) -> Iterator[PinnedObject]:
        return (self.pin(folder.bucket, key) for key in self.sizes(folder))

    def sizes(self, folder: S3Reference, at_most: int | None = None) -> dict[str, int]:
        keys = sorted(
            key for bucket, key in self.objects if bucket == folder.bucket and key.startswith(folder.key)
        )
        return {key: len(self.objects[folder.bucket, key]) for key in keys[:at_most]}

    def replace(
        self, reference: S3Reference, content: bytes, content_type: str, etag: str | None
    ) -> str | None:
        found = self.find(reference)
        if (found and found.etag) != etag:
            raise ArtifactConflictError(f"{reference} has other content than expected")
        return self.write(reference, content, content_type)

    def write_once(self, reference: S3Reference, content: bytes, content_type: str) -> None:
        if self.objects.setdefault((reference.bucket, reference.key), content) != content:
            raise ArtifactConflictError(f"{reference} has other content than expected")


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummy credentials and none of the functions' variables, whatever the shell has set."""
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_PROFILE",
        "TRAINING_DATA_BUCKET",
        "TRAINING_DATA_KEY",
        "TRAINING_ARTIFACT_BUCKET",
        "TRAINING_ARTIFACT_KEY",
        "CODE_VERSION",
        "PREVIOUS_STEP",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(autouse=True)
def fresh_logger() -> Iterator[None]:
    """The log goes to the standard output of this test, not to that of the first one."""
    yield
    logger = logging.getLogger("model_service")
    logger.handlers.clear()
    logger.propagate = True  # else pytest adds a handler of its own to the next test's logger


@pytest.fixture
def config() -> Config:
    return Config(code_version="code-1")


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture(scope="session")
def new_storage() -> Callable[..., MemoryStorage]:
    """Makes storages, for hypothesis tests that need a new one for every example."""
    return MemoryStorage


@pytest.fixture
def s3() -> Iterator[Any]:
    """An S3 client against moto, with the two buckets of the defaults, versioned."""
    with mock_aws():
        client = boto3.client("s3")
        for bucket in (DATA_BUCKET, ARTIFACT_BUCKET):
            client.create_bucket(Bucket=bucket)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture(scope="session")
def data_directory() -> Path:
    return Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def sample_csv() -> Path:
    return Path(__file__).parents[2] / "data" / "btc_candles_labeled_sample.csv"


GAUSSIAN = {"model": "gaussian"}  # fitted in a moment, where it does not matter which model it is
LABELS = {"iris": "species", "wine": "cultivar", "penguins": "species", "candles": "label"}


@dataclass(frozen=True)
class DataSet:
    features: tuple[str, ...]
    X: np.ndarray
    y: np.ndarray

    def columns(self) -> list[list[float]]:
        return [column.tolist() for column in self.X.T]


def numeric(cells: list[str]) -> bool:
    try:
        list(map(float, cells))
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def data_sets(data_directory: Path, sample_csv: Path) -> dict[str, DataSet]:
    loaded = {}
    for name, label in LABELS.items():
        path = sample_csv if name == "candles" else data_directory / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if not {"", "NA"} & set(row.values())]
        columns = {column: [row[column] for row in rows] for column in rows[0]}
        features = tuple(column for column, cells in columns.items() if column != label and numeric(cells))
        X = np.array([[float(cell) for cell in columns[column]] for column in features]).T
        loaded[name] = DataSet(features, X, np.array(columns[label]))
    return loaded


@pytest.fixture(params=list(LABELS))
def data_set(request: pytest.FixtureRequest, data_sets: dict[str, DataSet]) -> DataSet:
    return data_sets[request.param]


@pytest.fixture(scope="session")
def data_files(data_directory: Path, sample_csv: Path) -> dict[str, Path]:
    return {name: sample_csv if name == "candles" else data_directory / f"{name}.csv" for name in LABELS}


@pytest.fixture
def train(storage, config):
    """Runs the two first steps on a CSV and publishes what passes the gate; the summary that was put out."""

    def made(content: bytes, **fields) -> TrainingSummary:
        storage.put(content)
        event = {
            "task": "FetchAndValidate",
            "request": {"model": "gaussian"} | fields,
            "execution_arn": "arn:1",
        }
        found = summarize(stage(TrainingRequest.from_event(event, config), storage, config), storage)
        if found.gate.passed:
            publish(found, storage)
        return found

    return made


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
