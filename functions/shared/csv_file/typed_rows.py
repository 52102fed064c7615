"""A block's cells as typed columns and class codes, and the problems of the rows that must be left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from shared.csv_file.cells import NO_LABEL, LabelCodes, MissingTokens, as_text
from shared.csv_file.columns import Schema
from shared.csv_file.date_statistics import DateStatistics, RowOrder
from shared.csv_file.exact_statistics import ExactStatistics
from shared.csv_file.kinds import CATEGORY, DATE, Statistics
from shared.csv_file.numbers import LARGEST_NUMBER
from shared.csv_file.problems import CellError, Problem
from shared.csv_file.records import Block
from shared.csv_file.texts import TextReader
from shared.typed_columns import CodedColumn, TypedColumn


@dataclass(frozen=True)
class TypedRows:
    """The valid rows: a column and its statistics per feature, a class code per row where there is a label.

    statistics: None for a flag or category, which its reader counts. problems: those of the rows left out, in line
    order; a row may have several.
    """

    features: list[TypedColumn]
    statistics: list[ExactStatistics | DateStatistics | None]
    codes: list[int]
    rows: int
    problems: list[Problem]


class RowTyper:
    """Types the blocks of one stretch of a file; its readers remember what the blocks had."""

    def __init__(self, schema: Schema, labels: LabelCodes | None = None) -> None:
        self._schema = schema
        self._labels = labels
        self._missing = MissingTokens(schema.missing)
        columns = [schema.columns[j] for j in schema.features]
        self._readers = [column.own_kind.reader(self._missing, column.known) for column in columns]
        # A category takes any cell, so it comes last: cells of invalid rows never become values.
        later = [kind.name == CATEGORY for kind in schema.kinds]
        order = range(len(schema.features))
        self._strict = [i for i in order if not later[i]]
        self._texts = [i for i in order if later[i]]
        self.filled: dict[str, int] = {}  # columns left out as empty that hold values: the first such line

    def counts(self) -> list[Statistics | None]:
        """What the readers of flags and categories have counted; None for the other features."""
        return [reader.counts if isinstance(reader, TextReader) else None for reader in self._readers]

    def values(self) -> list[tuple[str, ...] | None]:
        """The texts of flags and categories by code, up to here, none for free text; None for the other features."""
        return [reader.values if isinstance(reader, TextReader) else None for reader in self._readers]

    def rows_of(self, block: Block) -> TypedRows:
        """The block's rows, typed.

        All columns are first taken as flawless, which costs a pass or two in C; only a block in which that fails is
        looked at cell by cell.
        """
        schema, labels = self._schema, self._labels
        for j in schema.empty_columns:
            self._look_for_values(block, j)
        codes = []
        if labels is not None and schema.label is not None:
            codes = list(map(labels.__getitem__, block.columns[schema.label]))
        expected = f"{len(schema.columns)} cells as in the header"
        ragged = [
            Problem("ragged row", line, None, "", f"{expected}, not {count}") for line, count in block.ragged
        ]
        features: list[Any] = [None] * len(schema.features)  # typed one by one
        statistics: list[ExactStatistics | DateStatistics | None] = [None] * len(features)
        flawless = not (labels is not None and labels.any_missing and NO_LABEL in codes)
        for i in self._strict if flawless else ():
            column = self._readers[i].all_of(block.columns[schema.features[i]], block.plain)
            if column is None or not self._is_usable(i, column, statistics):
                flawless = False
                break
            features[i] = column
        if not flawless:
            return self._without_invalid_rows(block, codes, ragged)
        for i in self._texts:
            features[i] = self._readers[i].all_of(block.columns[schema.features[i]], block.plain)
        self._count(features)
        return TypedRows(features, statistics, codes, block.rows, ragged)

    def _is_usable(self, i: int, column: TypedColumn, statistics: list) -> bool:
        """Whether all numbers of a column are in range; its statistics are then in the list."""
        if isinstance(column, CodedColumn):
            return True
        statistics[i] = self._statistics(i, column)
        return statistics[i] is not None

    def _statistics(self, i: int, values: Sequence[float]) -> ExactStatistics | DateStatistics | None:
        """None where a value is out of range."""
        present = values
        found = ExactStatistics.of(values)
        if found is None:  # a missing cell is NaN
            present = [value for value in values if value == value]
            found = ExactStatistics.of(present)
        if found is None or (found.present and found.magnitude > LARGEST_NUMBER):
            return None
        if self._schema.kinds[i].name == DATE:
            return DateStatistics(found, RowOrder.of(present))
        return found

    def _without_invalid_rows(self, block: Block, codes: list[int], ragged: list[Problem]) -> TypedRows:
        schema = self._schema
        problems = list(ragged)
        keep = [True] * block.rows
        columns: list[list] = [[] for _ in schema.features]

        def invalid(row: int, j: int, kind: str, expected: str) -> None:
            keep[row] = False
            cell = as_text(block.columns[j][row])
            problems.append(Problem(kind, block.lines[row], schema.columns[j].name, cell, expected))

        for i in self._strict:
            j, read = schema.features[i], self._readers[i].one
            for row, cell in enumerate(block.columns[j]):
                try:
                    columns[i].append(read(cell))
                except CellError as error:
                    columns[i].append(0)
                    invalid(row, j, error.kind, error.expected)
        for row, code in enumerate(codes):
            if code == NO_LABEL and any(as_text(column[row]).strip() for column in block.columns):
                assert schema.label is not None  # the codes are of it
                invalid(row, schema.label, "missing label", "a class")
            elif code == NO_LABEL:  # a blank line, as spreadsheets write it: delimiters alone
                keep[row] = False
        for i in self._texts:
            read = self._readers[i].one
            columns[i] = [read(cell) for cell in compress(block.columns[schema.features[i]], keep)]
        for i in self._strict:
            columns[i] = list(compress(columns[i], keep))
        features: list[TypedColumn] = [
            reader.coded(values) if isinstance(reader, TextReader) else values
            for reader, values in zip(self._readers, columns, strict=True)
        ]
        statistics = [
            None if isinstance(column, CodedColumn) else self._statistics(i, column)
            for i, column in enumerate(features)
        ]
        self._count(features)
        codes = list(compress(codes, keep)) if codes else []
        problems.sort(key=lambda problem: problem.line)
        return TypedRows(features, statistics, codes, keep.count(True), problems)

    def _count(self, features: list[TypedColumn]) -> None:
        for reader, column in zip(self._readers, features, strict=True):
            if isinstance(reader, TextReader) and isinstance(column, CodedColumn):
                reader.count(column.codes)

    def _look_for_values(self, block: Block, j: int) -> None:
        name = self._schema.columns[j].name
        if name in self.filled:
            return
        cells = block.columns[j]
        if all(map(self._missing.as_nan.__contains__, set(cells))):
            return
        row = next((i for i, cell in enumerate(cells) if not self._missing.is_missing(cell)), None)
        if row is not None:
            self.filled[name] = block.lines[row]
