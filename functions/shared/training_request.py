"""What a person asks for: the request of a run, checked field by field and for what its fields say of each other."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

from shared.artifact_keys import default_artifact_key
from shared.close_names import did_you_mean
from shared.config import Config
from shared.errors import InvalidRequestError
from shared.event_fields import Json, execution_arn_in, shown
from shared.folder import is_folder
from shared.request_fields import REQUEST_FIELDS, InvalidValue
from shared.run_files import RUNS

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
    sensitive_columns: tuple[str, ...] | None
    max_invalid_rows: float
    min_accuracy: float | None
    min_balanced_accuracy: float | None
    min_f1: float | None
    min_roc_auc: float | None
    baseline_gate: str
    max_regression: float | None
    max_drift: float | None
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
        if not problems:
            problems += _about_a_folder(values)
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
    for name in ("feature_columns", "exclude_columns", "columns", "sensitive_columns"):
        if label in (values[name] or ()):
            yield f"{name} contains the label_column {shown(label)}"
    if values["time_column"] == label:
        yield f"time_column is the label_column {shown(label)}"
    if both := {*(values["exclude_columns"] or ())} & {*(values["feature_columns"] or ())}:
        yield f"exclude_columns and feature_columns both contain {shown(min(both))}"


def _about_a_folder(values: Json) -> Iterator[str]:
    """What a key that ends in / does not go with: a version, which is of one object, and files of the run inside."""
    key = values["key"]
    if not is_folder(key):
        return
    if values["version_id"] is not None:
        yield f"version_id is of one object, and key {shown(key)} ends in /: it means all objects under it"
    if values["bucket"] != values["artifact_bucket"]:
        return
    if values["artifact_key"].startswith(key):
        yield f"artifact_key {shown(values['artifact_key'])} lies under key {shown(key)}: name another"
    if RUNS.startswith(key) or key.startswith(RUNS):
        yield f"key {shown(key)} holds the files of the runs: allowed is another folder"


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
