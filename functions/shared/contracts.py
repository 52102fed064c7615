"""What travels between the steps: TrainingRequest -> ValidatedDataset -> TrainingSummary -> PublishedArtifact.

Each value is parsed once, at the door of a handler, and carries its own `to_event`. Events stay small:
whatever grows with the data lies in S3 and travels as a reference.
"""

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Self

from shared.conditions import Conditions
from shared.config import Config
from shared.errors import InvalidRequestError
from shared.event_fields import Json, S3Reference, execution_arn_in, shown, text_field
from shared.request_fields import REQUEST_FIELDS, InvalidValue

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
    max_regression: float | None
    artifact_bucket: str
    artifact_key: str
    force: bool = False
    execution_arn: str | None = None

    @classmethod
    def from_event(cls, event: object, config: Config) -> Self:
        """The request in a plain event, or in `{"request": ..., "execution_arn": ...}` from the state machine.

        Raises InvalidRequestError that lists every unknown field and every value out of range.
        """
        execution_arn = None
        if isinstance(event, dict) and "request" in event and not event.keys() - {"request", "execution_arn"}:
            execution_arn = execution_arn_in(event)
            event = event["request"]
        if not isinstance(event, dict):
            raise InvalidRequestError(f"the request must be a JSON object, not {shown(event)}")
        defaults = {
            "bucket": config.data_bucket,
            "key": config.data_key,
            "artifact_bucket": config.artifact_bucket,
            "artifact_key": config.artifact_key,
        }
        problems = []
        if unknown := sorted(event.keys() - REQUEST_FIELDS.keys()):
            named = ", ".join(map(shown, unknown[:_NAMED])) + (", ..." if len(unknown) > _NAMED else "")
            problems.append(f"unknown field {named}; the fields are {', '.join(REQUEST_FIELDS)}")
        values = {}
        for name, rule in REQUEST_FIELDS.items():
            try:
                values[name] = rule.read(event.get(name, defaults.get(name, rule.default)))
            except InvalidValue as problem:
                problems.append(f"{name} is {shown(event.get(name))}; allowed: {problem}")
        if not problems and values["label_column"] in (values["feature_columns"] or ()):
            problems.append(f"feature_columns contains the label_column {shown(values['label_column'])}")
        if problems:
            raise InvalidRequestError("; ".join(problems))
        return cls(**values, execution_arn=execution_arn)

    def parameters(self) -> Json:
        """What the result follows from, with all defaults filled in, as JSON: neither force nor the execution."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        del values["force"], values["execution_arn"]
        if self.feature_columns is not None:
            values["feature_columns"] = list(self.feature_columns)
        return values


@dataclass(frozen=True)
class ValidatedDataset:
    """Output of FetchAndValidate: a run, and where the manifest of its validated dataset lies.

    `dataset` is the identity of the CSV (bucket, key, version_id, etag, bytes) with its counts
    (rows, invalid_rows); it is passed on for people to read and is never an input of a later step.
    `cached` names the steps so far that found their work done by an earlier run of the same work.
    """

    run_id: str
    execution_arn: str | None
    dataset: Json
    manifest: S3Reference
    conditions: Conditions = field(default_factory=Conditions)
    cached: tuple[str, ...] = ()

    @classmethod
    def from_event(cls, event: object) -> Self:
        if not isinstance(event, dict):
            raise InvalidRequestError(f"the event must be a JSON object, not {shown(event)}")
        dataset = event.get("dataset")
        if not isinstance(dataset, dict):
            raise InvalidRequestError(f"dataset must be an object with the manifest, not {shown(dataset)}")
        return cls(
            run_id=text_field(event, "run_id", "run_id"),
            execution_arn=execution_arn_in(event),
            dataset={name: value for name, value in dataset.items() if name != "manifest"},
            manifest=S3Reference.from_event(dataset.get("manifest"), "dataset.manifest"),
            conditions=Conditions.from_event(event),
            cached=tuple(event.get("cached") or ()),
        )

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "execution_arn": self.execution_arn,
            "conditions": self.conditions.to_event(),
            "cached": list(self.cached),
            "dataset": {**self.dataset, "manifest": self.manifest.to_event()},
        }


@dataclass(frozen=True)
class Gate:
    """Whether a model may be published, and where not, why: what it missed, with the figures."""

    passed: bool
    cause: str

    @classmethod
    def from_event(cls, value: object) -> Self:
        if not isinstance(value, dict) or not isinstance(value.get("passed"), bool):
            raise InvalidRequestError(f"gate must be an object with passed and cause, not {shown(value)}")
        return cls(value["passed"], str(value.get("cause")))

    def to_event(self) -> Json:
        return {"passed": self.passed, "cause": self.cause}


@dataclass(frozen=True)
class TrainingSummary:
    """Output of Summarize: the run's metrics (name -> number), the gate's verdict and where its summary lies."""

    dataset: ValidatedDataset
    metrics: Json
    gate: Gate
    summary: S3Reference

    @classmethod
    def from_event(cls, event: object) -> Self:
        dataset = ValidatedDataset.from_event(event)
        assert isinstance(event, dict)  # ValidatedDataset.from_event has refused anything else
        metrics = event.get("metrics")
        if not isinstance(metrics, dict):
            raise InvalidRequestError(f"metrics must be an object of numbers, not {shown(metrics)}")
        gate = Gate.from_event(event.get("gate"))
        return cls(dataset, metrics, gate, S3Reference.from_event(event.get("summary"), "summary"))

    def to_event(self) -> Json:
        return {
            **self.dataset.to_event(),
            "metrics": self.metrics,
            "gate": self.gate.to_event(),
            "summary": self.summary.to_event(),
        }


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


def run_id_of(parameters: Json, source: Json, code_version: str) -> str:
    """The run's identity, 20 hexadecimal digits: it follows from the request, the pinned object and the code."""
    identity = {"parameters": parameters, "source": source, "code_version": code_version}
    return hashlib.sha256(canonical_json(identity)).hexdigest()[:20]
