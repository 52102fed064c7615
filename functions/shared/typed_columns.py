"""Columns after reading and before any model: numbers with NaN where a cell is missing, and codes into texts.

Nothing here knows of CSV, of parts or of families; they all meet here.
"""

from array import array
from collections.abc import Iterable, Sequence
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


def coded(texts: Iterable[str]) -> CodedColumn:
    """Texts as a coded column."""
    places: dict[str, int] = {}
    codes = [places.setdefault(text, len(places)) for text in texts]
    return CodedColumn(array("B" if len(places) <= 256 else "H", codes), tuple(places))


def joined(pieces: Sequence[TypedColumn]) -> array | CodedColumn:
    """The pieces of one column, whose texts may be others in each; texts that no row has are gone."""
    numbers, codes = array("d"), array("H")
    places: dict[str, int] = {}
    for piece in pieces:
        if isinstance(piece, CodedColumn):
            used = dict.fromkeys(piece.codes)
            table = {code: places.setdefault(piece.values[code], len(places)) for code in used}
            codes.extend(map(table.__getitem__, piece.codes))
        else:
            numbers.extend(piece)
    if not isinstance(pieces[0], CodedColumn):
        return numbers
    return CodedColumn(array("B", codes) if len(places) <= 256 else codes, tuple(places))
