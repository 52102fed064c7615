"""Dates and times of day: ISO 8601 and the common day-month-year forms, one form a column, as seconds since 1970 UTC.

A notation is told by its form: `YYYY-MM-DD`, `DD/MM/YYYY hh:mm`, `YYYY-MM-DD hh:mm zone`. A time without a zone is
taken as UTC.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from shared.csv_file.cells import MissingTokens, as_text
from shared.csv_file.problems import CellError

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_REMEMBERED = (
    1 << 15
)  # days and times of day by their text: memory must not grow with what a file has of them
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_FIELDS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "Mon": rf"(?P<name>{_MONTH})\.?",
}
# In this order: of several that read a sample alike, the first is meant (but see guess_form).
DAY_FORMS = (
    *("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD"),
    *(f"DD{sep}MM{sep}{year}" for sep in "/-." for year in ("YYYY", "YY")),
    *(f"MM{sep}DD{sep}{year}" for sep in "/-." for year in ("YYYY", "YY")),
    *(f"DD{sep}Mon{sep}{year}" for sep in " -" for year in ("YYYY", "YY")),
    *("Mon DD, YYYY", "Mon DD YYYY", "YYYY-Mon-DD"),
    *("YYYY-MM", "Mon YYYY", "Mon-YYYY", "Mon-YY", "YYYYMMDD"),
)
_TIME = (
    r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?P<f>[.,]\d{1,9})?)?(?:\s?(?P<half>am|pm))?"
    r"(?:\s?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
)
_SAMPLE_TRIED = 20  # cells by which forms are picked that are worth counting
_PIVOT = 69  # two digits from here on are of the last century (POSIX strptime)


@dataclass(frozen=True)
class DateForm:
    """day: one of DAY_FORMS, or "" for a time of day alone; time, zone: whether every cell has one."""

    day: str
    time: bool = False
    zone: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.day, "hh:mm" * self.time, "zone" * self.zone)))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The form that `str` gives; raises ValueError for any other text."""
        rest = text.removesuffix(" zone")
        day = rest.removesuffix("hh:mm").rstrip()
        form = cls(day, rest.endswith("hh:mm"), rest != text)
        if str(form) != text or (day and day not in DAY_FORMS) or not (day or form.time):
            raise ValueError(f"{text!r} is no form of dates, such as YYYY-MM-DD or DD/MM/YYYY hh:mm")
        return form

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        day = "".join(
            _FIELDS.get(piece, re.escape(piece)) for piece in re.split(r"(YYYY|YY|MM|DD|Mon)", self.day)
        )
        if self.day == "YYYYMMDD":
            day = r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
        if self.time:
            day += (r"(?:\s+|T)" if self.day else "") + r"(?P<time>\d{1,2}:\d\d.*)"
        return re.compile(rf"\s*{day}\s*", re.ASCII | re.IGNORECASE)

    def seconds(self, text: str) -> float:
        """Seconds since 1970-01-01 UTC of a cell; raises ValueError where it is not of this form."""
        match = self._pattern.fullmatch(text)
        if not match:
            raise ValueError(text)
        found = match.groupdict()
        return (_day_seconds(found) if self.day else 0.0) + (
            self.time_seconds(found["time"]) if self.time else 0.0
        )

    def time_seconds(self, text: str) -> float:
        """Seconds that a time of day adds, with its zone where the form has one; raises ValueError for another."""
        match = re.fullmatch(_TIME, text.strip(), re.ASCII | re.IGNORECASE)
        if not match or bool(match["zone"]) != self.zone:
            raise ValueError(text)
        hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
        if match["half"]:
            if not 1 <= hour <= 12:
                raise ValueError(text)
            hour = hour % 12 + 12 * (match["half"].lower() == "pm")
        if hour > 23 or minute > 59 or second > 60:
            raise ValueError(text)
        fraction = float(match["f"].replace(",", ".")) if match["f"] else 0.0
        return hour * 3600 + minute * 60 + second + fraction - _zone_seconds(match["zone"] or "")

    @property
    def fixed_day(self) -> bool:
        """Whether the day takes the first ten characters and the rest is the time."""
        return self.day == "YYYY-MM-DD" and self.time


def _day_seconds(found: dict[str, str]) -> float:
    year = int(found["year"]) if found.get("year") else 0
    if found.get("short"):
        year = int(found["short"])
        year += 1900 if year >= _PIVOT else 2000
    month = _MONTHS.index(found["name"][:3].lower()) + 1 if found.get("name") else int(found["month"])
    return float((date(year, month, int(found.get("day") or 1)).toordinal() - _EPOCH) * _DAY)


def _zone_seconds(zone: str) -> int:
    if zone[:1] not in ("+", "-"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return int(zone[0] + "1") * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)


@dataclass(frozen=True)
class DateGuess:
    """fits: how many cells the form reads; others: forms that read as many, but other days."""

    form: DateForm
    fits: int
    others: tuple[DateForm, ...] = ()


def guess_form(cells: Sequence[str], first: str = "") -> DateGuess | None:
    """The form that reads most of the cells, None where none reads one of the first few.

    first: "day" or "month" says which of the two comes first where both are numbers.
    """
    if not any(any(map(str.isdigit, cell)) for cell in cells[:_SAMPLE_TRIED]):
        return None
    unwanted = {"day": "MM", "month": "DD"}.get(first)
    days = [form for form in DAY_FORMS if "Mon" in form or not unwanted or not form.startswith(unwanted)]
    candidates = [DateForm("", True), DateForm("", True, True)]
    candidates += [DateForm(day, *tail) for day in days for tail in ((False,), (True,), (True, True))]
    first_few = cells[:_SAMPLE_TRIED]
    candidates = [
        form for form in candidates if any(not math.isnan(_seconds_or_nan(form, cell)) for cell in first_few)
    ]
    best, mine = None, []
    read = {form: [_seconds_or_nan(form, cell) for cell in cells] for form in candidates}
    for form, values in read.items():
        fits = sum(value == value for value in values)
        if best is None or fits > best.fits:
            best, mine = DateGuess(form, fits), values
    if best is None:
        return None
    others = tuple(
        form
        for form, theirs in read.items()
        if form != best.form
        and sum(value == value for value in theirs) == best.fits
        and any(a != b for a, b in zip(mine, theirs, strict=True) if a == a and b == b)
    )
    return DateGuess(best.form, best.fits, others)


def _seconds_or_nan(form: DateForm, cell: str) -> float:
    try:
        return form.seconds(cell)
    except ValueError:
        return math.nan


class _Memo(dict):
    """Text -> seconds, computed once; raises ValueError for what is none."""

    def __init__(self, seconds: Callable[[bytes | str], float]) -> None:
        self._seconds = seconds

    def __missing__(self, text: bytes | str) -> float:
        value = self._seconds(text)
        if len(self) < _REMEMBERED and len(text) < 64:
            self[text] = value
        return value


class DateReader:
    """Cells of one column as seconds since 1970-01-01 UTC, NaN where one is missing."""

    def __init__(self, form: DateForm, missing: MissingTokens) -> None:
        self._form = form
        self._missing = missing
        self._whole = _Memo(self._of_cell)
        self._days = _Memo(self._of_day)
        self._times = _Memo(self._of_time)

    def all_of(self, cells: list[bytes] | list[str], plain: bool) -> list[float] | None:
        """The whole block at once; None where a cell has to be looked at by itself."""
        try:
            if self._form.fixed_day:
                return self._from_days_and_times(cells)
        except ValueError:
            pass  # spaces around, or no date: whole cells are looked up
        try:
            return list(map(self._whole.__getitem__, cells))
        except ValueError:
            return None

    def _from_days_and_times(self, cells: list[bytes] | list[str]) -> list[float]:
        """Few distinct days and times of day make many distinct cells: each is looked up by itself."""
        days, times = self._days, self._times
        if (
            len(cells) > 1 and cells[1][:1] == b"\n"
        ):  # a line's beginning stands in front of all but the first
            first = days[cells[0][:11]] + times[cells[0][11:]]
            return [first, *[days[cell[:12]] + times[cell[12:]] for cell in cells[1:]]]
        return [days[cell[:11]] + times[cell[11:]] for cell in cells]

    def one(self, cell: bytes | str) -> float:
        """The cell's seconds; raises CellError for what is neither of the form nor missing."""
        if self._missing.is_missing(cell):
            return math.nan
        try:
            return self._form.seconds(as_text(cell))
        except ValueError:
            raise CellError("not a date", self.expected) from None

    @property
    def expected(self) -> str:
        """In words, what a cell of such a column must be."""
        return f"{'a date' if self._form.day else 'a time'} written like {self._form}"

    def _of_cell(self, cell: bytes | str) -> float:
        return math.nan if self._missing.is_missing(cell) else self._form.seconds(as_text(cell))

    def _of_day(self, text: bytes | str) -> float:
        day = as_text(text)
        if len(day) == 11 and day[10] in "Tt " and day[4] == day[7] == "-":
            return float((date.fromisoformat(day[:10]).toordinal() - _EPOCH) * _DAY)
        return self._of_cell(day)  # a missing cell, as short as that

    def _of_time(self, text: bytes | str) -> float:
        return self._form.time_seconds(as_text(text)) if text else 0.0
