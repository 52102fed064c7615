"""Which columns become features, which are left out, and why.

A column's kind is decided once, from the sample, and then holds for the whole file: a text cell in a
numeric column is an invalid row, not a reason to call the column text.
"""

import math
from collections import Counter
from dataclasses import dataclass

from shared.csv_file.cells import MAX_NAME_BYTES, is_missing, number, shown
from shared.csv_file.dialect import Dialect
from shared.errors import InvalidDatasetError
from shared.event_fields import Json

# A scatter matrix has features**2 cells, and every row costs as many multiplications.
MAX_FEATURES = 1000


@dataclass(frozen=True)
class Column:
    """A column of the header: its role is feature, label or left_out, with the reason for the latter."""

    name: str
    role: str
    reason: str | None = None

    def to_json(self) -> Json:
        return {"name": self.name, "role": self.role} | ({"reason": self.reason} if self.reason else {})


@dataclass(frozen=True)
class Schema:
    """`features`: header indices of the features in model order; `label`: index of the class column."""

    columns: tuple[Column, ...]
    features: tuple[int, ...]
    label: int

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(self.columns[index].name for index in self.features)


def choose_columns(
    dialect: Dialect, label_column: str, feature_columns: tuple[str, ...] | None = None
) -> Schema:
    """The schema for this label; raises InvalidDatasetError when the header cannot serve it.

    feature_columns: the features, in order; every numeric column but the label where it is None.
    """
    header = dialect.header
    times = Counter(header)
    label = _index(header, times, label_column, "label_column")
    if feature_columns is not None:
        features = tuple(_index(header, times, name, "feature_columns") for name in feature_columns)
        reasons = dict.fromkeys(set(range(len(header))) - set(features), "not among feature_columns")
    else:
        reasons = {j: reason for j in range(len(header)) if (reason := _left_out_reason(dialect, times, j))}
        features = tuple(j for j in range(len(header)) if j != label and j not in reasons)
    if not features:
        raise InvalidDatasetError(
            f"no column but the label {label_column!r} is numeric; at least one numeric feature is needed"
        )
    if len(features) > MAX_FEATURES:
        raise InvalidDatasetError(
            f"{len(features)} features; allowed are {MAX_FEATURES}: choose some with feature_columns"
        )
    columns = tuple(
        Column(name, "label")
        if j == label
        else Column(name, "left_out", reasons[j])
        if j in reasons
        else Column(name, "feature")
        for j, name in enumerate(header)
    )
    return Schema(columns, features, label)


def _index(header: tuple[str, ...], times: Counter[str], name: str, field: str) -> int:
    if times[name] == 1:
        return header.index(name)
    if times[name]:
        raise InvalidDatasetError(
            f"the header names column {name!r} {times[name]} times; {field} needs it once"
        )
    names = ", ".join(map(shown, header[:20])) + (", ..." if len(header) > 20 else "")
    raise InvalidDatasetError(f"{field} {name!r} is not a column; the header has {names}")


def _left_out_reason(dialect: Dialect, times: Counter[str], j: int) -> str | None:
    """Why column j cannot be a feature by default, None if it can: most of its sample is numeric.

    Without a sample nothing is left out: reading the body tells what is wrong with it.
    """
    name = dialect.header[j]
    if not name:
        return "no name in the header"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"its name has more than {MAX_NAME_BYTES} bytes"
    if times[name] > 1:
        return "the header has this name more than once"
    if not dialect.sample:
        return None
    cells = [row[j] for row in dialect.sample if len(row) > j and not is_missing(row[j])]
    if not cells:
        return f"no value in the first {len(dialect.sample)} rows"
    numeric = sum(math.isfinite(number(cell)) for cell in cells)
    return None if 2 * numeric >= len(cells) else f"text, such as {cells[0][:40]!r}"
