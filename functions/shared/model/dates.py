"""What a date tells beside its place in time: the parts of the calendar, as numbers, and whether they vary."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _month(seconds: float) -> float:
    return float((_EPOCH + timedelta(days=seconds // _DAY)).month)


# name -> (the number of a second since 1970-01-01 UTC, seconds in which it goes round). Monday is 0.
CALENDAR: dict[str, tuple[Callable[[float], float], float]] = {
    "hour": (lambda seconds: seconds // 3600.0 % 24.0, _DAY),
    "day of week": (lambda seconds: (seconds // _DAY + 3.0) % 7.0, 7 * _DAY),
    "month": (_month, 366 * _DAY),
}
TIMES_ROUND = 2  # of a column that orders the rows: a part that came round once cannot be told from a trend


def calendar_part(part: str, seconds: Iterable[float]) -> list[float]:
    """The part of the calendar at each of the moments; NaN where the moment is."""
    of_moment = CALENDAR[part][0]
    of_hour: dict[float, float] = {}  # no part changes within an hour, and a column has few of them
    result = []
    for moment in seconds:
        if moment != moment:
            result.append(moment)
            continue
        hour = moment // 3600.0
        if hour not in of_hour:
            of_hour[hour] = of_moment(hour * 3600.0)
        result.append(of_hour[hour])
    return result


@dataclass(frozen=True)
class DateRange:
    """Of the dates of some rows: the first, the last, and which numbers each part of the calendar takes."""

    first: float = math.inf
    last: float = -math.inf
    parts: dict[str, frozenset[float]] = field(default_factory=lambda: dict.fromkeys(CALENDAR, frozenset()))

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Self:
        hours = {moment // 3600.0 * 3600.0 for moment in seconds if moment == moment}
        present = [moment for moment in seconds if moment == moment]
        if not present:
            return cls()
        parts = {name: frozenset(map(of_moment, hours)) for name, (of_moment, _) in CALENDAR.items()}
        return cls(min(present), max(present), parts)

    def merge(self, later: Self) -> Self:
        return type(self)(
            min(self.first, later.first),
            max(self.last, later.last),
            {name: self.parts[name] | later.parts[name] for name in CALENDAR},
        )

    def to_state(self) -> object:
        if self.first > self.last:
            return None
        return [self.first, self.last, {name: sorted(found) for name, found in self.parts.items()}]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        if state is None:
            return cls()
        first, last, parts = state
        return cls(first, last, {name: frozenset(found) for name, found in parts.items()})

    def varying(self, times_round: float = 0) -> list[str]:
        """The parts of the calendar that vary and that the dates go round at least so many times."""
        return [
            name
            for name, (_, period) in CALENDAR.items()
            if len(self.parts[name]) > 1 and self.last - self.first >= times_round * period
        ]
