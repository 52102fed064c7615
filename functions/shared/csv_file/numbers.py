"""Numbers as people write them: one notation a column, found in a sample of it and read at the speed of `float`.

A notation is told by how it writes 1234.5: `1234.5` is plain, `1,234.5` and `1.234,5 €` group thousands, `1234.5 %`
carries a sign. The sign is no factor: 12 % is the number 12.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from shared.csv_file.cells import MissingTokens, as_text
from shared.csv_file.problems import CellError

# Sums of squares and of products over any number of rows stay far inside float64's range.
LARGEST_NUMBER = 1e140
CURRENCIES = "$€£¥₹"
_UNITS = "%" + CURRENCIES
_SPACES = " \u00a0\u202f\u2009"  # all of them group thousands as " " does
_PLAIN_CELL = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True)
class NumberNotation:
    """thousands: what groups digits, or ""; decimal: "." or ","; unit: % or a currency's sign, or ""."""

    thousands: str = ""
    decimal: str = "."
    unit: str = ""

    def __str__(self) -> str:
        return f"1{self.thousands}234{self.decimal}5" + (f" {self.unit}" if self.unit else "")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The notation that `str` gives; raises ValueError for any other text."""
        match = re.fullmatch(rf"1([,.' ]?)234([.,])5(?: ([{_UNITS}]))?", text)
        if not match or match[1] == match[2]:
            raise ValueError(f"{text!r} is no notation of numbers, such as 1234.5 or 1,234.5")
        return cls(match[1], match[2], match[3] or "")

    @property
    def plain(self) -> bool:
        return self == PLAIN

    @cached_property
    def _cell(self) -> str:
        """Pattern of one cell, without the space around it. Atomic throughout: a cell is read in one way."""
        decimal = re.escape(self.decimal)
        whole = r"(?>\d+)"
        if self.thousands:
            group = f"[{_SPACES}]" if self.thousands == " " else re.escape(self.thousands)
            whole = rf"(?>\d{{1,3}}(?:{group}\d{{3}})++(?!\d)|\d+)"
        number = rf"(?>{whole}(?:{decimal}\d*+)?|{decimal}\d++)(?:[eE][+-]?\d++)?"
        if not self.unit:
            return rf"[+-]?{number}"
        unit = re.escape(self.unit)
        after = rf"[+-]?{number}[{_SPACES}]?{unit}"
        before = rf"[+-]?{unit}[{_SPACES}]?{number}|{unit}[{_SPACES}]?[+-]{number}"
        bare = "" if self.unit == "%" else rf"|[+-]?{number}"  # 5 and 5 % are not on one scale
        return f"(?>{after}|{before}{bare})"

    @cached_property
    def _one(self) -> re.Pattern[str]:
        return re.compile(rf"\s*+{self._cell}\s*+", re.ASCII)

    @cached_property
    def _many(self) -> re.Pattern[str]:
        return re.compile(rf"(?>\s*+(?>nan|{self._cell})\s*+\0)*+", re.ASCII)

    @cached_property
    def _cleaned(self) -> dict[int, str | None]:
        removed = dict.fromkeys(map(ord, f"{self.thousands}{self.unit}{_SPACES}"))
        return removed | ({ord(self.decimal): "."} if self.decimal != "." else {})

    def number(self, text: str) -> float:
        """The number that a cell writes; NaN where it is none in this notation."""
        if self.plain:
            return float(text) if _PLAIN_CELL.fullmatch(text) else math.nan
        return float(text.translate(self._cleaned)) if self._one.fullmatch(text) else math.nan

    def numbers(self, cells: Sequence[bytes] | Sequence[str]) -> list[float] | None:
        """All cells at once ("nan" is NaN); None unless each is a number in this notation."""
        text = b"\0".join([*cells, b""]).decode() if isinstance(cells[0], bytes) else "\0".join([*cells, ""])
        if not self._many.fullmatch(text):
            return None
        return list(map(float, text.translate(self._cleaned).split("\0")[:-1]))

    @property
    def expected(self) -> str:
        """In words, what a cell of such a column must be."""
        return "a number" if self.plain else f"a number written like {self}"


PLAIN = NumberNotation()
# In this order: of several that read a sample alike, the first is meant.
_GROUPINGS = ((",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."))


@dataclass(frozen=True)
class NumberGuess:
    """fits: how many cells the notation reads; others: notations that read as many, but other numbers."""

    notation: NumberNotation
    fits: int
    others: tuple[NumberNotation, ...] = ()


def guess_notation(cells: Sequence[str]) -> NumberGuess:
    """The notation that reads most of the cells; plain where none reads more."""
    text = "".join(cells)
    if _all_plain(text, cells):
        return NumberGuess(PLAIN, len(cells))
    best = NumberGuess(PLAIN, sum(map(math.isfinite, map(PLAIN.number, cells))))
    if best.fits == len(cells):
        return best
    units = sorted((unit for unit in _UNITS if unit in text), key=text.count, reverse=True)[:1]
    values: dict[NumberNotation, list[float]] = {}
    for unit in (*units, ""):
        for thousands, decimal in _GROUPINGS:
            notation = NumberNotation(thousands, decimal, unit)
            values[notation] = list(map(notation.number, cells))
            fits = sum(map(math.isfinite, values[notation]))
            if fits > best.fits:
                best = NumberGuess(notation, fits)
    if best.notation.plain:
        return best
    mine = values[best.notation]
    others = tuple(
        notation
        for notation, theirs in values.items()
        if sum(map(math.isfinite, theirs)) == best.fits
        and any(a != b for a, b in zip(mine, theirs, strict=True) if a == a and b == b)
    )
    return NumberGuess(best.notation, best.fits, others)


def _all_plain(text: str, cells: Sequence[str]) -> bool:
    """Whether all cells are plain numbers, at the speed of `float`; text: all of them in one."""
    if not text.isascii() or "_" in text:
        return False
    try:
        return all(map(math.isfinite, map(float, cells)))
    except ValueError:
        return False


class NumberReader:
    """Cells of one column as float64, NaN where one is missing."""

    def __init__(self, notation: NumberNotation, missing: MissingTokens) -> None:
        self._notation = notation
        self._missing = missing

    def all_of(self, cells: list[Any], plain: bool) -> list[float] | None:
        """The whole block at once; None where a cell has to be looked at by itself.

        plain: no cell has a character that `float` takes and a CSV's reader does not.
        """
        if not cells:
            return []
        if self._notation.plain:
            values = self._floats(cells) if plain or _is_plain(cells) else None
        else:
            values = self._notation.numbers(self._nan_for_missing(cells))
        if values and self._missing.numbers and not self._missing.numbers.isdisjoint(values):
            values = [math.nan if value in self._missing.numbers else value for value in values]
        return values

    def _nan_for_missing(self, cells: list[Any]) -> list[Any]:
        find: Callable[[Any, Any], Any] = self._missing.as_nan.get
        return list(map(find, cells, cells))

    def _floats(self, cells: list[Any]) -> list[float] | None:
        try:
            return list(map(float, cells))
        except ValueError:
            pass  # a cell is missing, or contradicts the column
        try:
            return list(map(float, self._nan_for_missing(cells)))
        except ValueError:
            return None

    def one(self, cell: bytes | str) -> float:
        """The cell's number; raises CellError for what is neither a usable number nor missing."""
        if self._missing.is_missing(cell):
            return math.nan
        value = self._notation.number(as_text(cell))
        if value in self._missing.numbers:
            return math.nan
        if not math.isnan(value) and abs(value) <= LARGEST_NUMBER:
            return value
        out_of_range = not math.isnan(value) or as_text(cell).strip().lower().lstrip("+-") in (
            "inf",
            "infinity",
        )
        raise CellError("number out of range" if out_of_range else "not a number", self._notation.expected)


def _is_plain(cells: list[bytes] | list[str]) -> bool:
    """Whether no cell has an underscore or another script's digits, which `float` would take."""
    if isinstance(cells[0], bytes):
        joined = b"".join(cells)
        return joined.isascii() and b"_" not in joined
    text = "".join(cells)
    return text.isascii() and "_" not in text
