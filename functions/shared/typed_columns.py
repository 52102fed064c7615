"""Columns after reading and before any model: numbers with NaN where a cell is missing, and codes into texts.

Nothing here knows of CSV, of parts or of families; they all meet here.
"""

from array import array
from dataclasses import dataclass

MISSING = ""  # the value that stands for a missing cell in a coded column


@dataclass(frozen=True)
class CodedColumn:
    """A text column. codes: array('B' or 'H'), an index into `values` per row.

    values: the distinct texts by first appearance; "" is a missing cell.
    """

    codes: array
    values: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


# Numbers are float64 with NaN for a missing cell; a date is seconds since 1970-01-01 UTC.
type TypedColumn = array | list[float] | CodedColumn
