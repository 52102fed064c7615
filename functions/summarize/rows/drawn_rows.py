"""Rows that were drawn, and for what (summarize.rows.draws)."""

from dataclasses import dataclass
from itertools import compress

from shared.parts import Part


@dataclass(frozen=True)
class DrawnRows:
    """Rows in their order. part: its columns are those of `TrainingData.inputs`; marks: of each row, the bits of its
    draws; is_test: 1 for a test row, 0 for a train row."""

    part: Part
    marks: bytes
    is_test: bytes

    def with_any(self, bits: int) -> "DrawnRows":
        """The rows that are marked with one of the bits."""
        wanted = self.marks.translate(bytes(mark & bits != 0 for mark in range(256)))
        if 0 not in wanted:
            return self
        places = list(compress(range(len(wanted)), wanted))
        marks, is_test = (bytes(map(values.__getitem__, places)) for values in (self.marks, self.is_test))
        return DrawnRows(self.part.taken(places), marks, is_test)
