"""The Gaussian discriminant as a family: what it needs is gathered in one pass over blocks of rows, however many."""

from collections.abc import Collection, Iterable, Sequence

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.gaussian.design import Design
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.fitting import fit
from shared.model.gaussian.gathering import gathered
from shared.model.gaussian.marginals import marginals
from shared.model.gaussian.naive_bayes import fit_naive_bayes
from shared.model.rows import Feature, Rows

# Numbers in the matrices of all classes. Some 32 bytes each in memory: 600 MB of the function's 1,769, twice over.
MOST_GATHERED = 10_000_000
MOST_STORED = 1_000_000  # some 20 MB of JSON


class GaussianFamily:
    """options: `covariance`, "diagonal", "pooled" or "full"."""

    kind = Discriminant.kind

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Discriminant:
        covariance = options["covariance"]
        if covariance == "diagonal":
            design = Design.counting(features)
            alone = marginals(rows, design)
            _check_classes(alone.rows, classes)
            return fit_naive_bayes(alone, design, features, classes)
        design = Design.of(features)
        _check_memory(design.width, classes, covariance)
        found = gathered(rows, design)
        _check_classes(found.moments, classes)
        return fit(found, design, features, classes, covariance)

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Discriminant:
        return Discriminant.from_json(value, features, classes)


def _check_classes(found: Collection[int], classes: Sequence[str]) -> None:
    if len(found) < 2:
        held = next((classes[label] for label in found), None)
        raise InvalidDatasetError(
            f"the training rows hold only the class {held!r}; at least two are needed "
            '(split "shuffled" mixes the rows before they are divided)'
        )


def _check_memory(width: int, classes: Sequence[str], covariance: str) -> None:
    """A scatter matrix a class is held twice while blocks merge; of `full`, each goes into the artifact as well."""
    numbers = len(classes) * width * width
    most = MOST_STORED if covariance == "full" else MOST_GATHERED
    if numbers > most:
        raise InvalidDatasetError(
            f"{len(classes)} classes and {width} columns (indicators of categories among them) are {numbers:,d} "
            f'numbers in covariance matrices, and covariance "{covariance}" takes {most:,d} at most: covariance '
            '"diagonal" or model "logistic" does with fewer, and so do fewer columns (exclude_columns)'
        )


GAUSSIAN = GaussianFamily()
