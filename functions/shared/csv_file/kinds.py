"""The kinds of column: what reads the cells of each, and what is gathered of them. kind_rules tells which is which."""

from dataclasses import dataclass
from typing import Any, cast

from shared.csv_file.cells import MissingTokens
from shared.csv_file.date_statistics import NO_DATES, DateStatistics
from shared.csv_file.dates import DateForm, DateReader
from shared.csv_file.exact_statistics import NO_NUMBERS, ExactStatistics
from shared.csv_file.numbers import PLAIN, NumberNotation, NumberReader
from shared.csv_file.texts import FLAGS, TextCounts, TextReader

NUMBER, FLAG, DATE, CATEGORY = KINDS = ("number", "flag", "date", "category")
NEARLY = 0.95  # from this share of distinct values on, a text column names its rows
FEW_EXCEPTIONS = 0.1  # up to this share of a sample may contradict its kind
_LONG_ENOUGH = (
    5  # rows from which on integers that count up by one, or texts that never repeat, tell something
)

Reader = NumberReader | DateReader | TextReader
Statistics = ExactStatistics | DateStatistics | TextCounts


@dataclass(frozen=True)
class Kind:
    """What a column is and how its cells write it; notation is None for a category."""

    name: str
    notation: NumberNotation | DateForm | tuple[str, str] | None = None

    @property
    def notation_text(self) -> str | None:
        """The notation as it stands in a manifest."""
        if isinstance(self.notation, tuple):
            return "/".join(self.notation)
        return None if self.notation is None else str(self.notation)

    @classmethod
    def from_text(cls, name: str, notation: str | None) -> "Kind":
        """The kind of a manifest's column; raises ValueError for what no manifest says."""
        if name == NUMBER:
            return cls(NUMBER, NumberNotation.from_text(notation) if notation else PLAIN)
        if name == DATE and notation:
            return cls(DATE, DateForm.from_text(notation))
        flag = next((flag for flag in FLAGS if notation == "/".join(flag)), None)
        if name == FLAG and flag:
            return cls(FLAG, flag)
        if name == CATEGORY and not notation:
            return cls(CATEGORY)
        raise ValueError(f"{name!r} with the notation {notation!r} is no kind of column")

    @property
    def coded(self) -> bool:
        """Whether cells become codes into texts, and not floats."""
        return self.name in (FLAG, CATEGORY)

    def reader(self, missing: MissingTokens, known: frozenset[str] | None = None) -> Reader:
        """What reads cells of such a column; known: as in TextReader."""
        match self.notation:
            case NumberNotation() as notation:
                return NumberReader(notation, missing)
            case DateForm() as form:
                return DateReader(form, missing)
            case flag:
                return TextReader(missing, flag, known)

    @property
    def nothing_yet(self) -> Statistics:
        """The statistics of no rows."""
        if self.name == NUMBER:
            return NO_NUMBERS
        return NO_DATES if self.name == DATE else TextCounts()


PLAIN_NUMBER = Kind(NUMBER, PLAIN)


def merged(earlier: Statistics, later: Statistics) -> Statistics:
    """The statistics of both stretches of one column, and so of one kind."""
    return earlier.merge(cast("Any", later))
