"""Why a row of a CSV cannot be used: what is wrong, and where. What follows from it is for others to decide."""

from dataclasses import dataclass

from shared.event_fields import Json

_CELL_SHOWN = 60


class CellError(ValueError):
    """A cell contradicts its column's kind. kind: what is wrong; expected: what a cell of the column must be."""

    def __init__(self, kind: str, expected: str) -> None:
        super().__init__(f"{kind}; expected {expected}")
        self.kind = kind
        self.expected = expected


@dataclass(frozen=True)
class Problem:
    """Why a row is invalid: `column` is None where the whole row is meant, `cell` is what stands there.

    expected: what would have been right. A message says that and never the cell, which may be anybody's: the cell
    stands in the report alone. key: of the object of a folder that the line is in.
    """

    kind: str
    line: int
    column: str | None
    cell: str
    expected: str
    key: str | None = None

    @property
    def shown(self) -> str:
        """The cell, cut where it is long."""
        return self.cell if len(self.cell) <= _CELL_SHOWN else self.cell[: _CELL_SHOWN - 3] + "..."

    def to_json(self) -> Json:
        return {
            "problem": self.kind,
            "line": self.line,
            "column": self.column,
            "cell": self.shown,
            "expected": self.expected,
        } | ({} if self.key is None else {"object": self.key})

    def __str__(self) -> str:
        column = f", column {self.column!r}" if self.column is not None else ""
        where = "" if self.key is None else f"object '{self.key}', "
        return f"{where}line {self.line}{column}: {self.kind}; expected {self.expected}"
