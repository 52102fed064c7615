"""Prediction from a published artifact alone: parsed JSON and columns in, labels and probabilities out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.event_fields import Json
from summarize.discriminant import Discriminant, Scorer, predicted_of, probabilities_of

KIND = "gaussian_discriminant"
SCHEMA_VERSIONS = (1,)  # of the artifacts that can be read here


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
    a document of another kind or version, or with a model that is incomplete or contradicts itself.
    """

    def __init__(self, artifact: Json) -> None:
        check_version(artifact)
        try:
            model = Discriminant.from_json(artifact["model"])
        except KeyError as error:
            raise InvalidArtifactError(f"the model is damaged: {error} is missing") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidArtifactError(f"the model is damaged: {error}") from error
        if problem := next(_problems(model), None):
            raise InvalidArtifactError(f"the model is damaged: {problem}")
        try:
            self._scorer = Scorer(model)
        except (ValueError, ZeroDivisionError) as error:  # a root or logarithm of what is not positive
            raise InvalidArtifactError(
                "the model is damaged: a covariance is not positive definite"
            ) from error
        self.features = model.features
        self.classes = model.classes

    def predict(self, columns: Sequence[Sequence[float]]) -> Prediction:
        """The prediction for n rows; columns: the d features, n finite values each.

        Raises UnpredictableRowError for a row so far out that no class has a density float64 can tell.
        """
        scores = self._scorer.scores(columns)
        for row, of_row in enumerate(zip(*scores, strict=True)):
            if not math.isfinite(max(of_row)) or any(map(math.isnan, of_row)):
                raise UnpredictableRowError(row)
        return Prediction([self.classes[k] for k in predicted_of(scores)], probabilities_of(scores))


def predict(artifact: Json, columns: Mapping[str, Sequence[float]]) -> Prediction:
    """Labels and class probabilities of rows, from an artifact alone.

    columns: name -> n finite values; columns that the model does not read are ignored. Raises
    InvalidArtifactError, KeyError for a feature that is not among the columns, ValueError for columns of
    unequal length, and UnpredictableRowError.
    """
    predictor = Predictor(artifact)
    return predictor.predict([columns[name] for name in predictor.features])


def check_version(artifact: object) -> None:
    """Raises InvalidArtifactError unless this is an artifact of a kind and version that can be read."""
    if not isinstance(artifact, dict) or artifact.get("kind") != KIND:
        raise InvalidArtifactError(f'the document is no artifact: its kind is not "{KIND}"')
    version = artifact.get("schema_version")
    if version not in SCHEMA_VERSIONS or isinstance(version, bool):
        readable = " or ".join(map(str, SCHEMA_VERSIONS))
        raise InvalidArtifactError(f"the artifact has schema_version {version!r}; readable: {readable}")


def _problems(model: Discriminant) -> Iterator[str]:
    """What a schema cannot see: numbers of features, classes and parameters that do not fit together."""
    d, k = len(model.features), len(model.classes)
    shapes = {"diagonal": [d] * k, "pooled": [d], "full": [d] * k}
    if model.covariance not in shapes:
        yield f"covariance {model.covariance!r} is none of {', '.join(shapes)}"
        return
    if not d or k < 2:
        yield f"{d} features and {k} classes"
    for what, names in (("features", model.features), ("classes", model.classes)):
        if not all(map(_is_text, names)):
            yield f"{what} has a name that is no text"
        if len(set(names)) < len(names):
            yield f"{what} has a name twice"
    if len(model.priors) != k:
        yield f"priors has {len(model.priors)} numbers for {k} classes"
    if [len(mean) for mean in model.means] != [d] * k:
        yield f"means is not {k} rows of {d} numbers"
    if [len(entry) for entry in model.covariances] != shapes[model.covariance]:
        yield f"covariances does not fit {k} classes and {d} features"
    square = model.covariance != "diagonal"
    rows = [row for matrix in model.covariances for row in matrix] if square else list(model.covariances)
    if any(len(row) != d for row in rows):
        yield f"covariances has a row that is not {d} numbers"
        return
    numbers = [model.priors, *model.means, *rows]
    if not all(math.isfinite(value) for row in numbers for value in row):
        yield "a number is NaN or infinite"
    if min(model.priors, default=1.0) <= 0.0:
        yield "a prior is not positive"
    if any(not _is_symmetric(matrix) for matrix in (model.covariances if square else ())):
        yield "a covariance matrix is not symmetric"


def _is_symmetric(matrix: Sequence[Sequence[float]]) -> bool:
    """Up to rounding: where rows are merged, the two halves are rounded apart."""
    return all(
        abs(row[j] - matrix[j][i]) <= 1e-9 * math.sqrt(abs(row[i] * matrix[j][j]))
        for i, row in enumerate(matrix)
        for j in range(i)
    )


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:  # a lone surrogate, which JSON can spell and UTF-8 cannot
        return False
