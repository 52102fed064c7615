"""The profile of each column that the model reads: its cells in bins, by class, the train rows beside the test rows.

The bins are learned from train rows. Counted are all rows, or a draw by their place where they are many, so that the
time depends on neither rows nor columns: a walk over the parts, and at most so many cells looked at.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import compress
from operator import not_

from shared.event_fields import Json
from shared.model.encoding import Input
from shared.profile import MAX_VALUES, OTHER_CLASSES, Bins, ColumnProfiles, profiles_json
from shared.typed_columns import CodedColumn, TypedColumn
from summarize.bin_edges import bin_edges
from summarize.fit_rows import drawn_ranks
from summarize.training_data import TrainingData

MAX_ROWS = 20_000
MAX_CELLS = 2_000_000  # rows drawn times columns
MAX_CLASSES = 10  # with a name of their own
MAX_COUNTS = 40_000  # numbers in the document: some 150 KB
_MOST_BINS = 27


def column_profiles(data: TrainingData, inputs: Sequence[Input], seed: int) -> Json:
    """`profiles` of a summary: those of the first inputs, as many as MAX_COUNTS allows, and how many there are not."""
    classes = sorted(
        nsmallest(MAX_CLASSES, data.classes, key=lambda name: (-data.rows_per_class[name], name))
    )
    named = [*classes, OTHER_CLASSES] if len(classes) < len(data.classes) else classes
    profiled = list(inputs[: MAX_COUNTS // (2 * _MOST_BINS * len(named))])
    label_of = [named.index(name if name in classes else OTHER_CLASSES) for name in data.classes]
    columns, labels, is_test = _drawn(data, profiled, seed)
    labels = list(map(label_of.__getitem__, labels))
    is_train = list(map(not_, is_test))
    bins = [_bins(given, column, is_train) for given, column in zip(profiled, columns, strict=True)]
    train, test = (
        ColumnProfiles.of(
            bins, len(named), [_selected(column, side) for column in columns], list(compress(labels, side))
        )
        for side in (is_train, is_test)
    )
    return profiles_json(bins, named, train, test) | {"columns_left_out": len(inputs) - len(profiled)}


def _drawn(
    data: TrainingData, inputs: Sequence[Input], seed: int
) -> tuple[list[TypedColumn], list[int], list[int]]:
    """Rows drawn by place: their columns, labels, and 1 for each test row."""
    rows = sum(data.rows_per_class.values())
    most = min(MAX_ROWS, MAX_CELLS // max(1, len(inputs)))
    places: Sequence[int] = range(rows) if rows <= most else drawn_ranks(rows, most, seed)
    names = [given.name for given in inputs]
    pieces: list[list[TypedColumn]] = [[] for _ in inputs]
    labels: list[int] = []
    is_test: list[int] = []
    first = 0
    for part in data.both_sides(names):
        start, end = bisect_left(places, first), bisect_left(places, first + len(part.labels))
        here = [place - first for place in places[start:end]]
        first += len(part.labels)
        all_of_it = len(here) == len(part.labels)
        labels += part.labels if all_of_it else map(part.labels.__getitem__, here)
        is_test += part.is_test if all_of_it else map(part.is_test.__getitem__, here)
        for piece, column in zip(pieces, part.columns, strict=True):
            piece.append(column if all_of_it else _taken(column, here))
    return [_joined(piece) for piece in pieces], labels, is_test


def _bins(given: Input, column: TypedColumn, is_train: Sequence[int]) -> Bins:
    """given.values are the vocabulary of the train rows, the most frequent value first."""
    if isinstance(column, CodedColumn):
        return Bins(given.name, given.kind, values=given.values[:MAX_VALUES])
    values = sorted(value for value in compress(column, is_train) if value == value)
    return Bins(given.name, given.kind, edges=bin_edges(values, given.kind))


def _taken(column: TypedColumn, places: Sequence[int]) -> TypedColumn:
    if isinstance(column, CodedColumn):
        codes = array(column.codes.typecode, map(column.codes.__getitem__, places))
        return CodedColumn(codes, column.values)
    return array("d", map(column.__getitem__, places))


def _selected(column: TypedColumn, mask: Iterable[int]) -> TypedColumn:
    if isinstance(column, CodedColumn):
        return CodedColumn(array(column.codes.typecode, compress(column.codes, mask)), column.values)
    return list(compress(column, mask))


def _joined(pieces: Sequence[TypedColumn]) -> TypedColumn:
    """The pieces of one column, whose texts may be others in each."""
    numbers: list[float] = []
    codes = array("H")
    places: dict[str, int] = {}
    for piece in pieces:
        if isinstance(piece, CodedColumn):
            table = [places.setdefault(value, len(places)) for value in piece.values]
            codes.extend(map(table.__getitem__, piece.codes))
        else:
            numbers.extend(piece)
    return CodedColumn(codes, tuple(places)) if isinstance(pieces[0], CodedColumn) else numbers
