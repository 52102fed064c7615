"""What an artifact says of what its model goes by, as types."""

from typing import Any, Literal, NotRequired, TypedDict


class ShuffledColumn(TypedDict):
    """mean, deviation: of the rise in log loss when it is shuffled with its group; group: index into `groups`."""

    name: str
    mean: float
    deviation: float
    group: int | None


class ShuffledGroup(TypedDict):
    columns: list[str]
    mean: float
    deviation: float


class Permutation(TypedDict):
    """loss: of the rows as they are; of_columns: how many the model reads."""

    rows: int
    repeats: int
    loss: float
    of_columns: int
    columns: list[ShuffledColumn]
    groups: list[ShuffledGroup]


class PartialDependence(TypedDict):
    column: str
    kind: Literal["number", "date", "category"]
    values: list[float | str]
    probabilities: dict[str, list[float]]


class Explanation(TypedDict):
    """What the model is and goes by. measure: as shared.model.importance reads it; the last two: absent of a model
    from before artifacts had them."""

    description: str
    measure: dict[str, Any]
    permutation: NotRequired[Permutation | None]
    partial_dependence: NotRequired[list[PartialDependence]]
