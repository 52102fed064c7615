"""Parts of a validated dataset: `.npz` files that `numpy.load` opens as they are, by the standard library alone.

A part holds the rows of one stretch of the CSV, in order:
  X        float64 (rows, features), column-major, so that a column is one contiguous run
  y        uint8 or uint16 (rows,), index into `classes`
  classes  str (classes,), the label values up to here, by first appearance
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0).
"""

import ast
import io
import math
import sys
import zipfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

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
    shape = (part.rows, len(part.columns))
    width = max((len(name) for name in part.classes), default=1)
    names = b"".join(name.ljust(width, "\0").encode("utf-32-le") for name in part.classes)
    members: dict[str, tuple[bytes, Sequence[array | bytes]]] = {
        "X": (_header("<f8", shape, fortran_order=True), part.columns),
        "y": (_header(_CODES[part.codes.typecode], (part.rows,)), [part.codes]),
        "classes": (_header(f"<U{width}", (len(part.classes),)), [names]),
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
            _, (rows, width), cells = _member(archive, "X", {"<f8": 8}, fortran_order=True)
            code_type, code_shape, codes = _member(archive, "y", {"|u1": 1, "<u2": 2})
            name_type, (count,), names = _member(archive, "classes", {})
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise DatasetChangedError(f"a part of the validated dataset is damaged: {error}") from error
    if code_shape != (rows,):
        raise DatasetChangedError(
            f"a part of the validated dataset is damaged: {code_shape} codes for {rows} rows"
        )
    width_of_name = int(name_type[2:])
    text = bytes(names).decode("utf-32-le")
    return Part(
        columns=[_array("d", cells[8 * rows * j : 8 * rows * (j + 1)]) for j in range(width)],
        codes=_array("B" if code_type == "|u1" else "H", codes),
        classes=tuple(text[width_of_name * k : width_of_name * (k + 1)].rstrip("\0") for k in range(count)),
    )


def _header(dtype: str, shape: tuple[int, ...], fortran_order: bool = False) -> bytes:
    text = repr({"descr": dtype, "fortran_order": fortran_order, "shape": shape}).encode()
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGNMENT
    text += b" " * padding + b"\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text


def _member(
    archive: zipfile.ZipFile, name: str, item_bytes: dict[str, int], fortran_order: bool = False
) -> tuple[str, tuple[int, ...], memoryview]:
    """dtype, shape and data of a `.npy` in the archive.

    item_bytes: the dtypes it may have, with their sizes; none for text. Raises ValueError where it differs.
    """
    content = archive.read(f"{name}.npy")
    if not content.startswith(_MAGIC):
        raise ValueError(f"{name} is not an .npy file of version 1.0")
    start = len(_MAGIC) + 2
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    header = ast.literal_eval(content[start:end].decode("latin-1").strip())
    dtype, shape, data = header["descr"], header["shape"], memoryview(content)[end:]
    size = item_bytes.get(dtype) or (4 * int(dtype.removeprefix("<U")) if not item_bytes else None)
    if size is None or header["fortran_order"] != fortran_order or len(data) != size * math.prod(shape):
        raise ValueError(f"{name} has an unexpected type or shape: {header}")
    return dtype, shape, data


def _array(typecode: str, data: memoryview) -> array:
    values = array(typecode)
    values.frombytes(data)
    return _little_endian(values)


def _little_endian(values: array | bytes) -> array | bytes:
    """The files are little-endian; on a big-endian machine a copy is swapped."""
    if sys.byteorder == "little" or isinstance(values, bytes):
        return values
    swapped = values[:]
    swapped.byteswap()
    return swapped
