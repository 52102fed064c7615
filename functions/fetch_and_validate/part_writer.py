"""Typed rows gathered into parts, each written as soon as it is full."""

import hashlib
from array import array
from collections.abc import Callable

from shared.csv_file.cells import LabelCodes
from shared.csv_file.typed_rows import TypedRows
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.parts import npz_of_pieces

PART_BYTES = 5 << 19  # of feature values: what a part costs in memory, here and in Summarize


class PartWriter:
    """Writes a part whenever PART_BYTES of feature values have come together.

    place: where part 0, 1, ... goes; parts: key, rows, bytes and sha256 of each part written so far.
    """

    def __init__(
        self, store: ObjectStore, place: Callable[[int], S3Reference], features: int, labels: LabelCodes
    ) -> None:
        self.parts: list[Json] = []
        self._store = store
        self._place = place
        self._labels = labels
        self._rows_per_part = max(1, PART_BYTES // (8 * features))
        # A small array per block and column: growing large ones was measured to cost three times as much.
        self._columns: list[list[array]] = [[] for _ in range(features)]
        self._codes: list[array] = []
        self._rows = 0

    def add(self, rows: TypedRows) -> None:
        for column, values in zip(self._columns, rows.features, strict=True):
            column.append(array("d", values))
        self._codes.append(array("H", rows.codes))
        self._rows += rows.rows
        if self._rows >= self._rows_per_part:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered, if anything, as the next part."""
        if not self._rows:
            return
        classes = tuple(self._labels.classes)
        codes = [array("B", piece) for piece in self._codes] if len(classes) <= 256 else self._codes
        content = npz_of_pieces(self._columns, codes, classes)
        place = self._place(len(self.parts))
        self._store.write(place, content, "application/zip")
        digest = hashlib.sha256(content).hexdigest()
        self.parts.append({"key": place.key, "rows": self._rows, "bytes": len(content), "sha256": digest})
        self._columns = [[] for _ in self._columns]
        self._codes = []
        self._rows = 0
