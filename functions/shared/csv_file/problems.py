"""Why a row of a CSV cannot be used: what is wrong, and where. What follows from it is for others to decide."""

from dataclasses import dataclass

from shared.event_fields import Json

_CELL_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """Why a row is invalid: `column` is None where the whole row is meant, `cell` is what stands there."""

    kind: str
    line: int
    column: str | None
    cell: str

    @property
    def shown(self) -> str:
        """The cell, cut where it is long."""
        return self.cell if len(self.cell) <= _CELL_SHOWN else self.cell[: _CELL_SHOWN - 3] + "..."

    def to_json(self) -> Json:
        return {"problem": self.kind, "line": self.line, "column": self.column, "cell": self.shown}

    def __str__(self) -> str:
        if self.column is None:
            return f"line {self.line}: {self.kind}: {self.shown}"
        return f"line {self.line}, column {self.column!r}: {self.kind} ({self.shown!r})"
