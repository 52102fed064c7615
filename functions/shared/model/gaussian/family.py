"""The Gaussian discriminant as a family: what it needs is gathered in one pass over blocks of rows, however many."""

from collections.abc import Iterable, Sequence

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.gaussian.design import Design
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.fitting import fit
from shared.model.gaussian.gathering import gathered
from shared.model.gaussian.naive_bayes import fit_naive_bayes
from shared.model.rows import Feature, Rows


class GaussianFamily:
    """options: `covariance`, "diagonal", "pooled" or "full"."""

    kind = Discriminant.kind

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Discriminant:
        covariance = options["covariance"]
        diagonal = covariance == "diagonal"
        design = Design.counting(features) if diagonal else Design.of(features)
        found = gathered(rows, design)
        if len(found.moments) < 2:
            held = next((classes[label] for label in found.moments), None)
            raise InvalidDatasetError(
                f"the training rows hold only the class {held!r}; at least two are needed "
                '(split "shuffled" mixes the rows before they are divided)'
            )
        if diagonal:
            return fit_naive_bayes(found, design, features, classes)
        return fit(found, design, features, classes, covariance)

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Discriminant:
        return Discriminant.from_json(value, features, classes)


GAUSSIAN = GaussianFamily()
