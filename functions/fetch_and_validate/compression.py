"""Gzip, recognised and undone while the bytes stream by."""

import zlib
from collections.abc import Iterable, Iterator

from shared.errors import InvalidDatasetError
from shared.object_store import PinnedObject

_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
_OUTPUT_BYTES = 1 << 18  # at a time, whatever the ratio


def is_gzip(source: PinnedObject) -> bool:
    """Whether the object says that it is compressed: by its key's suffix or its Content-Encoding."""
    return source.key.endswith(".gz") or source.content_encoding == "gzip"


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a gzip stream, several members included, in chunks of at most 256 KiB.

    Raises InvalidDatasetError when it is no gzip, damaged or cut off.
    """
    member = zlib.decompressobj(_GZIP_WRAPPER)
    try:
        for chunk in chunks:
            while chunk:
                if member.eof:
                    member = zlib.decompressobj(_GZIP_WRAPPER)
                if content := member.decompress(chunk, _OUTPUT_BYTES):
                    yield content
                chunk = member.unconsumed_tail or member.unused_data
    except zlib.error as error:
        raise InvalidDatasetError(
            f"the object is named or encoded as gzip, but its content is not valid gzip ({error})"
        ) from error
    if not member.eof:
        raise InvalidDatasetError("the gzip stream ends before its end: the object is cut off")
