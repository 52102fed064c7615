"""A validated dataset as it is trained on: its rows in order, split into train and test rows, cut into ranges.

What is gathered of the rows, is gathered range by range and added up in their order, whether one Lambda does it or each
range has its own: floats are rounded alike. Parts are read one at a time, as often as the rows are walked.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import add
from typing import NamedTuple

from shared.contracts import ValidatedDataset
from shared.errors import InvalidRequestError
from shared.event_fields import Json
from shared.model.encoding import ColumnCounts, Encoding, Input
from shared.model.rows import Rows
from shared.object_store import ObjectStore
from shared.parts import Part
from shared.run_files import read_document
from shared.typed_columns import CodedColumn
from summarize.rows.placed_parts import Stretch
from summarize.rows.range_plan import RangePlan, is_newest_first
from summarize.rows.ranges import BLOCK_ROWS, Range, ranges_of
from summarize.rows.split import CHRONOLOGICAL, Split
from summarize.rows.stored_rows import StoredRows

_TRAIN = bytes([1, 0]) + bytes(254)  # test masks to train masks


@dataclass(frozen=True)
class TrainingData:
    """rows_per_class: of the whole dataset, by name, sorted; labels of rows are indices into the classes.

    time_order: name of the column that orders the rows, None where none does. inputs: the columns that a model is
    given, before anything is learned of them.
    """

    rows_per_class: dict[str, int]
    split: Split
    time_order: str | None
    inputs: tuple[Input, ...]
    plan: RangePlan
    stored: StoredRows
    _names: tuple[str, ...]  # of a part's columns

    @classmethod
    def of(cls, manifest: Json, bucket: str, storage: ObjectStore, cells: int) -> "TrainingData":
        """The data of a manifest in ranges of so many cells.

        Raises InvalidDatasetError where no row is left to train on, and DatasetChangedError, whenever rows are read,
        for a part that is gone or altered.
        """
        stored = StoredRows(manifest, bucket, storage, is_newest_first(manifest))
        return cls.planned(manifest, stored, RangePlan.of(manifest, stored, cells))

    @classmethod
    def planned(cls, manifest: Json, stored: StoredRows, plan: RangePlan) -> "TrainingData":
        """The data of a manifest as it was planned before."""
        used = {column["name"]: column for column in manifest["columns"] if column["role"] == "feature"}
        statistics = manifest["report"]["columns"]
        return cls(
            rows_per_class=plan.rows_per_class,
            split=plan.split(manifest["request"]["seed"]),
            time_order=manifest.get("time_order"),
            inputs=tuple(
                Input.from_column(used[name], statistics[name])
                for name in manifest["features"]
                if name in used
            ),
            plan=plan,
            stored=stored,
            _names=tuple(manifest["features"]),
        )

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.rows_per_class)

    @cached_property
    def _label_of(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.classes)}

    @property
    def rows(self) -> int:
        return self.plan.rows

    def ranges(self) -> Iterator["RangeRows"]:
        """All rows, range by range."""
        return (RangeRows(self, one) for one in ranges_of(self.rows, self.plan.size))

    def columns(self, part: Part, names: Iterable[str]) -> list[array | CodedColumn]:
        """The part's columns of these names."""
        places = {name: j for j, name in enumerate(self._names)}
        return [part.columns[places[name]] for name in names]

    def inputs_of(self, part: Part) -> list[array | CodedColumn]:
        """The part's columns that a model is given."""
        return self.columns(part, (given.name for given in self.inputs))

    def labels(self, part: Part) -> Sequence[int]:
        """The labels of the part's rows as indices into the classes; bytes where they fit."""
        positions = [self._label_of[name] for name in part.classes]
        if part.codes.typecode == "B" and max(positions, default=0) < 256:
            return part.codes.tobytes().translate(bytes(positions) + bytes(256 - len(positions)))
        return [positions[code] for code in part.codes]

    def learned(self, counts: ColumnCounts) -> Encoding:
        """The encoding of the inputs, given what all train rows hold."""
        in_order = self.split.method == CHRONOLOGICAL
        return Encoding.learn(self.inputs, counts, self.time_order if in_order else None)


class Sides(NamedTuple):
    """Rows that follow one another, and 1 for each test row of them, 0 for each train row."""

    stretch: Stretch
    is_test: bytes

    @property
    def train(self) -> Part:
        """The train rows alone."""
        return self.stretch.part.select(self.is_test.translate(_TRAIN))

    @property
    def test(self) -> Part:
        """The test rows alone."""
        return self.stretch.part.select(self.is_test)


@dataclass(frozen=True)
class RangeRows:
    """The rows of one range."""

    data: TrainingData
    extent: Range

    def sides(self) -> Iterator[Sides]:
        """All rows, in order, as they lie in parts."""
        return self._sides(self.extent.first, self.extent.end)

    def test_before(self) -> int:
        """How many test rows there are before the range."""
        split = self.data.split
        before = self.data.stored.classes_before(self.extent.first)
        return sum(split.test_before(name, rows) for name, rows in before.items())

    def blocks(self, encoding: Encoding, test: bool) -> Iterator[Rows]:
        """The test rows, or the train rows, in order, in blocks of BLOCK_ROWS but for the last.

        Test rows have their places in the data as it is stored.
        """
        return blocks_of_rows(self._encoded(encoding, test), BLOCK_ROWS)

    def _encoded(self, encoding: Encoding, test: bool) -> Iterator[Rows]:
        data = self.data
        first, after = data.split.bounds(test)
        for stretch, is_test in self._sides(max(first, self.extent.first), min(after, self.extent.end)):
            mask = is_test if test else is_test.translate(_TRAIN)
            if 1 not in mask:
                continue
            part = stretch.part.select(mask)
            columns = encoding.encoded(data.columns(part, (given.name for given in encoding.inputs)))
            places = array("q", compress(self._places(stretch), mask)) if test else ()
            yield Rows(columns, data.labels(part), places)

    def _places(self, stretch: Stretch) -> range:
        """Where the rows of a stretch stand in the data as it is stored."""
        places = range(stretch.first, stretch.first + stretch.part.rows)
        if self.data.stored.newest_first:
            last = self.data.rows - 1
            return range(last - places.start, last - places.stop, -1)
        return places

    def _sides(self, first: int, end: int) -> Iterator[Sides]:
        if first >= end:
            return
        for stretch in self.data.stored.stretches(first, end):
            yield Sides(stretch, self.data.split.mask(stretch))


def blocks_of_rows(pieces: Iterable[Rows], size: int) -> Iterator[Rows]:
    """The rows of the pieces cut anew into blocks of `size` rows, but for the last: wherever they were cut before.

    Numbers are lists in a block, which is what sums are quickest over.
    """
    left: Rows | None = None
    for piece in pieces:
        start = 0
        if left is not None:
            start = size - len(left.labels)
            left = _joined(left, _cut(piece, 0, start))
            if len(left.labels) < size:
                continue
            yield left
        end = len(piece.labels)
        for place in range(start, end - size + 1, size):
            yield _cut(piece, place, place + size)
        rest = (end - start) % size if end > start else 0
        left = _cut(piece, end - rest, end) if rest else None
    if left is not None:
        yield left


def _cut(rows: Rows, start: int, end: int) -> Rows:
    cut = slice(start, end)
    return Rows([_listed(column[cut]) for column in rows.columns], rows.labels[cut], rows.places[cut])


def _joined(rows: Rows, more: Rows) -> Rows:
    columns = [
        _one_behind_the_other(column, other) for column, other in zip(rows.columns, more.columns, strict=True)
    ]
    labels = _one_behind_the_other(rows.labels, more.labels)
    return Rows(columns, labels, _one_behind_the_other(rows.places, more.places))


def _one_behind_the_other(values: Sequence, more: Sequence) -> Sequence:
    """Codes are bytes or numbers, as a part has them."""
    return add(values, more) if type(values) is type(more) else [*values, *more]


def _listed(column: Sequence) -> Sequence:
    """Numbers as a list; codes as they are."""
    return column.tolist() if isinstance(column, array) and column.typecode == "d" else column


def read_manifest(dataset: ValidatedDataset, storage: ObjectStore) -> Json:
    """The manifest of a valid dataset; raises InvalidRequestError for that of a rejected one."""
    run_id = dataset.run.run_id
    manifest = read_document(storage, dataset.manifest, "manifest", run_id)
    if manifest["status"] != "valid":
        raise InvalidRequestError(f"the dataset of run {run_id!r} was rejected: {manifest['error']}")
    return manifest
