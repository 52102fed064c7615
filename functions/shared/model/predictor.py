"""Prediction from a published artifact alone: parsed JSON and columns in, labels and probabilities out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.event_fields import Json
from shared.model.probabilities import predicted_of
from shared.model.protocol import Model
from shared.model.registry import DamagedModelError, model_from_json

SCHEMA_VERSIONS = (1, 2)  # of the artifacts that can be read here
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

    features: the d columns it reads, in order; classes: the K class names. Raises InvalidArtifactError for
    a document of another version, or with a model that is incomplete or contradicts itself.
    """

    def __init__(self, artifact: Json) -> None:
        self._model = model_in(artifact)
        self._places = [
            j for j, feature in enumerate(self._model.features) if feature.name not in self._model.left_out
        ]
        self.features = tuple(self._model.features[j].name for j in self._places)
        self.classes = self._model.classes

    def predict(self, columns: Sequence[Sequence[float]]) -> Prediction:
        """The prediction for n rows; columns: the d features, n finite values each.

        Raises UnpredictableRowError for a row so far out that no class has a density float64 can tell.
        """
        given: list[Sequence[float]] = [()] * len(self._model.features)
        for j, column in zip(self._places, columns, strict=True):
            given[j] = column
        probabilities = self._model.probabilities(given)
        for row, value in enumerate(probabilities[0]):
            if math.isnan(value):
                raise UnpredictableRowError(row)
        return Prediction([self.classes[k] for k in predicted_of(probabilities)], probabilities)


def predict(artifact: Json, columns: Mapping[str, Sequence[float]]) -> Prediction:
    """Labels and class probabilities of rows, from an artifact alone.

    columns: name -> n finite values; columns that the model does not read are ignored. Raises
    InvalidArtifactError, KeyError for a feature that is not among the columns, ValueError for columns of
    unequal length, and UnpredictableRowError.
    """
    predictor = Predictor(artifact)
    return predictor.predict([columns[name] for name in predictor.features])


def check_version(artifact: object) -> None:
    """Raises InvalidArtifactError unless this is an artifact of a version that can be read."""
    if not isinstance(artifact, dict) or "schema_version" not in artifact or "model" not in artifact:
        raise InvalidArtifactError("the document is no artifact: it has no schema_version or no model")
    version = artifact["schema_version"]
    if version not in SCHEMA_VERSIONS or isinstance(version, bool):
        readable = " or ".join(map(str, SCHEMA_VERSIONS))
        raise InvalidArtifactError(f"the artifact has schema_version {version!r}; readable: {readable}")
    if version == 1 and artifact.get("kind") != _KIND_OF_VERSION_1:
        raise InvalidArtifactError(f'the document is no artifact: its kind is not "{_KIND_OF_VERSION_1}"')


def model_in(artifact: Json) -> Model:
    """The artifact's model, as it was fitted. Raises InvalidArtifactError."""
    check_version(artifact)
    try:
        value = artifact["model"]
        return model_from_json(_of_version_1(value) if artifact["schema_version"] == 1 else value)
    except DamagedModelError as error:
        raise InvalidArtifactError(f"the model is damaged: {error}") from error


def _of_version_1(value: object) -> Json:
    """The model of an artifact of schema_version 1, whose `features` are numbers that are not left out."""
    if not isinstance(value, dict):
        raise DamagedModelError("it is no object")
    for name in ("features", "left_out"):
        if name not in value:
            raise DamagedModelError(f"'{name}' is missing")
    return value | {
        "kind": "gaussian",
        "features": [{"name": name} for name in [*value["features"], *value["left_out"]]],
        "columns": [{"feature": name} for name in value["features"]],
        "tables": [],
    }
