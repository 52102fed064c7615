"""What a single cell means, whatever its column: text, a missing value, a class label.

Cells are bytes on the fast path and str behind `csv.reader`; both mean the same.
"""

import math
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from shared.errors import InvalidDatasetError

# In lower case, as they are compared. In a label the others may be classes.
MISSING_TOKENS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "\\n", "#n/a", "<na>", "-"})
MISSING_LABELS = frozenset({"", "na", "nan", "null", "\\n"})
MAX_CLASSES = 1000
MAX_NAME_BYTES = 1024  # of a class or a feature; a request cannot name a longer one either
NO_LABEL = -1
_REMEMBERED = 1 << 14  # spellings of labels: memory must not grow with what a file has of them
_SHOWN = 60
_COUNTED_AS_BYTES = 16


def as_text(cell: bytes | str) -> str:
    """The cell as text. (The fast path leaves the line's beginning in front of its first cell.)"""
    return cell.decode().removeprefix("\n") if isinstance(cell, bytes) else cell


class MissingTokens:
    """What stands for a missing cell: the usual tokens and those that a request adds, whatever their case."""

    def __init__(self, added: Iterable[str] = ()) -> None:
        self.added = tuple(token.strip().lower() for token in added)
        self.tokens = MISSING_TOKENS.union(self.added)
        self.label_tokens = MISSING_LABELS.union(self.added)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """The added tokens that are numbers, such as -999, whichever way a cell spells them."""
        return frozenset(value for token in self.added if math.isfinite(value := _float_or_nan(token)))

    @cached_property
    def as_nan(self) -> dict[bytes | str, bytes | str]:
        """Cell -> "nan" for the usual spellings, for a look-up at the speed of a dict; others are looked at."""
        table: dict[bytes | str, bytes | str] = {}
        for token in self.tokens:
            for spelling in {token, token.upper(), token.capitalize(), "NaN" if token == "nan" else token}:
                table[spelling] = "nan"
                table[spelling.encode()] = table[b"\n" + spelling.encode()] = b"nan"
        return table

    def is_missing(self, cell: bytes | str) -> bool:
        return as_text(cell).strip().lower() in self.tokens


def _float_or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def shown(text: str) -> str:
    """The text in quotes, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def too_many_classes(column: str) -> InvalidDatasetError:
    return InvalidDatasetError(
        f"column {column!r} has more than {MAX_CLASSES} distinct values, so it is no class label "
        "(a regression target or an id?); choose another label_column"
    )


class LabelCodes(dict):
    """Cell -> class code, by first appearance; the class is the cell without the space around it.

    `classes[code]` is the class's name. A missing label has the code NO_LABEL; `any_missing` is then true.
    """

    def __init__(self, column: str, missing: frozenset[str] = MISSING_LABELS) -> None:
        self.classes: list[str] = []
        self.any_missing = False
        self._column = column
        self._missing = missing

    def __missing__(self, cell: bytes | str) -> int:
        name = as_text(cell).strip()
        if len(name.encode()) > MAX_NAME_BYTES:
            raise InvalidDatasetError(
                f"column {self._column!r} has the value {shown(name)} of {len(name):,} characters, so it is no class "
                f"label (up to {MAX_NAME_BYTES} bytes); choose another label_column"
            )
        if name.lower() in self._missing:
            self.any_missing = True
            code = NO_LABEL
        elif name in self.classes:
            code = self.classes.index(name)
        elif len(self.classes) < MAX_CLASSES:
            self.classes.append(name)
            code = len(self.classes) - 1
        else:
            raise too_many_classes(self._column)
        if len(self) < _REMEMBERED and len(cell) <= MAX_NAME_BYTES:
            self[cell] = code
        return code

    def count(self, codes: list[int]) -> Counter[str]:
        """Rows per class name. Few classes are counted at the speed of memory."""
        if len(self.classes) <= _COUNTED_AS_BYTES:
            packed = bytes(codes)
            return Counter(
                {name: count for code, name in enumerate(self.classes) if (count := packed.count(code))}
            )
        return Counter({self.classes[code]: count for code, count in Counter(codes).items()})
