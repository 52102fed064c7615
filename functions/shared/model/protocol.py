"""What every family of models offers. Whoever fits, scores, stores or describes a model knows this and no family."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from shared.event_fields import Json
from shared.model.importance import Importance
from shared.model.rows import Feature, Rows


class Model(Protocol):
    """A fitted model.

    kind: the family's. features: those it was given; left_out: name of a feature -> why the fit does not use it.
    classes: those that it can predict, sorted: the given ones that the rows held.
    """

    @property
    def kind(self) -> str: ...
    @property
    def features(self) -> tuple[Feature, ...]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def left_out(self) -> dict[str, str]: ...

    def probabilities(self, columns: Sequence[Sequence[float]]) -> list[list[float]]:
        """Class probabilities (K lists of n) of rows given by column, in the order of `features`.

        A row's add up to 1, or are all NaN where float64 cannot tell any class from another. The columns of
        features that are left out are not looked at.
        """
        ...

    def to_json(self) -> Json:
        """All that `from_json` needs beside features and classes; `left_out` is among it. Floats are finite."""
        ...

    def problems(self) -> Iterator[str]:
        """What a schema cannot see: numbers that do not fit together, each in words. Nothing for a sound model."""
        ...

    def describe(self) -> str:
        """What it is, in words that end a sentence beginning with "It is"; HTML-free."""
        ...

    def importance(self) -> Importance:
        """What matters in it."""
        ...


class Family(Protocol):
    """How to make a model. One object a family, found through `shared.model.registry`."""

    @property
    def kind(self) -> str: ...

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> Model:
        """The model of train rows, which come in blocks of any size, in the order of the data.

        classes: sorted. options: the family's own. The same rows give the same model, whatever the blocks, up to
        rounding. Raises InvalidDatasetError where no model can be fitted, with what would help.
        """
        ...

    def from_json(self, value: Json, features: Sequence[Feature], classes: Sequence[str]) -> Model:
        """The model that `to_json` wrote, number for number.

        Raises KeyError, TypeError, ValueError or OverflowError for what it never wrote; what these do not find,
        `problems` tells.
        """
        ...
