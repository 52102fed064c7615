"""What travels between the steps: TrainingRequest -> ValidatedDataset -> TrainingSummary -> PublishedArtifact.

Each value is parsed once, at the door of a handler, and carries its own `to_event`. Events stay small:
whatever grows with the data lies in S3 and travels as a reference.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Any, Self

from shared.config import Config
from shared.errors import InvalidRequestError
from shared.request_fields import REQUEST_FIELDS, InvalidValue

Json = dict[str, Any]
_NAMED = 10  # unknown fields that a message names


@dataclass(frozen=True)
class TrainingRequest:
    """What to train on, how, and where the artifact goes. Every field has a default (see DEFAULTS)."""

    bucket: str
    key: str
    version_id: str | None
    delimiter: str | None
    label_column: str
    feature_columns: tuple[str, ...] | None
    test_size: float
    split: str
    seed: int
    covariance: str
    max_invalid_rows: float
    min_accuracy: float | None
    min_f1: float | None
    artifact_bucket: str
    artifact_key: str
    execution_arn: str | None = None

    @classmethod
    def from_event(cls, event: object, config: Config) -> Self:
        """The request in a plain event, or in `{"request": ..., "execution_arn": ...}` from the state machine.

        Raises InvalidRequestError that lists every unknown field and every value out of range.
        """
        execution_arn = None
        if isinstance(event, dict) and "request" in event and not event.keys() - {"request", "execution_arn"}:
            execution_arn = event.get("execution_arn")
            event = event["request"]
        if not isinstance(event, dict):
            raise InvalidRequestError(f"the request must be a JSON object, not {_shown(event)}")
        defaults = {
            "bucket": config.data_bucket,
            "key": config.data_key,
            "artifact_bucket": config.artifact_bucket,
            "artifact_key": config.artifact_key,
        }
        problems = []
        if unknown := sorted(event.keys() - REQUEST_FIELDS.keys()):
            named = ", ".join(map(_shown, unknown[:_NAMED])) + (", ..." if len(unknown) > _NAMED else "")
            problems.append(f"unknown field {named}; the fields are {', '.join(REQUEST_FIELDS)}")
        values = {}
        for name, field in REQUEST_FIELDS.items():
            try:
                values[name] = field.read(event.get(name, defaults.get(name, field.default)))
            except InvalidValue as problem:
                problems.append(f"{name} is {_shown(event.get(name))}; allowed: {problem}")
        if not problems and values["label_column"] in (values["feature_columns"] or ()):
            problems.append(f"feature_columns contains the label_column {_shown(values['label_column'])}")
        if problems:
            raise InvalidRequestError("; ".join(problems))
        return cls(**values, execution_arn=execution_arn)

    def parameters(self) -> Json:
        """The request with all defaults filled in, as JSON; the execution is not part of it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        del values["execution_arn"]
        if self.feature_columns is not None:
            values["feature_columns"] = list(self.feature_columns)
        return values


@dataclass(frozen=True)
class S3Reference:
    """The address of an object written by a step."""

    bucket: str
    key: str

    @classmethod
    def from_event(cls, value: object, name: str) -> Self:
        """The reference in a JSON value; `name` is how an InvalidRequestError calls it."""
        if not isinstance(value, dict):
            raise InvalidRequestError(f"{name} must be an object with bucket and key, not {_shown(value)}")
        return cls(*(_text(value, field, f"{name}.{field}") for field in ("bucket", "key")))

    def to_event(self) -> Json:
        return {"bucket": self.bucket, "key": self.key}

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class ValidatedDataset:
    """Output of FetchAndValidate: a run, and where the manifest of its validated dataset lies.

    `dataset` is the identity of the CSV (bucket, key, version_id, etag, bytes) with its counts
    (rows, invalid_rows); it is passed on for people to read and is never an input of a later step.
    """

    run_id: str
    execution_arn: str | None
    dataset: Json
    manifest: S3Reference

    @classmethod
    def from_event(cls, event: object) -> Self:
        if not isinstance(event, dict):
            raise InvalidRequestError(f"the event must be a JSON object, not {_shown(event)}")
        dataset = event.get("dataset")
        if not isinstance(dataset, dict):
            raise InvalidRequestError(f"dataset must be an object with the manifest, not {_shown(dataset)}")
        return cls(
            run_id=_text(event, "run_id", "run_id"),
            execution_arn=event.get("execution_arn"),
            dataset={name: value for name, value in dataset.items() if name != "manifest"},
            manifest=S3Reference.from_event(dataset.get("manifest"), "dataset.manifest"),
        )

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "execution_arn": self.execution_arn,
            "dataset": {**self.dataset, "manifest": self.manifest.to_event()},
        }


@dataclass(frozen=True)
class PlannedDataset:
    """Output of FetchAndValidate for a CSV of several shards: what the state machine maps over.

    plan: the plan; shards: a JSON array with an object per shard, as the Map's item reader takes it.
    """

    run_id: str
    execution_arn: str | None
    dataset: Json
    plan: S3Reference
    shards: S3Reference
    shard_count: int

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "execution_arn": self.execution_arn,
            "dataset": self.dataset,
            "plan": self.plan.to_event(),
            "shards": {**self.shards.to_event(), "count": self.shard_count},
        }


@dataclass(frozen=True)
class ShardTask:
    """One shard to validate, or all of them to collect where `shard` is None: FetchAndValidate's other tasks."""

    run_id: str
    execution_arn: str | None
    plan: S3Reference
    shard: int | None

    @classmethod
    def from_event(cls, event: Json) -> Self:
        shard = event.get("shard")
        index = shard.get("index") if isinstance(shard, dict) else None
        if shard is not None and (not isinstance(index, int) or isinstance(index, bool) or index < 0):
            raise InvalidRequestError(f"shard must be an object with an index, not {_shown(shard)}")
        return cls(
            run_id=_text(event, "run_id", "run_id"),
            execution_arn=event.get("execution_arn"),
            plan=S3Reference.from_event(event.get("plan"), "plan"),
            shard=index,
        )


@dataclass(frozen=True)
class ValidatedShard:
    """Output of FetchAndValidate for one shard: counts for people; the result itself lies in S3."""

    run_id: str
    shard: int
    bytes: int
    rows: int
    invalid_rows: int

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "shard": self.shard,
            "bytes": self.bytes,
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
        }


@dataclass(frozen=True)
class TrainingSummary:
    """Output of Summarize: the run's metrics (name -> number) and where its summary lies."""

    dataset: ValidatedDataset
    metrics: Json
    summary: S3Reference

    @classmethod
    def from_event(cls, event: object) -> Self:
        dataset = ValidatedDataset.from_event(event)
        assert isinstance(event, dict)  # ValidatedDataset.from_event has refused anything else
        metrics = event.get("metrics")
        if not isinstance(metrics, dict):
            raise InvalidRequestError(f"metrics must be an object of numbers, not {_shown(metrics)}")
        return cls(dataset, metrics, S3Reference.from_event(event.get("summary"), "summary"))

    def to_event(self) -> Json:
        return {**self.dataset.to_event(), "metrics": self.metrics, "summary": self.summary.to_event()}


@dataclass(frozen=True)
class PublishedArtifact:
    """Output of PublishArtifact, and so of the execution: the run, its metrics and the artifact's address."""

    summary: TrainingSummary
    artifact: Json

    def to_event(self) -> Json:
        return {**self.summary.to_event(), "artifact": self.artifact}


def canonical_json(value: object) -> bytes:
    """Compact JSON with sorted keys, UTF-8: equal values give equal bytes. NaN and infinity are refused."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def fetch_task_in(event: object, config: Config) -> TrainingRequest | ShardTask:
    """What FetchAndValidate is asked to do. A request has no field named plan."""
    if isinstance(event, dict) and "plan" in event:
        return ShardTask.from_event(event)
    return TrainingRequest.from_event(event, config)


def run_id_of(parameters: Json, source: Json, code_version: str) -> str:
    """The run's identity, 20 hexadecimal digits: it follows from the request, the pinned object and the code."""
    identity = {"parameters": parameters, "source": source, "code_version": code_version}
    return hashlib.sha256(canonical_json(identity)).hexdigest()[:20]


def _text(event: Json, field: str, name: str) -> str:
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} must be a non-empty string, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    """The value as JSON, cut so that a hostile one cannot blow up a message or a state's output."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
