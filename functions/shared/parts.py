"""Parts of a validated dataset: `.npz` files that `numpy.load` opens as they are, by the standard library alone.

A part holds the rows of one stretch of the CSV, in order:
  X        float64 (rows, features), column-major, so that a column is one contiguous run
  y        uint8 or uint16 (rows,), index into `classes`
  classes  str (classes,), the label values up to here, by first appearance
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0).
"""

import ast
import io
import sys
import zipfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import IO

from shared.errors import DatasetChangedError

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_CODES = {"B": "|u1", "H": "<u2"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # equal parts give equal bytes


@dataclass(frozen=True)
class Part:
    """`columns`: one array('d') per feature; `codes`: array('B' or 'H') with an index into `classes` per row."""

    columns: list[array]
    codes: array
    classes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.codes)

    def select(self, mask: bytes) -> "Part":
        """The rows whose byte in the mask is 1, in order."""
        first, end = mask.find(1), mask.rfind(1) + 1
        if mask.count(1) == end - first:  # one run of rows, as in a chronological split
            rows = slice(first, end)
            return Part([column[rows] for column in self.columns], self.codes[rows], self.classes)
        columns = [array("d", compress(column, mask)) for column in self.columns]
        return Part(columns, array(self.codes.typecode, compress(self.codes, mask)), self.classes)


def part_to_npz(part: Part) -> bytes:
    """The part as an uncompressed `.npz`."""
    return npz_of_pieces([[column] for column in part.columns], [part.codes], part.classes)


def npz_of_pieces(
    columns: Sequence[Sequence[array]], codes: Sequence[array], classes: tuple[str, ...]
) -> bytes:
    """The `.npz` of a part whose columns and codes come in pieces, one behind the other."""
    rows = sum(map(len, codes))
    width = max((len(name) for name in classes), default=1)
    names = b"".join(name.ljust(width, "\0").encode("utf-32-le") for name in classes)
    code_type = _CODES[codes[0].typecode]
    members: dict[str, tuple[bytes, Iterable[array | bytes]]] = {
        "X": (_header("<f8", (rows, len(columns)), fortran_order=True), chain.from_iterable(columns)),
        "y": (_header(code_type, (rows,)), codes),
        "classes": (_header(f"<U{width}", (len(classes),)), [names]),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, (header, pieces) in members.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _EPOCH), "w") as member:
                member.write(header)
                for piece in pieces:
                    member.write(memoryview(_little_endian(piece)).cast("B"))
    return buffer.getvalue()


def part_from_npz(content: bytes) -> Part:
    """The part in an `.npz` that `part_to_npz` wrote; raises DatasetChangedError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            with archive.open("X.npy") as member:  # column by column: a part is large
                _, (rows, width) = _read_header(member, {"<f8"}, fortran_order=True)
                columns = [_read_array(member, "d", rows) for _ in range(width)]
                _expect_end(member)
            with archive.open("y.npy") as member:
                dtype, shape = _read_header(member, set(_CODES.values()))
                if shape != (rows,):
                    raise ValueError(f"{shape} codes for {rows} rows")
                codes = _read_array(member, "B" if dtype == _CODES["B"] else "H", rows)
                _expect_end(member)
            with archive.open("classes.npy") as member:
                dtype, (count,) = _read_header(member, None)
                length = int(dtype.removeprefix("<U"))
                text = member.read().decode("utf-32-le")
                if len(text) != length * count:
                    raise ValueError(f"{len(text)} characters for {count} classes of {length}")
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise DatasetChangedError(f"a part of the validated dataset is damaged: {error}") from error
    classes = tuple(text[length * k : length * (k + 1)].rstrip("\0") for k in range(count))
    return Part(columns, codes, classes)


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
    return _little_endian(values)


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
