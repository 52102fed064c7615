"""FetchAndValidate in a process of its own on content made to be costly; prints the outcome as JSON.

python hostile_content.py NAME     one of SCENARIOS; the functions are on PYTHONPATH

The content is made while it is read, so the process's peak memory is the step's, with Python and boto3.
"""

import gzip
import json
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat

from fetch_and_validate import handler as step
from shared.errors import PermanentError
from shared.object_store import PinnedObject

MEGABYTE = 10**6
GIGABYTE = 10**9
HEADER = b"a,label\n1,x\n2,y\n"


def endless(piece: bytes) -> Iterator[bytes]:
    return repeat(piece * max(1, (1 << 18) // len(piece)))


def after_header(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return chain([HEADER], pieces)


def bomb(pieces: Iterator[bytes], content_bytes: int) -> Iterator[bytes]:
    """The gzip stream of the pieces' first content_bytes, a thousandth as large where they repeat themselves."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    done = 0
    while done < content_bytes:
        piece = next(pieces)
        done += len(piece)
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def padded_labels(line: bytes) -> Iterator[bytes]:
    """The same class spelled with ever more space around it."""
    return (
        b"".join(line % (b" " * (i % 1000), b" " * (i // 1000)) for i in range(j, j + 500))
        for j in range(0, 10**6, 500)
    )


def numbered(line: bytes, count: int) -> Iterator[bytes]:
    return (b"".join(line % i for i in range(j, min(j + 1000, count))) for j in range(0, count, 1000))


def long_labels(size: int) -> Iterator[bytes]:
    """A thousand labels of `size` bytes each."""
    return (b"1,%d%s\n" % (i, b"x" * size) for i in range(1000))


@dataclass
class Content:
    """bytes: how many of the pieces count, all by default; request: fields beside the key."""

    pieces: Callable[[], Iterator[bytes]]
    bytes: int
    key: str = "data/a.csv"
    request: dict = field(default_factory=dict)


ANY_SHARE = {"max_invalid_rows": 1.0}
PACKED = "data/a.csv.gz"
SCENARIOS = {
    "one line of 1 GB": Content(lambda: endless(b"x"), GIGABYTE),
    "a header and then one line of 1 GB": Content(lambda: after_header(endless(b"x")), GIGABYTE),
    "a header and then one row of a thousand million empty cells": Content(
        lambda: after_header(endless(b",")), GIGABYTE
    ),
    "a quote that is open for 1 GB": Content(
        lambda: after_header(chain([b'1,"'], endless(b"x\n"))), GIGABYTE
    ),
    "1 GB of quotes": Content(lambda: after_header(chain([b'1,"'], endless(b'""'))), GIGABYTE),
    "3 MB of quotes on lines of their own": Content(lambda: after_header(endless(b'"""\n')), 3 * MEGABYTE),
    "a header of a million columns": Content(lambda: numbered(b"c%d,", 10**6), 7 * MEGABYTE),
    "a header of 40,000 columns": Content(
        lambda: chain(numbered(b"%d,", 40_000), [b"label\n"], repeat(b"1,2\n", 300)),
        300_000,
        request=ANY_SHARE,
    ),
    "a header of 260,000 columns without a name": Content(
        lambda: chain([b"," * 260_000, b"label\n"], repeat(b"1,2\n", 300)), 262_000, request=ANY_SHARE
    ),
    "a header without a line end": Content(lambda: iter([b"a,b,label"]), 9),
    "a header of one name of 200 KB": Content(
        lambda: chain([b"a" * 200_000 + b",label\n"], repeat(b"x,y\n", 9)), 200_040
    ),
    "a column of 200 KB that is not the label": Content(
        lambda: chain([b"a" * 200_000 + b",b\n"], repeat(b"1,y\n", 9)), 200_038
    ),
    "a column with a name of 200 KB and a bad cell": Content(
        lambda: chain([b"a" * 200_000 + b",b,label\n"], [b"1,2,y\n"] * 9, [b"oops,3,z\n"]), 200_072
    ),
    "a million distinct labels": Content(lambda: chain([b"a,label\n"], numbered(b"1,x%d\n", 10**6)), 10**7),
    "a million spellings of one label": Content(
        lambda: after_header(padded_labels(b"1,%bx%b\n")), 200 * MEGABYTE
    ),
    "a million spellings of no label": Content(
        lambda: after_header(padded_labels(b"1,%bNA%b\n")), 200 * MEGABYTE, request=ANY_SHARE
    ),
    "a thousand labels of 1 MB": Content(lambda: after_header(long_labels(MEGABYTE)), GIGABYTE),
    "one label of 3 MB": Content(
        lambda: chain([b"a,label\n"], repeat(b"1,%s\n" % (b"x" * 3 * MEGABYTE), 3)), 9 * MEGABYTE
    ),
    "cells of 3 MB that are no number": Content(
        lambda: after_header(repeat(b"%s,x\n" % (b"y" * 3 * MEGABYTE), 20)), 60 * MEGABYTE
    ),
    "numbers of three million digits": Content(
        lambda: after_header(repeat(b"0.%s,x\n" % (b"7" * 3 * MEGABYTE), 20)), 60 * MEGABYTE
    ),
    "4 MB of blank lines": Content(lambda: after_header(endless(b"\n")), 4 * MEGABYTE),
    "3 MB of rows of one cell": Content(
        lambda: after_header(endless(b"1\n")), 3 * MEGABYTE, request=ANY_SHARE
    ),
    "a gzip bomb of one line of 1 GB": Content(lambda: bomb(endless(b"x"), GIGABYTE), GIGABYTE, PACKED),
    "a gzip bomb of one cell of 1 GB": Content(
        lambda: bomb(after_header(endless(b"x")), GIGABYTE), GIGABYTE, PACKED
    ),
    "a gzip bomb of 1 GB of NUL bytes": Content(lambda: bomb(endless(b"\0"), GIGABYTE), GIGABYTE, PACKED),
    "a gzip bomb of 20 MB of rows": Content(
        lambda: bomb(after_header(endless(b"1,x\n")), 20 * MEGABYTE), GIGABYTE, PACKED
    ),
    "half a million empty gzip members": Content(
        lambda: chain([gzip.compress(HEADER)], repeat(gzip.compress(b"") * 10_000, 50)),
        10 * MEGABYTE + 48,
        PACKED,
    ),
}


class MadeStorage:
    """An `ObjectStore` whose CSV is made while it is read. What a step writes is counted; JSON is kept."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._documents: dict[str, bytes] = {}
        self.written = 0

    def pin(self, bucket: str, key: str, version_id: str | None = None) -> PinnedObject:
        return PinnedObject(bucket, key, "version-1", "etag-1", self._content.bytes)

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        position = 0
        end = source.bytes if end is None else end
        for piece in self._content.pieces():
            if position >= end:
                return
            for at in range(0, len(piece), 1 << 18):  # as S3's
                chunk = piece[at : at + (1 << 18)]
                if taken := chunk[max(0, start - position) : max(0, end - position)]:
                    yield taken
                position += len(chunk)

    def read(self, reference, missing=PermanentError) -> bytes:
        return self._documents[reference.key]

    def find(self, reference) -> None:
        return None

    def sizes(self, folder, at_most=None) -> dict[str, int]:
        return {}

    def write(self, reference, content: bytes, content_type: str) -> str:
        self.written += len(content)
        if reference.key.endswith(".json"):
            self._documents[reference.key] = content
        return "version-1"


def main() -> None:
    content = SCENARIOS[sys.argv[1]]
    step.storage = MadeStorage(content)
    began = time.perf_counter()
    try:
        output = step.handler({"model": "gaussian", "key": content.key, **content.request}, None)
        outcome = {"output": output}
    except PermanentError as error:
        outcome = {"error": type(error).__name__, "message": str(error)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    figures = {
        "seconds": time.perf_counter() - began,
        "peak_mb": peak / MEGABYTE,
        "written": step.storage.written,
    }
    print(json.dumps(outcome | figures))


if __name__ == "__main__":
    main()
