"""What becomes of the features now that every row is known: some turn out to be no features after all.

The sample cannot tell that a column is constant, or how many texts it has in all. Such a column keeps its place in
the parts, and its role in the manifest says that it is left out.
"""

from dataclasses import replace

from fetch_and_validate.report import ValidationReport
from shared.csv_file.cells import shown
from shared.csv_file.columns import Column, Schema
from shared.csv_file.date_statistics import DateStatistics
from shared.csv_file.kind_rules import NAMES_ROWS, names_rows
from shared.csv_file.kinds import CATEGORY, Statistics
from shared.csv_file.texts import FREE_TEXT, TextCounts
from shared.errors import InvalidDatasetError
from shared.event_fields import Json

CONSTANT = "constant: the same in every row"
NO_VALUE = "no value in any row"


def settled(schema: Schema, report: ValidationReport, request: Json) -> tuple[Column, ...]:
    """The columns with their final roles.

    Raises InvalidDatasetError where no feature is left, and for a sensitive column of which no groups can be told.
    """
    wanted = {*(request["feature_columns"] or ()), *(request["columns"] or ())}
    columns = list(schema.columns)
    for i, j in enumerate(schema.features):
        column = columns[j]
        reason = _reason(column, report.statistics[i], report.missing(i), column.name in wanted)
        if reason == FREE_TEXT and column.name in (request["sensitive_columns"] or ()):
            raise InvalidDatasetError(f"sensitive_columns {shown(column.name)} is no category: {FREE_TEXT}")
        if reason and column.role == "feature":
            columns[j] = replace(column, role="left_out", reason=reason)
    if not any(column.role == "feature" for column in columns):
        named = "; ".join(
            f"{shown(columns[j].name)} is left out: {columns[j].reason}" for j in schema.features[:5]
        )
        raise InvalidDatasetError(f"no column is left as a feature; at least one is needed: {named}")
    return tuple(columns)


def time_order(columns: tuple[Column, ...], report: ValidationReport, request: Json) -> str | None:
    """The column that orders the rows in time: the one asked for, or the first date that rises or falls with them."""
    if request["time_column"] is not None:
        return request["time_column"]
    used = {column.name for column in columns if column.role == "feature"}
    for column, statistics in zip(report.features, report.statistics, strict=True):
        if isinstance(statistics, DateStatistics) and statistics.order.direction and column.name in used:
            return column.name
    return None


def _reason(column: Column, statistics: Statistics, missing: int | None, wanted: bool) -> str | None:
    """Why a feature is none; None where it stays one."""
    if isinstance(statistics, TextCounts):
        if statistics.counts is None or missing is None:
            return FREE_TEXT
        present = sum(statistics.counts.values()) - missing
        if statistics.distinct + (missing > 0) <= 1:
            return CONSTANT if present else NO_VALUE
        if column.own_kind.name == CATEGORY and not wanted and names_rows(statistics.distinct, present):
            return NAMES_ROWS
        return None
    numbers = statistics.seconds if isinstance(statistics, DateStatistics) else statistics
    if not numbers.present:
        return NO_VALUE
    return CONSTANT if not missing and numbers.smallest == numbers.largest else None
