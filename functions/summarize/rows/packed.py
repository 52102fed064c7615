"""Many numbers in a JSON document: their bytes, compressed, as text. Exact, and a tenth of their decimals."""

import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable


def packed(typecode: str, numbers: Iterable[float]) -> str:
    """The numbers as an array of this type, little-endian as on every Lambda."""
    return b64encode(zlib.compress(array(typecode, numbers).tobytes(), 1)).decode()


def unpacked(typecode: str, text: str) -> array:
    """The numbers that `packed` wrote. Raises ValueError or zlib.error for anything else."""
    found = array(typecode)
    found.frombytes(zlib.decompress(b64decode(text)))
    return found
