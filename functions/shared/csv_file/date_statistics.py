"""What is gathered of a column of dates: statistics of its seconds, and whether it is in the order of the rows."""

from collections.abc import Sequence
from operator import ge, le
from typing import NamedTuple

from shared.csv_file.exact_statistics import NO_NUMBERS, ExactStatistics
from shared.event_fields import Json


class RowOrder(NamedTuple):
    """Whether a column rises or falls with the rows (missing cells aside), as far as they go, equal ones allowed."""

    first: float | None
    last: float | None
    rises: bool
    falls: bool

    @classmethod
    def of(cls, values: Sequence[float]) -> "RowOrder":
        """The order of floats without NaN."""
        if not values:
            return NO_ORDER
        rises = all(map(le, values, values[1:]))
        return cls(values[0], values[-1], rises, all(map(ge, values, values[1:])))

    def merge(self, later: "RowOrder") -> "RowOrder":
        if self.first is None or self.last is None:
            return later
        if later.first is None:
            return self
        return RowOrder(
            self.first,
            later.last,
            self.rises and later.rises and self.last <= later.first,
            self.falls and later.falls and self.last >= later.first,
        )

    @property
    def direction(self) -> str | None:
        """ "rises", "falls", or None: a column of one value only orders nothing."""
        if self.first is None or self.rises == self.falls:
            return None
        return "rises" if self.rises else "falls"


NO_ORDER = RowOrder(None, None, True, True)


class DateStatistics(NamedTuple):
    """What is gathered of a date column: statistics of its seconds, and its order."""

    seconds: ExactStatistics
    order: RowOrder

    def merge(self, later: "DateStatistics") -> "DateStatistics":
        return DateStatistics(self.seconds.merge(later.seconds), self.order.merge(later.order))

    def to_state(self) -> Json:
        return {"seconds": self.seconds.to_state(), "order": list(self.order)}

    @classmethod
    def from_state(cls, state: Json) -> "DateStatistics":
        return cls(ExactStatistics.from_state(state["seconds"]), RowOrder(*state["order"]))

    @property
    def present(self) -> int:
        return self.seconds.present

    def to_json(self) -> Json:
        """The statistics in seconds since 1970-01-01 UTC, and "rises" or "falls" where the rows are in that order."""
        return self.seconds.to_json() | {"order": self.order.direction}


NO_DATES = DateStatistics(NO_NUMBERS, NO_ORDER)
