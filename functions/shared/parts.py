"""Parts of a validated dataset: `.npz` files that `numpy.load` opens as they are, by the standard library alone.

A part holds the rows of one stretch of the CSV, in order. Of its features, in the manifest's order, some are numbers
and dates, the others flags and categories; j counts all of them:
  X           float64 (rows, numbers and dates), column-major, so that a column is one contiguous run; NaN where a
              cell is missing; dates are seconds since 1970-01-01 UTC
  codes_<j>   uint8 or uint16 (rows,), of each flag and category: index into values_<j>
  values_<j>  str (values,), its texts; "" is a missing cell
  y           uint8 or uint16 (rows,), index into `classes`
  classes     str (classes,), the label values up to here, by first appearance
The format is that of `shared.npz`.
"""

import io
import re
import zipfile
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress

from shared.errors import DatasetChangedError
from shared.npz import (
    Member,
    expect_end,
    header,
    read_array,
    read_header,
    read_texts,
    texts_member,
    write_npz,
)
from shared.typed_columns import CodedColumn

_CODES = {"B": "|u1", "H": "<u2"}
_TYPECODES = {dtype: typecode for typecode, dtype in _CODES.items()}


@dataclass(frozen=True)
class Part:
    """`columns`: array("d") or CodedColumn per feature; `codes`: array("B" or "H"), index into `classes` per row."""

    columns: list[array | CodedColumn]
    codes: array
    classes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.codes)

    def rows_per_class(self, end: int | None = None) -> Counter[str]:
        """The rows of each class, or of the first `end` rows alone."""
        return Counter({self.classes[code]: rows for code, rows in Counter(self.codes[:end]).items()})

    def select(self, mask: bytes) -> "Part":
        """The rows whose byte in the mask is 1, in order."""
        first, end = mask.find(1), mask.rfind(1) + 1
        one_run = mask.count(1) == end - first  # as in a chronological split

        def selected(values: array) -> array:
            return values[first:end] if one_run else array(values.typecode, compress(values, mask))

        return self._each(selected)

    def taken(self, places: Sequence[int]) -> "Part":
        """The rows at these places, in their order."""

        def taken(values: array) -> array:
            return array(values.typecode, map(values.__getitem__, places))

        return self._each(taken)

    def slice(self, start: int, end: int) -> "Part":
        """The rows from `start` on, without that at `end` and those behind it."""
        return self._each(lambda values: values[start:end])

    def reversed(self) -> "Part":
        """The same rows, the last one first."""
        return self._each(lambda values: values[::-1])

    def _each(self, change: Callable[[array], array]) -> "Part":
        """The part with every array changed alike."""
        columns = [
            CodedColumn(change(column.codes), column.values)
            if isinstance(column, CodedColumn)
            else change(column)
            for column in self.columns
        ]
        return Part(columns, change(self.codes), self.classes)


@dataclass(frozen=True)
class CodedPieces:
    """The codes of a CodedColumn in pieces, one behind the other."""

    codes: Sequence[array]
    values: tuple[str, ...]


def part_to_npz(part: Part, more: Mapping[str, Member] | None = None) -> bytes:
    """The part as an uncompressed `.npz`; more: other arrays in it."""
    columns = [
        CodedPieces([column.codes], column.values) if isinstance(column, CodedColumn) else [column]
        for column in part.columns
    ]
    return npz_of_pieces(columns, [part.codes], part.classes, more)


def npz_of_pieces(
    columns: Sequence[Sequence[array] | CodedPieces],
    codes: Sequence[array],
    classes: tuple[str, ...],
    more: Mapping[str, Member] | None = None,
) -> bytes:
    """The `.npz` of a part whose columns and codes come in pieces, one behind the other; more: other arrays in it."""
    rows = sum(map(len, codes))
    numbers = [column for column in columns if not isinstance(column, CodedPieces)]
    members: dict[str, Member] = {
        "X": (header("<f8", (rows, len(numbers)), fortran_order=True), chain.from_iterable(numbers))
    }
    for j, column in enumerate(columns):
        if isinstance(column, CodedPieces):
            members[f"codes_{j}"] = _codes_member(column.codes)
            members[f"values_{j}"] = texts_member(column.values)
    members["y"] = _codes_member(codes)
    members["classes"] = texts_member(classes)
    return write_npz(members | dict(more or {}))


def _codes_member(pieces: Sequence[array]) -> Member:
    return header(_CODES[pieces[0].typecode], (sum(map(len, pieces)),)), pieces


def part_from_npz(content: bytes) -> Part:
    """The part in an `.npz` that `part_to_npz` wrote; raises DatasetChangedError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            with archive.open("X.npy") as member:  # column by column: a part is large
                _, (rows, width) = read_header(member, {"<f8"}, fortran_order=True)
                columns: list[array | CodedColumn] = [read_array(member, "d", rows) for _ in range(width)]
                expect_end(member)
            for j in sorted(_coded_features(archive)):
                column = _read_coded(archive, f"codes_{j}", f"values_{j}", rows)
                if j > len(columns):
                    raise ValueError(f"codes_{j} stands behind {len(columns)} features")
                columns.insert(j, column)
            label = _read_coded(archive, "y", "classes", rows)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise DatasetChangedError(f"a part of the validated dataset is damaged: {error}") from error
    return Part(columns, label.codes, label.values)


def _coded_features(archive: zipfile.ZipFile) -> set[int]:
    """j of every codes_<j>."""
    names = (re.fullmatch(r"codes_(\d{1,4})\.npy", name) for name in archive.namelist())
    return {int(name[1]) for name in names if name}


def _read_coded(archive: zipfile.ZipFile, codes_name: str, values_name: str, rows: int) -> CodedColumn:
    with archive.open(f"{codes_name}.npy") as member:
        dtype, shape = read_header(member, set(_TYPECODES))
        if shape != (rows,):
            raise ValueError(f"{shape} codes for {rows} rows")
        codes = read_array(member, _TYPECODES[dtype], rows)
        expect_end(member)
    with archive.open(f"{values_name}.npy") as member:
        values = read_texts(member)
    if codes and max(codes) >= len(values):
        raise ValueError(f"{codes_name} has a code behind its {len(values)} values")
    return CodedColumn(codes, values)
