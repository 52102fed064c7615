"""The Gaussian discriminant as a family: what it needs is gathered in one pass over blocks of rows, however many."""

from collections.abc import Collection, Iterable, Sequence

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.mergeable import Mergeable
from shared.model.gaussian.design import Design
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.fitting import fit
from shared.model.gaussian.gathering import Gathered, gathered
from shared.model.gaussian.marginals import Marginals, marginals
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
        return self.fit_gathered(
            self.gather(rows, features, len(classes), options), features, classes, options
        )

    def gather(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: int, options: Json
    ) -> Gathered | Marginals:
        """What a fit needs of the rows, which come in blocks; what is gathered of several stretches merges.

        Raises InvalidDatasetError where it would be too much for memory.
        """
        if options["covariance"] == "diagonal":
            return marginals(rows, Design.counting(features))
        design = Design.of(features)
        _check_memory(design.width, classes, options["covariance"])
        return gathered(rows, design)

    def fit_gathered(
        self, found: Mergeable, features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Discriminant:
        """The model of the rows that this was gathered of. Raises InvalidDatasetError as `fit` does."""
        if isinstance(found, Marginals):
            _check_classes(found.rows, classes)
            return fit_naive_bayes(found, Design.counting(features), features, classes)
        assert isinstance(found, Gathered)
        _check_classes(found.moments, classes)
        return fit(found, Design.of(features), features, classes, options["covariance"])

    def gathering_from_state(self, state: object, options: Json) -> Gathered | Marginals:
        """What was gathered with these options, from its `to_state`."""
        kind = Marginals if options["covariance"] == "diagonal" else Gathered
        return kind.from_state(state)

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Discriminant:
        return Discriminant.from_json(value, features, classes)


def _check_classes(found: Collection[int], classes: Sequence[str]) -> None:
    if len(found) < 2:
        held = next((classes[label] for label in found), None)
        raise InvalidDatasetError(
            f"the training rows hold only the class {held!r}; at least two are needed "
            '(split "shuffled" mixes the rows before they are divided)'
        )


def _check_memory(width: int, classes: int, covariance: str) -> None:
    """A scatter matrix a class is held twice while blocks merge; of `full`, each goes into the artifact as well."""
    numbers = classes * width * width
    most = MOST_STORED if covariance == "full" else MOST_GATHERED
    if numbers > most:
        raise InvalidDatasetError(
            f"{classes} classes and {width} columns (indicators of categories among them) are {numbers:,d} "
            f'numbers in covariance matrices, and covariance "{covariance}" takes {most:,d} at most: covariance '
            '"diagonal" or model "logistic" does with fewer, and so do fewer columns (exclude_columns)'
        )


GAUSSIAN = GaussianFamily()
