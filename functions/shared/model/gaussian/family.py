"""The Gaussian discriminant as a family: its moments are gathered in one pass over blocks of rows, however many."""

from collections.abc import Iterable, Sequence
from itertools import compress

from shared.event_fields import Json
from shared.model.gaussian.discriminant import Discriminant
from shared.model.gaussian.fitting import fit
from shared.model.gaussian.moments import Moments, merge_by_class, moments_of
from shared.model.rows import Feature, Rows


class GaussianFamily:
    """options: `covariance`, "diagonal", "pooled" or "full"."""

    kind = Discriminant.kind

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Discriminant:
        gathered = moments_by_class(rows)
        return fit({classes[k]: found for k, found in gathered.items()}, features, options["covariance"])

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Discriminant:
        return Discriminant.from_json(value, features, classes)


GAUSSIAN = GaussianFamily()


def moments_by_class(rows: Iterable[Rows]) -> dict[int, Moments]:
    """Class index -> moments of that class's rows in all blocks."""
    total: dict[int, Moments] = {}
    for block in rows:
        for label in set(block.labels):
            mask = _equals(block.labels, label)
            selected = [list(compress(column, mask)) for column in block.columns]
            total = merge_by_class(total, {label: moments_of(selected)})
    return total


def _equals(labels: Sequence[int], label: int) -> Sequence[int]:
    """A true value per row with this label."""
    if isinstance(labels, bytes):  # at the speed of memory
        return labels.translate(bytes(label) + b"\1" + bytes(255 - label))
    return [other == label for other in labels]
