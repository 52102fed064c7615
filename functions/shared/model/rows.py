"""What a family sees of a dataset: columns of numbers and codes, and class indices. Nothing of files, texts or S3."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Feature:
    """A column as a model sees it.

    values: None for a number (NaN where the cell is missing). Else the column is a category of these values, the
    most frequent of the train rows first, and its cells are codes: 0 is missing, 1 is any other value (rare or
    unseen), 2 + k is values[k].
    """

    name: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Rows:
    """n rows by column.

    columns: a sequence of n per feature, floats with NaN or the codes of a category (ints). labels: the class of
    each row as an index into the classes; empty where rows are only scored. places: where the rows stand in the data;
    empty where nobody asks.
    """

    columns: Sequence[Sequence[Any]]
    labels: Sequence[int] = ()
    places: Sequence[int] = ()


def gathered(blocks: Iterable[Rows], features: Sequence[Feature]) -> Rows:
    """All rows in one. Codes and labels are below 65,536; labels are bytes where there are 256 classes at most."""
    columns = [array("d" if feature.values is None else "H") for feature in features]
    labels: list[int] = []
    for block in blocks:
        for column, more in zip(columns, block.columns, strict=True):
            column.extend(more)
        labels.extend(block.labels)
    return Rows(columns, bytes(labels) if max(labels, default=0) < 256 else array("H", labels))
