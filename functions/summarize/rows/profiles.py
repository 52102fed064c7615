"""The profile of each column that the model reads: its cells in bins, by class, the train rows beside the test rows.

The bins are learned from train rows. Counted are all rows, or a draw by their place where they are many, so that the
time depends on neither rows nor columns: a walk over the parts, and at most so many cells looked at.
"""

from array import array
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import compress
from operator import not_

from shared.event_fields import Json
from shared.model.encoding import Encoding, Input
from shared.profile import MAX_VALUES, OTHER_CLASSES, Bins, ColumnProfiles, profiles_json
from shared.typed_columns import CodedColumn, TypedColumn, joined
from summarize.rows.bin_edges import bin_edges
from summarize.rows.drawn_rows import DrawnRows
from summarize.rows.training_data import TrainingData

MAX_ROWS = 20_000
MAX_CELLS = 2_000_000  # rows drawn times columns
MAX_CLASSES = 10  # with a name of their own
MAX_COUNTS = 40_000  # numbers in the document: some 150 KB
_MOST_BINS = 27


def column_profiles(
    drawn: Iterable[DrawnRows], data: TrainingData, encoding: Encoding, left_out: Iterable[str]
) -> Json:
    """`profiles` of a summary, of rows drawn by place: those of the first columns that the model reads, as many as
    MAX_COUNTS allows, and how many there are not. left_out: features that it does not read."""
    named = _named(data)
    read = encoding.reading(left_out).inputs
    profiled = list(read[: _most_profiled(len(named))])
    label_of = [named.index(name if name in named else OTHER_CLASSES) for name in data.classes]
    columns, labels, is_test = _together(drawn, data, profiled)
    labels = list(map(label_of.__getitem__, labels))
    is_train = list(map(not_, is_test))
    bins = [_bins(given, column, is_train) for given, column in zip(profiled, columns, strict=True)]
    train, test = (
        ColumnProfiles.of(
            bins, len(named), [_selected(column, side) for column in columns], list(compress(labels, side))
        )
        for side in (is_train, is_test)
    )
    return profiles_json(bins, named, train, test) | {"columns_left_out": len(read) - len(profiled)}


def rows_to_profile(columns: int, classes: int) -> int:
    """How many rows are drawn for the profiles of so many columns and classes."""
    profiled = min(columns, _most_profiled(min(classes, MAX_CLASSES + 1)))
    return min(MAX_ROWS, MAX_CELLS // max(1, profiled))


def _most_profiled(named: int) -> int:
    """How many columns: with bins for so many classes, of train rows and of test rows."""
    return MAX_COUNTS // (2 * _MOST_BINS * named)


def _named(data: TrainingData) -> list[str]:
    """The classes with a profile of their own, the most frequent ones, and one name for the others."""
    classes = sorted(
        nsmallest(MAX_CLASSES, data.classes, key=lambda name: (-data.rows_per_class[name], name))
    )
    return [*classes, OTHER_CLASSES] if len(classes) < len(data.classes) else classes


def _together(
    drawn: Iterable[DrawnRows], data: TrainingData, inputs: Sequence[Input]
) -> tuple[list[TypedColumn], list[int], list[int]]:
    """The columns of all pieces, labels, and 1 for each test row."""
    given = [one.name for one in data.inputs]
    places = [given.index(one.name) for one in inputs]
    pieces: list[list[TypedColumn]] = [[] for _ in inputs]
    labels: list[int] = []
    is_test: list[int] = []
    for rows in drawn:
        labels += data.labels(rows.part)
        is_test += rows.is_test
        for piece, place in zip(pieces, places, strict=True):
            piece.append(rows.part.columns[place])
    return [joined(piece) for piece in pieces], labels, is_test


def _bins(given: Input, column: TypedColumn, is_train: Sequence[int]) -> Bins:
    """given.values are the vocabulary of the train rows, the most frequent value first."""
    if isinstance(column, CodedColumn):
        return Bins(given.name, given.kind, values=given.values[:MAX_VALUES])
    values = sorted(value for value in compress(column, is_train) if value == value)
    return Bins(given.name, given.kind, edges=bin_edges(values, given.kind))


def _selected(column: TypedColumn, mask: Iterable[int]) -> TypedColumn:
    if isinstance(column, CodedColumn):
        return CodedColumn(array(column.codes.typecode, compress(column.codes, mask)), column.values)
    return list(compress(column, mask))
