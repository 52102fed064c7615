"""Parts of a validated dataset: NumPy's own `.npz`, written and read by the standard library."""

import io
import zipfile
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DatasetChangedError
from shared.parts import Part, part_from_npz, part_to_npz

PART = Part(
    [array("d", [1.5, -2.0, 3e300]), array("d", [0.1, 0.2, -0.0])],
    array("B", [0, 1, 0]),
    ("no", "ja, größer"),
)
CLASS_NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@st.composite
def parts(draw):
    rows = draw(st.integers(0, 40))
    floats = st.lists(st.floats(allow_nan=False), min_size=rows, max_size=rows)
    columns = [array("d", draw(floats)) for _ in range(draw(st.integers(1, 5)))]
    classes = tuple(draw(st.lists(CLASS_NAMES, min_size=1, max_size=300, unique=True)))
    typecode = draw(st.sampled_from("BH" if len(classes) <= 256 else "H"))
    codes = st.lists(st.integers(0, len(classes) - 1), min_size=rows, max_size=rows)
    return Part(columns, array(typecode, draw(codes)), classes)


def test_numpy_opens_a_part_as_it_is():
    with np.load(io.BytesIO(part_to_npz(PART))) as arrays:
        assert sorted(arrays) == ["X", "classes", "y"]
        np.testing.assert_array_equal(arrays["X"], [[1.5, 0.1], [-2.0, 0.2], [3e300, -0.0]], strict=True)
        np.testing.assert_array_equal(arrays["y"], np.array([0, 1, 0], np.uint8), strict=True)
        assert arrays["classes"][arrays["y"]].tolist() == ["no", "ja, größer", "no"]
        assert arrays["X"].flags.f_contiguous


def test_more_than_256_classes_are_counted_in_two_bytes():
    part = Part([array("d", [1.0])], array("H", [299]), tuple(map(str, range(300))))
    with np.load(io.BytesIO(part_to_npz(part))) as arrays:
        np.testing.assert_array_equal(arrays["y"], np.array([299], np.uint16), strict=True)


def test_the_data_of_every_array_is_aligned_as_numpy_s_format_asks():
    with zipfile.ZipFile(io.BytesIO(part_to_npz(PART))) as archive:
        for name in archive.namelist():
            assert (archive.read(name).index(b"\n") + 1) % 64 == 0


@given(parts())
def test_a_part_is_the_same_after_a_round_trip(part):
    again = part_from_npz(part_to_npz(part))
    assert again == part
    assert again.codes.typecode == part.codes.typecode
    assert again.rows == len(part.codes)


@given(parts())
def test_numpy_reads_what_we_read(part):
    with np.load(io.BytesIO(part_to_npz(part))) as arrays:
        assert arrays["X"].T.tolist() == [column.tolist() for column in part.columns]
        assert arrays["y"].tolist() == part.codes.tolist()
        assert arrays["classes"].tolist() == list(part.classes)


@given(parts())
def test_equal_parts_give_equal_bytes(part):
    copy = Part([array("d", column) for column in part.columns], part.codes[:], tuple(part.classes))
    assert part_to_npz(copy) == part_to_npz(part)


def test_a_part_written_by_numpy_is_read():
    buffer = io.BytesIO()
    np.savez(
        buffer,
        X=np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
        y=np.array([1, 0], np.uint8),
        classes=np.array(["a", "bc"]),
    )
    assert part_from_npz(buffer.getvalue()) == Part(
        [array("d", [1.0, 3.0]), array("d", [2.0, 4.0])], array("B", [1, 0]), ("a", "bc")
    )


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def other_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("X.npy", b"no array")
    return buffer.getvalue()


X = np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])
Y = np.array([1, 0], np.uint8)
CLASSES = np.array(["a", "b"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no zip at all", id="no zip"),
        pytest.param(part_to_npz(PART)[:-30], id="cut off"),
        pytest.param(other_zip(), id="a zip of something else"),
        pytest.param(npz(X=X, y=Y), id="a member is missing"),
    ],
)
def test_damaged_content_is_a_changed_dataset(content):
    with pytest.raises(DatasetChangedError, match="a part of the validated dataset is damaged"):
        part_from_npz(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(npz(X=np.ascontiguousarray(X), y=Y, classes=CLASSES), id="row by row"),
        pytest.param(npz(X=X.astype(np.float32), y=Y, classes=CLASSES), id="single precision"),
        pytest.param(npz(X=X, y=Y.astype(np.int64), classes=CLASSES), id="codes of eight bytes"),
        pytest.param(npz(X=X.ravel(), y=Y, classes=CLASSES), id="one dimension"),
        pytest.param(npz(X=X, y=Y[:1], classes=CLASSES), id="fewer codes than rows"),
    ],
)
def test_arrays_of_another_layout_are_a_changed_dataset(content):
    with pytest.raises(DatasetChangedError):
        part_from_npz(content)


def test_a_flipped_byte_in_the_data_is_found():
    content = bytearray(part_to_npz(PART))
    content[content.index(np.float64(-2.0).tobytes())] ^= 1
    with pytest.raises(DatasetChangedError):
        part_from_npz(bytes(content))
