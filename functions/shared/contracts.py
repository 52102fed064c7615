"""What travels between the steps: TrainingRequest -> ValidatedDataset -> TrainingSummary -> PublishedArtifact.

Each value is parsed once, at the door of a handler, and carries its own `to_event`. Events stay small:
whatever grows with the data lies in S3 and travels as a reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

from shared.artifact_keys import default_artifact_key
from shared.close_names import did_you_mean
from shared.config import Config
from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, S3Reference, execution_arn_in, shown
from shared.folds import Fold, folds_in
from shared.request_fields import REQUEST_FIELDS, InvalidValue
from shared.run import Run
from shared.verdict_words import OUTCOMES, Outcome

_NAMED = 10  # unknown fields that a message names


@dataclass(frozen=True)
class TrainingRequest:
    """What to train on, how, and where the artifact goes. Every field has a default (see DEFAULTS)."""

    bucket: str
    key: str
    version_id: str | None
    delimiter: str | None
    skip_lines: int
    escape: str | None
    label_column: str
    feature_columns: tuple[str, ...] | None
    exclude_columns: tuple[str, ...] | None
    columns: dict[str, str] | None
    missing_values: tuple[str, ...] | None
    time_column: str | None
    test_size: float
    split: str
    seed: int
    model: str
    covariance: str | None
    positive_class: str | None
    threshold: float | str
    fit_rows: int | None
    refit_all: bool
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
        """The request that is a person's event, or in the state machine's `{"task", "request", "execution_arn"}`.

        Raises InvalidRequestError that lists every unknown field and every value out of range.
        """
        execution_arn = None
        if isinstance(event, dict) and "task" in event:
            execution_arn = execution_arn_in(event)
            event = event.get("request")
        elif isinstance(event, dict) and "run" in event:
            raise InvalidRequestError(
                "the event is a step's output (it has a run); this step takes a request"
            )
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
            named = ", ".join(
                f"{shown(name)}{did_you_mean(name, REQUEST_FIELDS)}" for name in unknown[:_NAMED]
            )
            named += ", ..." if len(unknown) > _NAMED else ""
            problems.append(f"unknown field {named}; the fields are {', '.join(REQUEST_FIELDS)}")
        values: Json = {}
        for name, rule in REQUEST_FIELDS.items():
            if name == "artifact_key" and {"bucket", "key"} <= values.keys():
                defaults[name] = default_artifact_key(values["bucket"], values["key"], config)
            try:
                values[name] = rule.read(event.get(name, defaults.get(name, rule.default)))
            except InvalidValue as problem:
                given = shown(event.get(name))
                if name == "artifact_key" and name not in event:
                    given = f"{shown(defaults[name])}, by the CSV's key: name another"
                problems.append(f"{name} is {given}; allowed: {problem}")
        if not problems:
            problems += _contradictions(values)
        if not problems:
            problems += _settle_the_model(values, event)
        if not problems and _address(values, "artifact_") == _address(values, ""):
            problems.append(f"artifact_key {shown(values['artifact_key'])} is the CSV's own: name another")
        if problems:
            raise InvalidRequestError("; ".join(problems))
        return cls(**values, execution_arn=execution_arn)

    def parameters(self) -> Json:
        """What the result follows from, with all defaults filled in, as JSON: neither force nor the execution."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        del values["force"], values["execution_arn"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _contradictions(values: Json) -> Iterator[str]:
    """What two fields that name columns say against each other."""
    label = values["label_column"]
    for name in ("feature_columns", "exclude_columns", "columns"):
        if label in (values[name] or ()):
            yield f"{name} contains the label_column {shown(label)}"
    if values["time_column"] == label:
        yield f"time_column is the label_column {shown(label)}"
    if both := {*(values["exclude_columns"] or ())} & {*(values["feature_columns"] or ())}:
        yield f"exclude_columns and feature_columns both contain {shown(min(both))}"


@dataclass(frozen=True)
class ValidatedDataset:
    """Output of FetchAndValidate: where the manifest of the run's validated dataset lies.

    `dataset` is the identity of the CSV (bucket, key, version_id, etag, bytes) with its counts
    (rows, invalid_rows); it is passed on for people to read and is never an input of a later step.
    `folds`: by which the model is to be chosen, with their results once they are fitted; none where nothing is.
    """

    run: Run
    dataset: Json
    manifest: FileReference
    folds: tuple[Fold, ...] = ()

    @classmethod
    def from_event(cls, event: object) -> Self:
        if not isinstance(event, dict):
            raise InvalidRequestError(f"the event must be a JSON object, not {shown(event)}")
        dataset = event.get("dataset")
        if not isinstance(dataset, dict):
            raise InvalidRequestError(f"dataset must be an object with the manifest, not {shown(dataset)}")
        return cls(
            run=Run.from_event(event),
            dataset={name: value for name, value in dataset.items() if name != "manifest"},
            manifest=FileReference.from_event(dataset.get("manifest"), "dataset.manifest"),
            folds=folds_in(event),
        )

    def to_event(self) -> Json:
        return {
            "run": self.run.to_event(),
            "dataset": {**self.dataset, "manifest": self.manifest.to_event()},
            "folds": [fold.to_event() for fold in self.folds],
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
class Verdict:
    """Whether a model is worth more than a constant answer, as it was measured on the held-out rows.

    sentence: for a person, whole; reasons: what it rests on, or what stands against one. comparisons: each `what`,
    `model`, `reference`, `against`, `difference`, `interval`, `p_value` and `method` (docs/verdict.md).
    """

    outcome: Outcome
    sentence: str
    reasons: tuple[str, ...]
    comparisons: tuple[Json, ...]

    @classmethod
    def from_event(cls, value: object) -> Self:
        match value:
            case {
                "outcome": str(outcome),
                "sentence": str(sentence),
                "reasons": list(reasons),
                "comparisons": list(comparisons),
            } if outcome in OUTCOMES:
                return cls(outcome, sentence, tuple(reasons), tuple(comparisons))
        raise InvalidRequestError(
            f"verdict must be an object with outcome, sentence, reasons and comparisons, not {shown(value)}"
        )

    def to_event(self) -> Json:
        return {
            "outcome": self.outcome,
            "sentence": self.sentence,
            "reasons": list(self.reasons),
            "comparisons": list(self.comparisons),
        }


@dataclass(frozen=True)
class TrainingSummary:
    """Output of Summarize: the run's metrics (name -> number), the gate's decision and where its summary lies.

    verdict: whether the model is worth more than a constant answer. regression: the model that was current when the
    run began, on the same test rows (docs/request.md); None where nothing was to be compared.
    leaderboard: what the folds said of each candidate, for people to read; empty where nothing was to be chosen.
    warnings: sentences that are to be read before any figure.
    """

    dataset: ValidatedDataset
    metrics: Json
    gate: Gate
    summary: FileReference
    leaderboard: tuple[Json, ...] = ()
    warnings: tuple[str, ...] = ()
    verdict: Verdict | None = None
    regression: Json | None = None

    @classmethod
    def from_event(cls, event: object) -> Self:
        dataset = ValidatedDataset.from_event(event)
        assert isinstance(event, dict)  # ValidatedDataset.from_event has refused anything else
        metrics = event.get("metrics")
        if not isinstance(metrics, dict):
            raise InvalidRequestError(f"metrics must be an object of numbers, not {shown(metrics)}")
        leaderboard = event.get("leaderboard", [])
        if not isinstance(leaderboard, list) or not all(isinstance(entry, dict) for entry in leaderboard):
            raise InvalidRequestError(f"leaderboard must be a list of objects, not {shown(leaderboard)}")
        warnings = event.get("warnings", [])
        if not isinstance(warnings, list) or not all(isinstance(entry, str) for entry in warnings):
            raise InvalidRequestError(f"warnings must be a list of texts, not {shown(warnings)}")
        regression = event.get("regression")
        if regression is not None and not isinstance(regression, dict):
            raise InvalidRequestError(f"regression must be null or an object, not {shown(regression)}")
        gate = Gate.from_event(event.get("gate"))
        return cls(
            dataset,
            metrics,
            gate,
            FileReference.from_event(event.get("summary"), "summary"),
            tuple(leaderboard),
            tuple(warnings),
            None if event.get("verdict") is None else Verdict.from_event(event["verdict"]),
            regression,
        )

    def to_event(self) -> Json:
        return {
            **self.dataset.to_event(),
            "warnings": list(self.warnings),
            "leaderboard": list(self.leaderboard),
            "metrics": self.metrics,
            "verdict": self.verdict and self.verdict.to_event(),
            "regression": self.regression,
            "gate": self.gate.to_event(),
            "summary": self.summary.to_event(),
        }


@dataclass(frozen=True)
class PublishedArtifact:
    """Output of PublishArtifact, and so of the execution: the run, its metrics and the artifact's address.

    card: where the model card lies; None where it could not be written.
    """

    summary: TrainingSummary
    artifact: Json
    card: S3Reference | None

    def to_event(self) -> Json:
        return {
            **self.summary.to_event(),
            "artifact": self.artifact,
            "card": self.card and self.card.to_event(),
        }


def _address(values: Json, prefix: str) -> tuple[str, str]:
    return values[f"{prefix}bucket"], values[f"{prefix}key"]


def _settle_the_model(values: Json, event: Json) -> Iterator[str]:
    """Fills in what model and covariance mean for each other; what contradicts itself, in words.

    A request that names a covariance and no model means the Gaussian, as it did when there was no other.
    """
    if values["covariance"] is not None and event.get("model") is None:
        values["model"] = "gaussian"
    if values["model"] == "gaussian":
        values["covariance"] = values["covariance"] or "pooled"
    elif values["covariance"] is not None:
        yield f'covariance is for model "gaussian", and model is {shown(values["model"])}'
