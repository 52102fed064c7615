"""Typed rows gathered into parts, each written as soon as it is full."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Sequence

from shared.csv_file.cells import LabelCodes
from shared.csv_file.typed_rows import RowTyper, TypedRows
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.parts import CodedPieces, npz_of_pieces
from shared.typed_columns import CodedColumn

PART_BYTES = 5 << 19  # of feature values: what a part costs in memory, here and in Summarize
_ONE_BYTE = 256  # codes


class PartWriter:
    """Writes a part whenever PART_BYTES of feature values have come together.

    place: where part 0, 1, ... goes; parts: key, rows, bytes, sha256 and classes (rows by
    name) of each part written so far.
    """

    def __init__(
        self,
        store: ObjectStore,
        place: Callable[[int], S3Reference],
        features: int,
        typer: RowTyper,
        labels: LabelCodes,
    ) -> None:
        self.parts: list[Json] = []
        self._store = store
        self._place = place
        self._typer = typer
        self._labels = labels
        self._rows_per_part = max(1, PART_BYTES // (8 * features))
        # A small array per block and column: growing large ones was measured to cost three times as much.
        self._columns: list[list[array]] = [[] for _ in range(features)]
        self._codes: list[array] = []
        self._rows = 0
        self._classes: Counter[str] = Counter()

    def add(self, rows: TypedRows, classes: Counter[str]) -> None:
        """Gathers rows; classes: how many there are of each class, by name."""
        for column, values in zip(self._columns, rows.features, strict=True):
            column.append(values.codes if isinstance(values, CodedColumn) else array("d", values))
        self._codes.append(array("H", rows.codes))
        self._rows += rows.rows
        self._classes.update(classes)
        if self._rows >= self._rows_per_part:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered, if anything, as the next part."""
        if not self._rows:
            return
        columns = [
            pieces if texts is None else _coded_pieces(pieces, texts)
            for pieces, texts in zip(self._columns, self._typer.values(), strict=True)
        ]
        classes = tuple(self._labels.classes)
        codes = [array("B", piece) for piece in self._codes] if len(classes) <= _ONE_BYTE else self._codes
        content = npz_of_pieces(columns, codes, classes)
        place = self._place(len(self.parts))
        self._store.write(place, content, "application/zip")
        digest = hashlib.sha256(content).hexdigest()
        self.parts.append(
            {
                "key": place.key,
                "rows": self._rows,
                "bytes": len(content),
                "sha256": digest,
                "classes": dict(sorted(self._classes.items())),
            }
        )
        self._columns = [[] for _ in self._columns]
        self._codes = []
        self._rows = 0
        self._classes = Counter()


def _coded_pieces(pieces: Sequence[array], texts: tuple[str, ...]) -> CodedPieces:
    """The codes as a part holds them: of many texts only those that the part has, of free text none."""
    if not texts:
        return CodedPieces([array("B", bytes(len(piece))) for piece in pieces], ("",))
    if len(texts) <= _ONE_BYTE:
        return CodedPieces([array("B", piece.tolist()) for piece in pieces], texts)
    used = list(dict.fromkeys(code for piece in pieces for code in piece))
    place = {code: i for i, code in enumerate(used)}
    typecode = "B" if len(used) <= _ONE_BYTE else "H"
    moved = [array(typecode, list(map(place.__getitem__, piece))) for piece in pieces]
    return CodedPieces(moved, tuple(texts[code] for code in used))
