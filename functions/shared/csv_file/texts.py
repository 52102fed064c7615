"""Text columns: cells as codes into the distinct texts, and how many rows have each, exactly up to a limit.

Beyond MAX_VALUES distinct texts, or MAX_VALUE_CHARACTERS in one, a column is free text: it is left out, and nothing
more is kept of it, so that memory does not grow with the file.
"""

from array import array
from collections import Counter
from dataclasses import dataclass, field

from shared.csv_file.cells import MissingTokens, as_text
from shared.csv_file.problems import CellError
from shared.event_fields import Json
from shared.typed_columns import MISSING, CodedColumn

MAX_VALUES = 10_000
MAX_VALUE_CHARACTERS = 256
FREE_TEXT = (
    f"free text (more than {MAX_VALUES:,} distinct values, "
    f"or one of more than {MAX_VALUE_CHARACTERS} characters)"
)
_REMEMBERED = 1 << 15  # cells by their spelling: memory must not grow with what a file has of them
_COUNTED_AS_BYTES = 16
OTHER = "\0"  # no cell is that
FLAGS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))


@dataclass(frozen=True)
class TextCounts:
    """Rows per text, "" for missing cells; `counts` is None for free text."""

    counts: dict[str, int] | None = field(default_factory=dict)

    def merge(self, later: "TextCounts") -> "TextCounts":
        if self.counts is None or later.counts is None:
            return TextCounts(None)
        both = Counter(self.counts)
        both.update(later.counts)
        return TextCounts(dict(both) if _distinct(both) <= MAX_VALUES else None)

    def to_state(self) -> Json | None:
        return self.counts

    @classmethod
    def from_state(cls, state: Json | None) -> "TextCounts":
        return cls(state)

    @property
    def distinct(self) -> int:
        """Distinct texts, the missing cell not among them."""
        return _distinct(self.counts or {})

    @property
    def missing(self) -> int:
        return (self.counts or {}).get(MISSING, 0)

    def most_frequent(self, count: int | None = None) -> list[tuple[str, int]]:
        """Texts by frequency, ties by name, without the missing cells."""
        found = ((text, rows) for text, rows in (self.counts or {}).items() if text != MISSING)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]

    def to_json(self) -> Json:
        """Counts by frequency; null for free text."""
        if self.counts is None:
            return {"distinct": None, "missing": None, "counts": None}
        return {"distinct": self.distinct, "missing": self.missing, "counts": dict(self.most_frequent())}


def _distinct(counts: dict[str, int]) -> int:
    return len(counts) - (MISSING in counts)


class TextReader:
    """Cells of one column as codes by first appearance.

    flag: the two texts, in lower case, that a flag's cells are, whatever their case; None for a category, whose
    texts are the cells without the space around them. known: the texts that are told apart, where all others are
    OTHER, however many there are; None where every text is one of its own.
    """

    def __init__(
        self,
        missing: MissingTokens,
        flag: tuple[str, str] | None = None,
        known: frozenset[str] | None = None,
    ) -> None:
        self.free_text = False
        self._known = known
        self._missing = missing
        self._flag = flag
        self._values: list[str] = []
        self._code_of: dict[str, int] = {}
        self._codes = _Codes(self)
        self._rows: Counter[int] = Counter()
        self._frozen: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The texts by code."""
        if len(self._frozen) != len(self._values):
            self._frozen = tuple(self._values)
        return self._frozen

    def all_of(self, cells: list[bytes] | list[str], plain: bool) -> CodedColumn | None:
        """The whole block at once; None where a cell has to be looked at by itself."""
        try:
            codes = [] if self.free_text else list(map(self._codes.__getitem__, cells))
        except CellError:
            return None
        return self.coded(codes or [0] * len(cells))

    def coded(self, codes: list[int]) -> CodedColumn:
        """The codes as a column; free text has a single one, which means nothing."""
        if self.free_text:
            return CodedColumn(array("H", bytes(2 * len(codes))), ("",))
        return CodedColumn(array("H", codes), self.values)

    def one(self, cell: bytes | str) -> int:
        """The cell's code; raises CellError for what is neither of a flag's texts nor missing."""
        return 0 if self.free_text else self._codes[cell]

    def count(self, codes: array) -> None:
        """Counts these rows. Few texts are counted at the speed of memory."""
        if self.free_text:
            return
        if len(self._values) <= _COUNTED_AS_BYTES:
            packed = bytes(codes.tolist())
            self._rows.update({code: packed.count(code) for code in range(len(self._values))})
        else:
            self._rows.update(codes)

    @property
    def counts(self) -> TextCounts:
        """What has been counted."""
        if self.free_text:
            return TextCounts(None)
        return TextCounts({self._values[code]: rows for code, rows in self._rows.items() if rows})

    def code_of(self, cell: bytes | str) -> int:
        """The code of a cell that may be new."""
        if self.free_text:  # since a moment ago
            return 0
        text = as_text(cell).strip()
        lowered = text.lower()
        if lowered in self._missing.tokens:
            text = MISSING
        elif self._flag:
            if lowered not in self._flag:
                raise CellError("not a flag", self.expected)
            text = lowered
        elif self._known is not None and text not in self._known:
            text = OTHER
        code = self._code_of.get(text)
        if code is None:
            code = len(self._values)
            if len(text) > MAX_VALUE_CHARACTERS or code - (MISSING in self._code_of) >= MAX_VALUES + (
                text == MISSING
            ):
                self._give_up()
                return 0
            self._values.append(text)
            self._code_of[text] = code
        return code

    @property
    def expected(self) -> str:
        """In words, what a cell of such a column must be."""
        return " or ".join(self._flag) if self._flag else "text"

    def _give_up(self) -> None:
        self.free_text = True
        self._values, self._code_of, self._codes, self._rows = [], {}, _Codes(self), Counter()


class _Codes(dict):
    """Cell as it stands -> code, remembered up to a limit."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader

    def __missing__(self, cell: bytes | str) -> int:
        code = self._reader.code_of(cell)
        if len(self) < _REMEMBERED and len(cell) <= 4 * MAX_VALUE_CHARACTERS:
            self[cell] = code
        return code
