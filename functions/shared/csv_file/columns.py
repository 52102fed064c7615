"""Which columns become features, as what, which are left out, and why.

A column's kind is decided once, from the sample, and then holds for the whole file: a text cell in a column of
numbers is an invalid row, not a reason to call the column text.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from shared.close_names import did_you_mean
from shared.csv_file.cells import MAX_NAME_BYTES, MissingTokens, shown
from shared.csv_file.kind_rules import Sample, asked_for, decide, decide_wanted
from shared.csv_file.kinds import DATE, NUMBER, Kind
from shared.csv_file.sample import Run
from shared.errors import InvalidDatasetError
from shared.event_fields import Json

# A scatter matrix has features**2 cells, and every row costs as many multiplications.
MAX_FEATURES = 1000
_REASONS_SHOWN = 5


@dataclass(frozen=True)
class ColumnChoice:
    """What a request says of the columns.

    features: the features, in order, None for all that can be; columns: a kind for some of them, by name; excluded:
    columns to leave out; missing: tokens that stand for a missing cell beside the usual ones; time: the column that
    orders the rows; sensitive: categories by whose groups errors are told, features or not.
    """

    label: str
    features: tuple[str, ...] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    time: str | None = None
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of the header: its role is feature, label or left_out, with the reason for the latter.

    kind: what its cells are; None for the label, and for a column that is left out and not read. empty: left
    out because its sample has no value. known: the texts that an existing model tells apart, None where all are.
    """

    name: str
    role: str
    reason: str | None = None
    kind: Kind | None = None
    empty: bool = False
    known: frozenset[str] | None = None

    @property
    def own_kind(self) -> Kind:
        """The kind of a column that is read: it has one."""
        assert self.kind is not None
        return self.kind

    def to_json(self) -> Json:
        value: Json = {"name": self.name, "role": self.role}
        if self.reason:
            value["reason"] = self.reason
        if self.kind:
            value |= {"kind": self.kind.name, "notation": self.kind.notation_text}
        return value | ({"empty": True} if self.empty else {})

    @classmethod
    def from_json(cls, value: Json) -> "Column":
        kind = Kind.from_text(value["kind"], value["notation"]) if "kind" in value else None
        return cls(value["name"], value["role"], value.get("reason"), kind, value.get("empty", False))


@dataclass(frozen=True)
class Schema:
    """`features`: header indices of the columns that are read, the features in model order, then those that are left
    out and read for their groups alone; `label`: index of the class column, None without.

    missing: tokens that stand for a missing cell beside the usual ones.
    """

    columns: tuple[Column, ...]
    features: tuple[int, ...]
    label: int | None
    missing: tuple[str, ...] = ()

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(self.columns[index].name for index in self.features)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind of each feature."""
        return tuple(self.columns[index].own_kind for index in self.features)

    @cached_property
    def empty_columns(self) -> tuple[int, ...]:
        """Header indices of the columns that are left out because their sample has no value."""
        return tuple(j for j, column in enumerate(self.columns) if column.empty)


def choose_columns(header: tuple[str, ...], runs: Sequence[Run], choice: ColumnChoice) -> Schema:
    """The schema for this choice; raises InvalidDatasetError when the header or the sample cannot serve it."""
    times = Counter(header)
    label = _index(header, times, choice.label, "label_column")
    for name in choice.columns:
        _index(header, times, name, "columns")
    for name in choice.excluded:
        if name not in times:
            raise _no_column(header, name, "exclude_columns")
    missing = MissingTokens(choice.missing)
    wanted = None
    if choice.features is not None:
        wanted = tuple(_index(header, times, name, "feature_columns") for name in choice.features)
    columns = tuple(
        Column(name, "label")
        if j == label
        else _judged(name, times[name], Sample.of([[row[j] for row in run] for run in runs], missing), choice)
        for j, name in enumerate(header)
    )
    features = wanted or tuple(j for j, column in enumerate(columns) if column.role == "feature")
    grouping = tuple(_grouping(header, times, columns, name) for name in choice.sensitive)
    if not features:
        raise InvalidDatasetError(
            f"no column but the label {choice.label!r} can be a feature: {_reasons(columns)}; at least one is needed "
            "(columns says what a column is)"
        )
    if len(features) > MAX_FEATURES:
        raise InvalidDatasetError(
            f"{len(features)} features; allowed are {MAX_FEATURES}: choose some with feature_columns"
        )
    if choice.time is not None:
        time = columns[_index(header, times, choice.time, "time_column")]
        if time.role != "feature" or time.own_kind.name not in (DATE, NUMBER):
            raise InvalidDatasetError(
                f"time_column {choice.time!r} is no date and no number, so it orders no rows: "
                f"{time.reason or time.role}"
            )
    return Schema(columns, (*features, *(j for j in grouping if j not in features)), label, choice.missing)


def features_of(header: tuple[str, ...], features: Sequence[Column], missing: tuple[str, ...] = ()) -> Schema:
    """The schema that reads the features of an existing model from a file, whatever else is in it: no label.

    Raises InvalidDatasetError where the header lacks one, or names it more than once.
    """
    times = Counter(header)
    if lost := [column.name for column in features if not times[column.name]]:
        what = "column" if len(lost) == 1 else "columns"
        raise InvalidDatasetError(
            f"the header has no {what} {_listed(lost)}, which the model reads; it has {_listed(header)}"
        )
    if twice := [column.name for column in features if times[column.name] > 1]:
        raise InvalidDatasetError(
            f"the header names column {twice[0]!r} {times[twice[0]]} times; the model reads it"
        )
    known = {column.name: column for column in features}
    columns = tuple(known.get(name, Column(name, "left_out", "not read by the model")) for name in header)
    return Schema(columns, tuple(header.index(column.name) for column in features), None, missing)


def _judged(name: str, times: int, sample: Sample, choice: ColumnChoice) -> Column:
    """What becomes of a column that is not the label."""
    if not name:
        return Column(name, "left_out", "no name in the header")
    if len(name.encode()) > MAX_NAME_BYTES:
        return Column(name, "left_out", f"its name has more than {MAX_NAME_BYTES} bytes")
    if times > 1:
        return Column(name, "left_out", "the header has this name more than once")
    unwanted = None
    if choice.features is not None and name not in choice.features:
        unwanted = "not among feature_columns"
    elif name in choice.excluded:
        unwanted = "among exclude_columns"
    if unwanted is None:
        return _read(name, sample, choice)
    if name not in choice.sensitive:
        return Column(name, "left_out", unwanted)
    return replace(
        _read(name, sample, choice), role="left_out", reason=f"{unwanted}; read for sensitive_columns alone"
    )


def _read(name: str, sample: Sample, choice: ColumnChoice) -> Column:
    """A column that nobody has left out, and whether it can be a feature."""
    try:
        if name in choice.columns:
            return Column(name, "feature", kind=asked_for(choice.columns[name], sample))
        if choice.features is not None:
            return Column(name, "feature", kind=decide_wanted(sample))
    except ValueError as error:
        raise InvalidDatasetError(f"column {name!r}: {error}") from error
    decision = decide(sample)
    if decision.kind is None:
        empty = bool(sample.cells) and not sample.present
        return Column(name, "left_out", decision.reason, empty=empty)
    return Column(name, "feature", kind=decision.kind)


def _grouping(header: tuple[str, ...], times: Counter[str], columns: Sequence[Column], name: str) -> int:
    """The header index of a column by whose groups errors are told."""
    j = _index(header, times, name, "sensitive_columns")
    kind = columns[j].kind
    if kind is not None and kind.coded:
        return j
    what = f"a {kind.name}" if kind is not None else columns[j].reason or "the label"
    allowed = [column.name for column in columns if column.kind is not None and column.kind.coded]
    raise InvalidDatasetError(
        f"sensitive_columns {shown(name)} is no category: {what}; allowed are the categories of the CSV: "
        f"{_listed(allowed, shown) or 'there is none'} (columns makes one of another, as in "
        '{"zip": "category"})'
    )


def _index(header: tuple[str, ...], times: Counter[str], name: str, field: str) -> int:
    if times[name] == 1:
        return header.index(name)
    if times[name]:
        raise InvalidDatasetError(
            f"the header names column {name!r} {times[name]} times; {field} needs it once"
        )
    raise _no_column(header, name, field)


def _no_column(header: tuple[str, ...], name: str, field: str) -> InvalidDatasetError:
    meant = did_you_mean(name, header)
    return InvalidDatasetError(
        f"{field} {name!r} is not a column{meant}; the header has {_listed(header, shown)}"
    )


def _reasons(columns: Sequence[Column]) -> str:
    left_out = [f"{shown(column.name)} is left out: {column.reason}" for column in columns if column.reason]
    return (
        "; ".join(left_out[:_REASONS_SHOWN]) + ("; ..." if len(left_out) > _REASONS_SHOWN else "")
        or "there is none"
    )


def _listed(names: Sequence[str], show: Callable[[str], str] = repr) -> str:
    return ", ".join(map(show, names[:20])) + (", ..." if len(names) > 20 else "")
