"""Parts of a dataset that are read when they are needed, and where their rows stand among all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shared.parts import Part


@dataclass(frozen=True)
class PartSource:
    """A part that is read when it is needed."""

    rows: int
    read: Callable[[], Part]


@dataclass(frozen=True)
class PlacedPart:
    """A part and the place of its first row among all rows; classes: rows by class, empty where nobody knows."""

    first: int
    source: PartSource
    classes: Mapping[str, int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.first + self.source.rows


@dataclass(frozen=True)
class Stretch:
    """Rows that follow one another. first: the place of the first one among all rows; before: of each class, how many
    rows come before it."""

    part: Part
    first: int
    before: Mapping[str, int]


class PlacedRows(Protocol):
    """Rows that are found by their place."""

    @property
    def rows(self) -> int: ...

    def parts(self, first: int, end: int) -> Iterator[PlacedPart]:
        """The parts that hold rows `first` to `end`, in order."""
        ...
