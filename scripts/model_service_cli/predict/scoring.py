"""What a predicted CSV says of its model: the figures on the rows with a label, and how the data differs from the
model's own. Block by block, so that memory does not grow with the file. Not how it is told (`scored_text`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from shared.csv_file.cells import MAX_CLASSES
from shared.csv_file.feature_rows import FeatureRows
from shared.drift import LABEL, Dataset, drift
from shared.event_fields import Json
from shared.model.predictor import Prediction, Predictor
from shared.profile import OTHER_CLASSES, Bins, ColumnProfiles, profiles_json
from summarize.scoring.evaluation import Evaluation

# What the artifact's schema cannot see: members that each may be so and do not fit each other.
CONTRADICTIONS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Scored:
    """rows: predicted ones; labelled: of them, those with a label; the figures are on these, {} without one.

    published: the metrics that the model was published with; majority: the train rows' most frequent class; trained:
    train rows by class. drift: as shared.drift has it, None where the artifact has no profiles (then `why_no_drift`
    says so) or there is no row.
    """

    rows: int
    labelled: int
    label: str
    decision: Json
    metrics: Json
    intervals: Json
    per_class: Json
    confusion_matrix: Json
    majority: str
    trained: dict[str, int]
    published: Json
    why_not: str | None
    drift: Json | None
    why_no_drift: str | None


class Scoring:
    """Takes the blocks as they are predicted. artifact: the model's."""

    def __init__(self, predictor: Predictor, artifact: Json) -> None:
        self._artifact = artifact
        self._inputs = predictor.inputs
        self._known = {name: k for k, name in enumerate(predictor.classes)}
        self._evaluation = Evaluation(predictor.classes, predictor.decision)
        self._decision = predictor.decision.to_json()
        self._label = artifact["request"]["label_column"]
        self._classes: dict[str, int] = {}
        self._header: tuple[str, ...] = ()
        self._rows = 0
        self._bins = _bins(artifact, {given.name for given in predictor.inputs})
        self._profiles = ColumnProfiles.of(list(self._bins.values()), 1, [[] for _ in self._bins], [])

    def add(self, rows: FeatureRows, prediction: Prediction) -> None:
        """Counts a block: what was read, and what was predicted of it."""
        self._header = rows.header
        self._rows += len(rows.lines)
        columns = {given.name: column for given, column in zip(self._inputs, rows.columns, strict=True)}
        found = ColumnProfiles.of(
            list(self._bins.values()), 1, [columns[name] for name in self._bins], [0] * len(rows.lines)
        )
        self._profiles = self._profiles.merge(found)
        if rows.labels is not None and len(self._classes) <= MAX_CLASSES:
            self._add_labelled(rows.labels, prediction)

    def _add_labelled(self, labels: Sequence[str], prediction: Prediction) -> None:
        there = list(map(bool, labels))
        present = list(compress(labels, there))
        for name in present:
            self._classes[name] = self._classes.get(name, 0) + 1
        if present and len(self._classes) <= MAX_CLASSES:
            self._evaluation.add(
                present,
                [list(compress(one, there)) for one in prediction.probabilities],
                [self._known[name] for name in compress(prediction.labels, there)],
            )

    def result(self) -> Scored:
        """What the rows up to here say. Raises one of CONTRADICTIONS for an artifact that fits itself badly."""
        artifact, labelled = self._artifact, self._evaluation.rows
        why_not = None
        if len(self._classes) > MAX_CLASSES:
            labelled, why_not = 0, f"it has more than {MAX_CLASSES} distinct values, so these are no classes"
        majority = _majority(artifact)
        why_no_drift = None
        if "profiles" not in artifact:
            version = artifact["schema_version"]
            why_no_drift = (
                f"the artifact is of schema_version {version}, which has no profiles of its columns"
            )
        return Scored(
            rows=self._rows,
            labelled=labelled,
            label=self._label,
            decision=self._decision,
            metrics=self._evaluation.metrics(majority) if labelled else {},
            intervals=self._evaluation.intervals() if labelled else {},
            per_class=self._evaluation.per_class() if labelled else {},
            confusion_matrix=self._evaluation.confusion_matrix() if labelled else {},
            majority=majority,
            trained={entry["name"]: entry["train_rows"] for entry in artifact["classes"]},
            published=artifact["metrics"],
            why_not=why_not,
            drift=self._drift() if self._rows and not why_no_drift else None,
            why_no_drift=why_no_drift,
        )

    def _drift(self) -> Json:
        before = Dataset.of_artifact(self._artifact)
        # Only the model's columns were read: of another one it is known that it is there, and no more.
        kinds = {name: before.kinds.get(name, "") for name in self._header}
        if not self._classes:  # rows to be predicted have no label; that is no news
            kinds |= {name: kind for name, kind in before.kinds.items() if kind == LABEL}
        none = ColumnProfiles.of(list(self._bins.values()), 1, [[] for _ in self._bins], [])
        profiles = profiles_json(list(self._bins.values()), [OTHER_CLASSES], self._profiles, none)
        return drift(before, Dataset(kinds, self._classes, profiles, before.time_order))


def _bins(artifact: Json, read: Collection[str]) -> dict[str, Bins]:
    """Of the columns that are read and have a profile, by name."""
    columns: dict[str, Any] = artifact.get("profiles", {}).get("columns", {})
    return {name: Bins.from_json(name, column) for name, column in columns.items() if name in read}


def _majority(artifact: Json) -> str:
    return artifact["evaluation"]["majority_class"]
