"""Gzip, recognised and undone while the bytes stream by."""

import zlib
from collections.abc import Iterable, Iterator

from shared.csv_file.recognition import GZIP
from shared.errors import InvalidDatasetError

_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
_OUTPUT_BYTES = 1 << 18  # at a time, whatever the ratio
_INPUT_BYTES = 1 << 13  # at a time: zlib copies what is left of it for every member and every output
# What one invocation reads in its 15 minutes. A thousandth of that unfolds to it.
MAX_CONTENT_BYTES = 20 * 10**9


def is_gzip(name: str, content_encoding: str | None, start: bytes) -> bool:
    """Whether the content is gzip, by its first bytes, or says that it is, by its name or Content-Encoding."""
    return start.startswith(GZIP) or name.endswith(".gz") or content_encoding == "gzip"


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a gzip stream, several members included, in chunks of at most 256 KiB.

    Zeros behind a member are padding. Raises InvalidDatasetError when it is no gzip, damaged, cut off, or
    unfolds to more than MAX_CONTENT_BYTES.
    """
    member = zlib.decompressobj(_GZIP_WRAPPER)
    left = MAX_CONTENT_BYTES
    try:
        for piece in _pieces(chunks):
            while piece:
                if member.eof:
                    piece = piece.lstrip(b"\0")
                    if not piece:
                        break
                    member = zlib.decompressobj(_GZIP_WRAPPER)
                if content := member.decompress(piece, _OUTPUT_BYTES):
                    left -= len(content)
                    if left < 0:
                        raise _too_much()
                    yield content
                piece = member.unconsumed_tail or member.unused_data
    except zlib.error as error:
        raise InvalidDatasetError(
            f"the object is named or encoded as gzip, but its content is not valid gzip ({error})"
        ) from error
    if not member.eof:
        raise InvalidDatasetError("the gzip stream ends before its end: the object is cut off")


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _INPUT_BYTES):
            yield chunk[start : start + _INPUT_BYTES]


def _too_much() -> InvalidDatasetError:
    return InvalidDatasetError(
        f"the gzip object unfolds to more than {MAX_CONTENT_BYTES:,} bytes; gzip cannot be cut into shards, and one is "
        "read up to that: upload it uncompressed"
    )
