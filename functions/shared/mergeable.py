"""What is gathered row by row and adds up: values of two stretches of rows merge into the value of both.

A step that spreads over shards writes each shard's value as a state and merges them in the order of the rows.
The one law (tests/unit/shared/test_mergeable.py, for every such value): however the rows are cut and however
neighbours are merged, by way of their states or not, the result is that of all rows at once.
"""

from typing import Protocol, Self


class Mergeable(Protocol):
    """A value of the rows of one stretch of the data; `merge` changes neither of the two."""

    def merge(self, later: Self) -> Self:
        """The value of this stretch and the one right behind it."""

    def to_state(self) -> object:
        """The value as JSON, from which `from_state` makes it again to the last digit."""

    @classmethod
    def from_state(cls, state: object) -> Self:
        """The value whose `to_state` this was, after any number of travels as JSON text."""
