"""A block's cells as numbers and class codes, and the problems of the rows that must be left out."""

import math
from dataclasses import dataclass
from itertools import compress

from shared.csv_file.cells import NO_LABEL, LabelCodes, as_text, is_missing, number
from shared.csv_file.column_statistics import ColumnStatistics
from shared.csv_file.columns import Schema
from shared.csv_file.problems import Problem
from shared.csv_file.records import Block

# Sums of squares and of products over any number of rows stay far inside float64's range.
LARGEST_NUMBER = 1e140


@dataclass(frozen=True)
class TypedRows:
    """The valid rows: a list of floats and its statistics per feature, a class code per row.

    `problems` are those of the rows left out, in line order; a row may have several.
    """

    features: list[list[float]]
    statistics: list[ColumnStatistics]
    codes: list[int]
    problems: list[Problem]

    @property
    def rows(self) -> int:
        return len(self.codes)


def type_rows(block: Block, schema: Schema, labels: LabelCodes) -> TypedRows:
    """The block's rows, typed; `labels` numbers the classes across blocks.

    All columns are first taken as flawless, which costs one pass in C; only a block in which that fails is
    looked at cell by cell.
    """
    codes = list(map(labels.__getitem__, block.columns[schema.label]))
    ragged = [
        Problem("ragged row", line, None, f"{count} cells where the header has {len(schema.columns)}")
        for line, count in block.ragged
    ]
    features: list[list[float]] = []
    statistics: list[ColumnStatistics] = []
    for j in schema.features:
        values = _numbers(block.columns[j], block.plain)
        column_statistics = ColumnStatistics.of(values) if values is not None else None
        if values is None or column_statistics is None or column_statistics.magnitude > LARGEST_NUMBER:
            break
        features.append(values)
        statistics.append(column_statistics)
    flawless = len(features) == len(schema.features) and not (labels.any_missing and NO_LABEL in codes)
    if flawless:
        return TypedRows(features, statistics, codes, ragged)
    return _without_invalid_rows(block, schema, codes, ragged)


def _numbers(cells: list[bytes] | list[str], plain: bool) -> list[float] | None:
    """All cells as floats, None unless every one is a number by `float` and by the rules of `number`."""
    try:
        values = list(map(float, cells))
    except ValueError:
        return None
    return values if plain or not any(map(math.isnan, map(number, cells))) else None


def _without_invalid_rows(
    block: Block, schema: Schema, codes: list[int], problems: list[Problem]
) -> TypedRows:
    problems = list(problems)
    keep = [True] * block.rows
    features = []
    for j in schema.features:
        values = list(map(number, block.columns[j]))
        for i, value in enumerate(values):
            if not abs(value) <= LARGEST_NUMBER:  # NaN too
                cell = block.columns[j][i]
                keep[i] = False
                problems.append(
                    Problem(_flaw(cell, value), block.lines[i], schema.columns[j].name, as_text(cell))
                )
        features.append(values)
    for i, code in enumerate(codes):
        if code == NO_LABEL:
            keep[i] = False
            cell = block.columns[schema.label][i]
            problems.append(
                Problem("missing label", block.lines[i], schema.columns[schema.label].name, as_text(cell))
            )
    features = [list(compress(values, keep)) for values in features]
    return TypedRows(
        features,
        [ColumnStatistics.of(values) for values in features],
        list(compress(codes, keep)),
        sorted(problems, key=lambda problem: problem.line),
    )


def _flaw(cell: bytes | str, value: float) -> str:
    if is_missing(cell):
        return "missing value"
    return "not a number" if math.isnan(value) else "number out of range"
