"""NumPy's `.npz`, written and read by the standard library: arrays that numpy.load opens, equal ones in equal bytes.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0).
"""

import ast
import io
import sys
import zipfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_EPOCH = (1980, 1, 1, 0, 0, 0)
type Member = tuple[
    bytes, Iterable[array | bytes]
]  # the header, and the data in pieces, one behind the other


def write_npz(members: Mapping[str, Member]) -> bytes:
    """The arrays by name, uncompressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, (top, pieces) in members.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _EPOCH), "w") as member:
                member.write(top)
                for piece in pieces:
                    member.write(memoryview(_little_endian(piece)).cast("B"))
    return buffer.getvalue()


def texts_member(texts: Sequence[str]) -> Member:
    """An array of texts, each as wide as the longest; a text that ends in a null character loses it."""
    width = max(1, max(map(len, texts), default=1))
    content = b"".join(text.ljust(width, "\0").encode("utf-32-le") for text in texts)
    return header(f"<U{width}", (len(texts),)), [content]


def read_texts(member: IO[bytes]) -> tuple[str, ...]:
    """The texts of a member. Raises ValueError where they are not all there."""
    dtype, (count,) = read_header(member, None)
    length = int(dtype.removeprefix("<U"))
    text = member.read().decode("utf-32-le")
    if len(text) != length * count:
        raise ValueError(f"{len(text)} characters for {count} texts of {length}")
    return tuple(text[length * k : length * (k + 1)].rstrip("\0") for k in range(count))


def header(dtype: str, shape: tuple[int, ...], fortran_order: bool = False) -> bytes:
    text = repr({"descr": dtype, "fortran_order": fortran_order, "shape": shape}).encode()
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGNMENT
    text += b" " * padding + b"\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text


def read_header(
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


def read_array(member: IO[bytes], typecode: str, length: int) -> array:
    values = array(typecode)
    values.frombytes(member.read(length * values.itemsize))
    if len(values) != length:
        raise ValueError(f"{member.name} ends too early")
    return array(typecode, _little_endian(values)) if sys.byteorder != "little" else values


def expect_end(member: IO[bytes]) -> None:
    if member.read(1):
        raise ValueError(f"{member.name} goes on behind its data")


def _little_endian(values: array | bytes) -> array | bytes:
    """The files are little-endian; on a big-endian machine a copy is swapped."""
    if sys.byteorder == "little" or isinstance(values, bytes):
        return values
    swapped = values[:]
    swapped.byteswap()
    return swapped
