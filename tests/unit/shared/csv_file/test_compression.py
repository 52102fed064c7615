"""Gzip, undone while the bytes stream by."""

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.compression import gunzipped
from shared.errors import InvalidDatasetError


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[i : i + size] for i in range(0, len(content), size)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(1, 50))
def test_any_gzip_of_one_or_more_members_in_any_chunks(members, size):
    content = b"".join(map(gzip.compress, members))
    assert b"".join(gunzipped(cut(content, size))) == b"".join(members)


def test_chunks_are_bounded_however_well_the_content_compresses():
    bomb = gzip.compress(bytes(200 << 20), 1)
    tracemalloc.start()
    total = 0
    for chunk in gunzipped([bomb]):
        assert len(chunk) <= 1 << 20
        total += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 200 << 20
    assert peak < 16 << 20


@pytest.mark.parametrize("content", [b"a,label\n1,x\n", gzip.compress(b"a,label\n")[:-9] + b"damaged!!"])
def test_what_is_no_gzip_is_refused(content):
    with pytest.raises(InvalidDatasetError, match="its content is not valid gzip"):
        list(gunzipped([content]))


@pytest.mark.parametrize("length", [1, 12, 25])
def test_a_stream_that_is_cut_off_is_refused(length):
    with pytest.raises(InvalidDatasetError, match="cut off"):
        list(gunzipped([gzip.compress(b"a,label\n1,x\n")[:length]]))
