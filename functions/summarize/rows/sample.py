"""The rows that were drawn of a dataset, or of a range of it, each with what it was drawn for."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.errors import DatasetChangedError
from shared.npz import expect_end, header, read_header
from shared.parts import Part, part_from_npz, part_to_npz
from shared.typed_columns import CodedColumn, joined
from summarize.rows.drawn_rows import DrawnRows
from summarize.rows.draws import Draws
from summarize.rows.training_data import Sides, TrainingData


@dataclass(frozen=True)
class Sample:
    """Drawn rows, piece by piece: the texts of a column, and the classes, may be others in each."""

    pieces: tuple[DrawnRows, ...] = ()

    @classmethod
    def of(cls, sides: Sides, data: TrainingData, draws: Draws) -> "Sample":
        """The drawn ones of some rows."""
        part = sides.stretch.part
        given = Part(data.inputs_of(part), part.codes, part.classes)
        return cls((DrawnRows(given, draws.marks(sides), sides.is_test).with_any(0xFF),))

    def merge(self, later: "Sample") -> "Sample":
        return Sample(self.pieces + later.pieces)

    def drawn(self, bit: int) -> Iterator[DrawnRows]:
        """The rows that are marked with the bit."""
        return (piece.with_any(bit) for piece in self.pieces)

    def to_npz(self) -> bytes:
        """As `shared.parts` has it, and beside it `marks` and `is_test`, uint8 (rows,)."""
        part = _joined([piece.part for piece in self.pieces])
        shape = header("|u1", (part.rows,))
        return part_to_npz(
            part,
            {
                "marks": (shape, [piece.marks for piece in self.pieces]),
                "is_test": (shape, [piece.is_test for piece in self.pieces]),
            },
        )

    @classmethod
    def from_npz(cls, content: bytes) -> "Sample":
        """The sample that `to_npz` wrote; raises DatasetChangedError for anything else."""
        part = part_from_npz(content)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                marks, is_test = (_bytes(archive, name, part.rows) for name in ("marks", "is_test"))
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
            raise DatasetChangedError(f"a sample of the dataset is damaged: {error}") from error
        return cls((DrawnRows(part, marks, is_test),))


def _joined(parts: Sequence[Part]) -> Part:
    """The rows of parts of the same columns, one behind the other."""
    labels = joined([CodedColumn(part.codes, part.classes) for part in parts])
    assert isinstance(labels, CodedColumn)
    columns = [joined(pieces) for pieces in zip(*(part.columns for part in parts), strict=True)]
    return Part(columns, labels.codes, labels.values)


def _bytes(archive: zipfile.ZipFile, name: str, rows: int) -> bytes:
    with archive.open(f"{name}.npy") as member:
        _, shape = read_header(member, {"|u1"})
        content = member.read(rows)
        expect_end(member)
    if shape != (rows,) or len(content) != rows:
        raise ValueError(f"{name} are not {rows} numbers")
    return content
