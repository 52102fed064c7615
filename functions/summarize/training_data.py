"""A validated dataset as a model is given it: its parts read and checked, split, encoded, in blocks.

Parts are read one at a time, as often as they are walked, so memory holds one part and not the dataset.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from shared.contracts import ValidatedDataset
from shared.errors import DatasetChangedError, InvalidRequestError
from shared.event_fields import FileReference, Json
from shared.model.encoding import Encoding, Input
from shared.model.rows import Rows
from shared.object_store import ObjectStore
from shared.parts import Part, part_from_npz
from shared.run_files import read_document, read_file
from shared.typed_columns import TypedColumn
from summarize.split import (
    CHRONOLOGICAL,
    SHUFFLED,
    ChronologicalSplit,
    PartSource,
    ShuffledSplit,
    cut_between_dates,
    held_out_count,
    held_out_per_class,
)

_BLOCK_ROWS = 4096  # columns of a block stay in the processor's cache


@dataclass(frozen=True)
class RowsOfPart:
    """Rows as they were read: columns of inputs, labels as indices into the classes, 1 for each test row."""

    columns: list[TypedColumn]
    labels: Sequence[int]
    is_test: bytes


@dataclass(frozen=True)
class TrainingData:
    """rows_per_class: of the whole dataset, by name, sorted; labels of rows are indices into the classes.

    time_order: name of the column that orders the rows, None where none does. newest_first: whether the data has the
    newest rows first and is walked from its end, which is what its order is from here on.
    """

    rows_per_class: dict[str, int]
    split: ChronologicalSplit | ShuffledSplit
    encoding: Encoding
    time_order: str | None
    newest_first: bool
    _parts: tuple[PartSource, ...]
    _names: tuple[str, ...]  # of a part's columns

    @classmethod
    def of(
        cls, manifest: Json, bucket: str, storage: ObjectStore, encoding: Encoding | None = None
    ) -> "TrainingData":
        """The data of a manifest, with what is learned of the columns from the train rows.

        encoding: that of an existing model, whose inputs are among the manifest's features; then nothing is learned.
        Raises InvalidDatasetError where no row is left to train on, and DatasetChangedError for a part that is gone
        or altered.
        """
        time_order = manifest.get("time_order")
        parts = tuple(
            PartSource(entry["rows"], partial(_part, storage, bucket, entry)) for entry in manifest["parts"]
        )
        if len(parts) == 1:  # which need not be fetched for every walk
            parts = (PartSource(parts[0].rows, cache(parts[0].read)),)
        newest_first = _is_newest_first(manifest, time_order)
        if newest_first:
            parts = tuple(PartSource(part.rows, partial(_reversed, part)) for part in reversed(parts))
        split = _split(manifest, parts, time_order)
        if encoding is None:
            encoding = _learned(manifest, split, parts, time_order)
        return cls(
            rows_per_class=dict(sorted(manifest["report"]["classes"].items())),
            split=split,
            encoding=encoding,
            time_order=time_order,
            newest_first=newest_first,
            _parts=parts,
            _names=tuple(manifest["features"]),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.rows_per_class)

    def train(self) -> Iterator[Rows]:
        """The train rows in blocks, in the order of the data."""
        return self._blocks(test=False)

    def test(self) -> Iterator[Rows]:
        """The test rows in blocks, in the order of the data, with their places in it as it is stored."""
        return self._blocks(test=True)

    def test_rows_per_class(self) -> dict[str, int]:
        """Test rows by class, sorted by name; without the classes that have none."""
        if isinstance(self.split, ShuffledSplit):
            counts = Counter(self.split.held_out)
        else:
            counts = Counter()
            for found in self.split.select(self._parts, test=True):
                part = found.part
                counts.update({part.classes[code]: rows for code, rows in Counter(part.codes).items()})
        return {name: rows for name, rows in sorted(counts.items()) if rows}

    def both_sides(self, names: Sequence[str]) -> Iterator["RowsOfPart"]:
        """All rows part by part, of the columns of these names; train and test rows are told apart."""
        columns = self._places_of(names)
        for part, is_test in self.split.sides(self._parts):
            yield RowsOfPart([part.columns[j] for j in columns], self._labels(part), is_test)

    def _blocks(self, test: bool) -> Iterator[Rows]:
        last = sum(self.rows_per_class.values()) - 1
        read = self._places_of([given.name for given in self.encoding.inputs])
        for found in self.split.select(self._parts, test):
            part = found.part
            places: Sequence[int] = found.places if test else ()
            if self.newest_first:
                places = array("q", (last - place for place in places))
            labels = self._labels(part)
            columns = self.encoding.encoded([part.columns[j] for j in read])
            for start in range(0, part.rows, _BLOCK_ROWS):
                block = slice(start, start + _BLOCK_ROWS)
                yield Rows([_listed(column[block]) for column in columns], labels[block], places[block])

    def _places_of(self, names: Iterable[str]) -> list[int]:
        """Of these columns, in a part."""
        places = {name: j for j, name in enumerate(self._names)}
        return [places[name] for name in names]

    def _labels(self, part: Part) -> Sequence[int]:
        positions = {name: k for k, name in enumerate(self.classes)}
        return _translated(part.codes, [positions[name] for name in part.classes])


def read_manifest(dataset: ValidatedDataset, storage: ObjectStore) -> Json:
    """The manifest of a valid dataset; raises InvalidRequestError for that of a rejected one."""
    run_id = dataset.run.run_id
    manifest = read_document(storage, dataset.manifest, "manifest", run_id)
    if manifest["status"] != "valid":
        raise InvalidRequestError(f"the dataset of run {run_id!r} was rejected: {manifest['error']}")
    return manifest


def _learned(
    manifest: Json,
    split: ChronologicalSplit | ShuffledSplit,
    parts: Sequence[PartSource],
    time_order: str | None,
) -> Encoding:
    """The encoding of the columns that are features, learned from the train rows."""
    used = {column["name"]: column for column in manifest["columns"] if column["role"] == "feature"}
    columns = [j for j, name in enumerate(manifest["features"]) if name in used]
    statistics = manifest["report"]["columns"]
    names = [manifest["features"][j] for j in columns]
    inputs = [Input.from_column(used[name], statistics[name]) for name in names]
    selected = (found.part for found in split.select(parts, test=False))
    train = ([part.columns[j] for j in columns] for part in selected)
    chronological = isinstance(split, ChronologicalSplit)
    return Encoding.learn(inputs, train, time_order if chronological else None)


def _is_newest_first(manifest: Json, time_order: str | None) -> bool:
    """Whether the newest rows come first, of rows that are split by time."""
    time = manifest["report"]["columns"].get(time_order, {})
    return _method(manifest["request"], time_order) == CHRONOLOGICAL and time.get("order") == "falls"


def _reversed(part: PartSource) -> Part:
    return part.read().reversed()


def _split(
    manifest: Json, parts: Sequence[PartSource], time_order: str | None
) -> ChronologicalSplit | ShuffledSplit:
    request, report = manifest["request"], manifest["report"]
    test_size = request["test_size"]
    if _method(request, time_order) == SHUFFLED:
        rows = dict(sorted(report["classes"].items()))
        return ShuffledSplit(rows, held_out_per_class(rows, test_size), request["seed"])
    cut = report["rows"] - held_out_count(report["rows"], test_size)
    if time_order in manifest["features"]:
        cut = cut_between_dates(parts, manifest["features"].index(time_order), cut)
    return ChronologicalSplit(report["rows"], cut)


def _method(request: Json, time_order: str | None) -> str:
    if request["split"] == "auto":
        return SHUFFLED if time_order is None else CHRONOLOGICAL
    return request["split"]


def _translated(codes: array, positions: list[int]) -> Sequence[int]:
    """The codes of a part as positions among all classes; bytes where they fit."""
    if codes.typecode == "B" and max(positions, default=0) < 256:
        return codes.tobytes().translate(bytes(positions) + bytes(256 - len(positions)))
    return [positions[code] for code in codes]


def _listed(column: array | list[float] | bytes) -> Sequence[float]:
    """Numbers as a list, which is what sums are quickest over; codes as they are."""
    return column.tolist() if isinstance(column, array) and column.typecode == "d" else column


def _part(storage: ObjectStore, bucket: str, entry: Json) -> Part:
    reference = FileReference(bucket, entry["key"], entry["sha256"])
    return part_from_npz(read_file(storage, reference, missing=DatasetChangedError))
