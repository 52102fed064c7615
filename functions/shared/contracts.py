"""What travels between the steps: TrainingRequest -> ValidatedDataset -> TrainingSummary -> PublishedArtifact.

Each value is parsed once, at the door of a handler, and carries its own `to_event`. Events stay small:
whatever grows with the data lies in S3 and travels as a reference.
"""

from dataclasses import dataclass
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, S3Reference, shown
from shared.folds import Fold, folds_in
from shared.run import Run
from shared.spread import Spread
from shared.training_request import (
    TrainingRequest as TrainingRequest,  # the first of them, in a module of its own
)
from shared.verdict_words import OUTCOMES, Outcome

_NAMED = 10  # unknown fields that a message names


@dataclass(frozen=True)
class ValidatedDataset:
    """Output of FetchAndValidate: where the manifest of the run's validated dataset lies.

    `dataset` is the identity of the CSV (bucket, key, version_id, etag, bytes) with its counts
    (rows, invalid_rows); it is passed on for people to read and is never an input of a later step.
    `folds`: by which the model is to be chosen, with their results once they are fitted; none where nothing is.
    `spread`: how the rest of the work is spread over ranges of rows; None where one Lambda is enough for it.
    """

    run: Run
    dataset: Json
    manifest: FileReference
    folds: tuple[Fold, ...] = ()
    spread: Spread | None = None

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
            spread=Spread.from_event(event.get("spread")),
        )

    def to_event(self) -> Json:
        return {
            "run": self.run.to_event(),
            "dataset": {**self.dataset, "manifest": self.manifest.to_event()},
            "folds": [fold.to_event() for fold in self.folds],
            "spread": self.spread and self.spread.to_event(),
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

    sentence: for a person, whole; reasons: what each comparison says, then remarks. comparisons: each `what`,
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
    run began, on the same test rows (docs/request.md#regression); None where there is none to compare with.
    drift: in brief, this dataset beside the one that the current model was trained on (docs/drift.md); None where there
    is none.
    leaderboard: what the folds said of each candidate, for people to read; empty where nothing was to be chosen.
    warnings: sentences that are to be read before any figure. decision: `positive_class`, `rule` and `threshold`, as
    shared.model.decision has them; precision, recall and F1 are of that class.
    """

    dataset: ValidatedDataset
    metrics: Json
    gate: Gate
    summary: FileReference
    leaderboard: tuple[Json, ...] = ()
    warnings: tuple[str, ...] = ()
    verdict: Verdict | None = None
    regression: Json | None = None
    decision: Json | None = None
    drift: Json | None = None

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
        decision = event.get("decision")
        if decision is not None and not isinstance(decision, dict):
            raise InvalidRequestError(f"decision must be null or an object, not {shown(decision)}")
        drift = event.get("drift")
        if drift is not None and not isinstance(drift, dict):
            raise InvalidRequestError(f"drift must be null or an object, not {shown(drift)}")
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
            decision,
            drift,
        )

    def to_event(self) -> Json:
        return {
            **self.dataset.to_event(),
            "warnings": list(self.warnings),
            "leaderboard": list(self.leaderboard),
            "decision": self.decision,
            "metrics": self.metrics,
            "verdict": self.verdict and self.verdict.to_event(),
            "regression": self.regression,
            "drift": self.drift,
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
