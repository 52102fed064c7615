"""The member `groups` of an artifact, as types."""

from typing import TypedDict

# `class` is no name that a class statement could give a member.
GroupClass = TypedDict("GroupClass", {"class": str, "rows": int, "recall": float, "interval": list[float]})


class Group(TypedDict):
    """The test rows of one value of a column; value: None of missing cells, and of the others together."""

    value: str | None
    others: bool
    rows: int
    accuracy: float
    interval: list[float]
    classes: list[GroupClass]


class ColumnGroups(TypedDict):
    column: str
    groups: list[Group]
