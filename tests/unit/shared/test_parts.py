"""Parts of a validated dataset: NumPy's own `.npz`, written and read by the standard library."""

import io
import math
import zipfile
from array import array
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DatasetChangedError
from shared.parts import Part, part_from_npz, part_to_npz
from shared.typed_columns import CodedColumn

PART = Part(
    [array("d", [1.5, -2.0, 3e300]), array("d", [0.1, 0.2, -0.0])],
    array("B", [0, 1, 0]),
    ("no", "ja, größer"),
)
CLASS_NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


MIXED = Part(
    [
        CodedColumn(array("B", [0, 1, 2]), ("rot", "", "grün")),
        array("d", [1.5, math.nan, 0.0]),
        array("d", [0.0, 1.0, 2.0]),
        CodedColumn(array("H", [1, 1, 0]), ("no", "yes")),
    ],
    array("B", [0, 1, 0]),
    ("down", "up"),
)


@st.composite
def coded(draw, rows, texts):
    values = tuple(draw(st.lists(texts, min_size=1, max_size=300, unique=True)))
    typecode = draw(st.sampled_from("BH" if len(values) <= 256 else "H"))
    codes = st.lists(st.integers(0, len(values) - 1), min_size=rows, max_size=rows)
    return CodedColumn(array(typecode, draw(codes)), values)


@st.composite
def parts(draw):
    rows = draw(st.integers(0, 40))
    floats = st.lists(st.floats(allow_nan=False), min_size=rows, max_size=rows)
    column = st.one_of(floats.map(lambda values: array("d", values)), coded(rows, CLASS_NAMES | st.just("")))
    label = draw(coded(rows, CLASS_NAMES))
    return Part(draw(st.lists(column, min_size=1, max_size=5)), label.codes, label.values)


def test_numpy_opens_a_part_as_it_is():
    with np.load(io.BytesIO(part_to_npz(PART))) as arrays:
        assert sorted(arrays) == ["X", "classes", "y"]
        np.testing.assert_array_equal(arrays["X"], [[1.5, 0.1], [-2.0, 0.2], [3e300, -0.0]], strict=True)
        np.testing.assert_array_equal(arrays["y"], np.array([0, 1, 0], np.uint8), strict=True)
        assert arrays["classes"][arrays["y"]].tolist() == ["no", "ja, größer", "no"]
        assert arrays["X"].flags.f_contiguous


def test_numpy_opens_a_part_with_text_and_holes():
    with np.load(io.BytesIO(part_to_npz(MIXED))) as arrays:
        assert list(arrays) == ["X", "codes_0", "values_0", "codes_3", "values_3", "y", "classes"]
        np.testing.assert_array_equal(arrays["X"], [[1.5, 0.0], [np.nan, 1.0], [0.0, 2.0]], strict=True)
        assert (arrays["codes_0"].dtype, arrays["codes_3"].dtype) == (np.uint8, np.uint16)
        assert arrays["values_0"][arrays["codes_0"]].tolist() == ["rot", "", "grün"]
        assert arrays["values_3"][arrays["codes_3"]].tolist() == ["yes", "yes", "no"]


@pytest.mark.parametrize("mask", [b"\1\0\1", b"\0\1\1", b"\0\0\0"])
def test_selected_rows_of_every_kind_of_column(mask):
    rows = [i for i, byte in enumerate(mask) if byte]
    selected = MIXED.select(mask)
    assert selected.rows == len(rows)
    assert list(selected.codes) == [MIXED.codes[i] for i in rows]
    for column, whole in zip(selected.columns, MIXED.columns, strict=True):
        if isinstance(whole, CodedColumn):
            assert list(column.codes) == [whole.codes[i] for i in rows]
            assert column.values == whole.values
        else:
            np.testing.assert_array_equal(column, [whole[i] for i in rows])


def test_reversed_rows_are_the_same_rows_from_the_end():
    backwards = MIXED.reversed()
    assert backwards.codes.tolist() == [0, 1, 0]
    assert backwards.columns[0] == CodedColumn(array("B", [2, 1, 0]), ("rot", "", "grün"))
    assert backwards.columns[2].tolist() == [2.0, 1.0, 0.0]
    assert backwards.reversed().columns[2:] == MIXED.columns[2:]


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
        numbers = [column.tolist() for column in part.columns if isinstance(column, array)]
        assert arrays["X"].T.tolist() == numbers
        for j, column in enumerate(part.columns):
            if isinstance(column, CodedColumn):
                assert arrays[f"codes_{j}"].tolist() == column.codes.tolist()
                assert arrays[f"values_{j}"].tolist() == list(column.values)
        assert arrays["y"].tolist() == part.codes.tolist()
        assert arrays["classes"].tolist() == list(part.classes)


@given(parts())
def test_equal_parts_give_equal_bytes(part):
    copy = deepcopy(part)
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
        pytest.param(npz(X=X, y=Y, classes=CLASSES[:1]), id="a code without its class"),
        pytest.param(npz(X=X, y=Y, classes=CLASSES, codes_0=Y), id="codes without their values"),
        pytest.param(npz(X=X, y=Y, classes=CLASSES, codes_9=Y, values_9=CLASSES), id="a gap in the features"),
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
