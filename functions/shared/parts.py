"""Parts of a validated dataset: `.npz` files that `numpy.load` opens as they are, by the standard library alone.

A part holds the rows of one stretch of the CSV, in order. Of its features, in the manifest's order, some are numbers
and dates, the others flags and categories; j counts all of them:
  X           float64 (rows, numbers and dates), column-major, so that a column is one contiguous run; NaN where a
              cell is missing; dates are seconds since 1970-01-01 UTC
  codes_<j>   uint8 or uint16 (rows,), of each flag and category: index into values_<j>
  values_<j>  str (values,), its texts; "" is a missing cell
  y           uint8 or uint16 (rows,), index into `classes`
  classes     str (classes,), the label values up to here, by first appearance
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0).
"""

import ast
import io
import re
import sys
import zipfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import IO

from shared.errors import DatasetChangedError
from shared.typed_columns import CodedColumn

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_CODES = {"B": "|u1", "H": "<u2"}
_TYPECODES = {dtype: typecode for typecode, dtype in _CODES.items()}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # equal parts give equal bytes


@dataclass(frozen=True)
class Part:
    """`columns`: array("d") or CodedColumn per feature; `codes`: array("B" or "H"), index into `classes` per row."""

    columns: list[array | CodedColumn]
    codes: array
    classes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.codes)

    def select(self, mask: bytes) -> "Part":
        """The rows whose byte in the mask is 1, in order."""
        first, end = mask.find(1), mask.rfind(1) + 1
        one_run = mask.count(1) == end - first  # as in a chronological split

        def selected(values: array) -> array:
            return values[first:end] if one_run else array(values.typecode, compress(values, mask))

        columns = [
            CodedColumn(selected(column.codes), column.values)
            if isinstance(column, CodedColumn)
            else selected(column)
            for column in self.columns
        ]
        return Part(columns, selected(self.codes), self.classes)

    def reversed(self) -> "Part":
        """The same rows, the last one first."""
        columns = [
            CodedColumn(column.codes[::-1], column.values)
            if isinstance(column, CodedColumn)
            else column[::-1]
            for column in self.columns
        ]
        return Part(columns, self.codes[::-1], self.classes)


@dataclass(frozen=True)
class CodedPieces:
    """The codes of a CodedColumn in pieces, one behind the other."""

    codes: Sequence[array]
    values: tuple[str, ...]


def part_to_npz(part: Part) -> bytes:
    """The part as an uncompressed `.npz`."""
    columns = [
        CodedPieces([column.codes], column.values) if isinstance(column, CodedColumn) else [column]
        for column in part.columns
    ]
    return npz_of_pieces(columns, [part.codes], part.classes)


def npz_of_pieces(
    columns: Sequence[Sequence[array] | CodedPieces], codes: Sequence[array], classes: tuple[str, ...]
) -> bytes:
    """The `.npz` of a part whose columns and codes come in pieces, one behind the other."""
    rows = sum(map(len, codes))
    numbers = [column for column in columns if not isinstance(column, CodedPieces)]
    members: dict[str, tuple[bytes, Iterable[array | bytes]]] = {
        "X": (_header("<f8", (rows, len(numbers)), fortran_order=True), chain.from_iterable(numbers))
    }
    for j, column in enumerate(columns):
        if isinstance(column, CodedPieces):
            members[f"codes_{j}"] = _codes_member(column.codes)
            members[f"values_{j}"] = _texts_member(column.values)
    members["y"] = _codes_member(codes)
    members["classes"] = _texts_member(classes)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, (header, pieces) in members.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _EPOCH), "w") as member:
                member.write(header)
                for piece in pieces:
                    member.write(memoryview(_little_endian(piece)).cast("B"))
    return buffer.getvalue()


def _codes_member(pieces: Sequence[array]) -> tuple[bytes, Sequence[array]]:
    return _header(_CODES[pieces[0].typecode], (sum(map(len, pieces)),)), pieces


def _texts_member(texts: tuple[str, ...]) -> tuple[bytes, list[bytes]]:
    width = max(1, max(map(len, texts), default=1))
    content = b"".join(text.ljust(width, "\0").encode("utf-32-le") for text in texts)
    return _header(f"<U{width}", (len(texts),)), [content]


def part_from_npz(content: bytes) -> Part:
    """The part in an `.npz` that `part_to_npz` wrote; raises DatasetChangedError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            with archive.open("X.npy") as member:  # column by column: a part is large
                _, (rows, width) = _read_header(member, {"<f8"}, fortran_order=True)
                columns: list[array | CodedColumn] = [_read_array(member, "d", rows) for _ in range(width)]
                _expect_end(member)
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
        dtype, shape = _read_header(member, set(_TYPECODES))
        if shape != (rows,):
            raise ValueError(f"{shape} codes for {rows} rows")
        codes = _read_array(member, _TYPECODES[dtype], rows)
        _expect_end(member)
    with archive.open(f"{values_name}.npy") as member:
        dtype, (count,) = _read_header(member, None)
        length = int(dtype.removeprefix("<U"))
        text = member.read().decode("utf-32-le")
        if len(text) != length * count:
            raise ValueError(f"{len(text)} characters for {count} texts of {length}")
    values = tuple(text[length * k : length * (k + 1)].rstrip("\0") for k in range(count))
    if codes and max(codes) >= count:
        raise ValueError(f"{codes_name} has a code behind its {count} values")
    return CodedColumn(codes, values)


def _header(dtype: str, shape: tuple[int, ...], fortran_order: bool = False) -> bytes:
    text = repr({"descr": dtype, "fortran_order": fortran_order, "shape": shape}).encode()
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGNMENT
    text += b" " * padding + b"\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text


def _read_header(
    member: IO[bytes], dtypes: set[str] | None, fortran_order: bool = False
) -> tuple[str, tuple[int, ...]]:
    """dtype and shape of the `.npy`, whose data come next. Raises ValueError for a dtype not among `dtypes`."""
    if member.read(len(_MAGIC)) != _MAGIC:
        raise ValueError(f"{member.name} is not an .npy file of version 1.0")
    length = int.from_bytes(member.read(2), "little")
    header = ast.literal_eval(member.read(length).decode("latin-1").strip())
    if header["fortran_order"] != fortran_order or (dtypes is not None and header["descr"] not in dtypes):
        raise ValueError(f"{member.name} has an unexpected type or order: {header}")
    return header["descr"], header["shape"]


def _read_array(member: IO[bytes], typecode: str, length: int) -> array:
    values = array(typecode)
    values.frombytes(member.read(length * values.itemsize))
    if len(values) != length:
        raise ValueError(f"{member.name} ends too early")
    return array(typecode, _little_endian(values)) if sys.byteorder != "little" else values


def _expect_end(member: IO[bytes]) -> None:
    if member.read(1):
        raise ValueError(f"{member.name} goes on behind its data")


def _little_endian(values: array | bytes) -> array | bytes:
    """The files are little-endian; on a big-endian machine a copy is swapped."""
    if sys.byteorder == "little" or isinstance(values, bytes):
        return values
    swapped = values[:]
    swapped.byteswap()
    return swapped
