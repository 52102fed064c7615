"""Prediction from a published artifact alone: parsed JSON and columns in, labels and probabilities out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.event_fields import Json
from shared.model.decision import HALF, Decision
from shared.model.encoding import Encoding, Input
from shared.model.protocol import Model
from shared.model.registry import DamagedModelError, model_from_json
from shared.typed_columns import TypedColumn, coded

SCHEMA_VERSIONS = (1, 2, 3)  # of the artifacts that can be read here
_KIND_OF_VERSION_1 = "gaussian_discriminant"


class InvalidArtifactError(ValueError):
    """The document is no artifact that can be predicted from; the text says what is wrong with it."""


class UnpredictableRowError(ValueError):
    """A row, by its index, is too far from all training rows for any class to be told from another."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} is too far from the training rows to be predicted")
        self.row = row


@dataclass(frozen=True)
class Prediction:
    """labels: (n,), the class of each row; probabilities: (K, n), of each class in the artifact's order."""

    labels: list[str]
    probabilities: list[list[float]]


class Predictor:
    """An artifact made ready for any number of blocks of rows.

    inputs: the columns it reads, in order, of which `encoding` makes what the model sees; classes: the K class names;
    decision: how labels follow from probabilities.
    Raises InvalidArtifactError for a document of another version, or with a model that is incomplete or contradicts
    itself.
    """

    def __init__(self, artifact: Json) -> None:
        self.encoding, self._model = _encoding_and_model(artifact)
        self.inputs = self.encoding.inputs
        self.classes = self._model.classes
        self.decision = _decision(artifact, self.classes)
        places = {feature.name: j for j, feature in enumerate(self._model.features)}
        self._places = [places.get(feature.name) for feature in self.encoding.features]

    def predict(self, columns: Sequence[TypedColumn]) -> Prediction:
        """The prediction for n rows, given by column in the order of `inputs`; missing cells may be among them.

        Raises UnpredictableRowError for a row so far out that no class has a density float64 can tell.
        """
        return self.predict_encoded(self.encoding.encoded(columns))

    def predict_encoded(self, columns: Sequence[Sequence[float]]) -> Prediction:
        """The prediction for n rows, given by feature of `encoding`. Raises UnpredictableRowError."""
        given: list[Sequence[float]] = [()] * len(self._model.features)
        for j, column in zip(self._places, columns, strict=True):
            if j is not None:
                given[j] = column
        probabilities = self._model.probabilities(given)
        for row, value in enumerate(probabilities[0]):
            if math.isnan(value):
                raise UnpredictableRowError(row)
        return Prediction(
            [self.classes[k] for k in self.decision.predicted(probabilities, self.classes)], probabilities
        )


def predict(artifact: Json, columns: Mapping[str, Any]) -> Prediction:
    """Labels and class probabilities of rows, from an artifact alone.

    columns: name -> n values: floats for numbers and, in seconds since 1970-01-01 UTC, for dates, NaN where one is
    missing; texts for flags and categories, "" where one is missing. Columns that the model does not read are ignored.
    Raises InvalidArtifactError, KeyError for an input that is not among the columns, ValueError for columns of unequal
    length, and UnpredictableRowError.
    """
    predictor = Predictor(artifact)
    return predictor.predict(
        [coded(columns[given.name]) if given.is_coded else columns[given.name] for given in predictor.inputs]
    )


def check_version(artifact: object) -> None:
    """Raises InvalidArtifactError unless this is an artifact of a version that can be read."""
    if not isinstance(artifact, dict) or "schema_version" not in artifact or "model" not in artifact:
        raise InvalidArtifactError("the document is no artifact: it has no schema_version or no model")
    version = artifact["schema_version"]
    if version not in SCHEMA_VERSIONS or isinstance(version, bool):
        *others, newest = SCHEMA_VERSIONS
        readable = f"{', '.join(map(str, others))} or {newest}"
        raise InvalidArtifactError(f"the artifact has schema_version {version!r}; readable: {readable}")
    if version == 1 and artifact.get("kind") != _KIND_OF_VERSION_1:
        raise InvalidArtifactError(f'the document is no artifact: its kind is not "{_KIND_OF_VERSION_1}"')


def model_in(artifact: Json) -> Model:
    """The artifact's model, as it was fitted. Raises InvalidArtifactError."""
    return _encoding_and_model(artifact)[1]


def _encoding_and_model(artifact: Json) -> tuple[Encoding, Model]:
    check_version(artifact)
    try:
        value = artifact["model"]
        if artifact["schema_version"] == 1:
            value = _of_version_1(value)
            encoding = Encoding(tuple(Input(name) for name in artifact["model"]["features"]))
        else:
            encoding = Encoding.from_json(artifact["signature"]["inputs"])
        return encoding, model_from_json(value, encoding.features)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidArtifactError(f"the signature is damaged: {error!r}") from error
    except DamagedModelError as error:
        raise InvalidArtifactError(f"the model is damaged: {error}") from error


def _decision(artifact: Json, classes: Sequence[str]) -> Decision:
    """How labels are predicted; before schema_version 3, the most probable class."""
    if artifact["schema_version"] < 3:
        return Decision(None, HALF, None)
    try:
        found = Decision.from_json(artifact["decision"])
    except (KeyError, TypeError) as error:
        raise InvalidArtifactError(f"the decision is damaged: {error!r}") from error
    if problem := found.problem(classes):
        raise InvalidArtifactError(f"the decision is damaged: {problem}")
    return found


def _of_version_1(value: object) -> Json:
    """The model of an artifact of schema_version 1, whose `features` are numbers that are not left out."""
    if not isinstance(value, dict):
        raise DamagedModelError("it is no object")
    for name in ("features", "left_out"):
        if name not in value:
            raise DamagedModelError(f"'{name}' is missing")
    return value | {
        "kind": "gaussian",
        "features": [{"name": name, "kind": "number"} for name in [*value["features"], *value["left_out"]]],
        "columns": [{"feature": name} for name in value["features"]],
        "tables": [],
    }
