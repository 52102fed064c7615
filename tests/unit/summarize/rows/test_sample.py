"""Drawn rows of several pieces, as a file and back."""

import io
import zipfile
from array import array

import numpy as np
import pytest

from shared.errors import DatasetChangedError
from shared.parts import Part
from shared.typed_columns import coded
from summarize.rows.drawn_rows import DrawnRows
from summarize.rows.sample import Sample


def piece(
    numbers: list[float], texts: list[str], labels: list[str], marks: bytes, is_test: bytes
) -> DrawnRows:
    names = tuple(dict.fromkeys(labels))
    codes = array("B", map(names.index, labels))
    return DrawnRows(Part([array("d", numbers), coded(texts)], codes, names), marks, is_test)


@pytest.fixture
def sample() -> Sample:
    """Two pieces whose texts and classes have other codes in each."""
    return Sample(
        (
            piece([1.0, 2.0, 3.0], ["red", "", "blue"], ["a", "b", "a"], b"\1\3\2", b"\0\0\1"),
            piece([4.0, 5.0], ["blue", "green"], ["b", "c"], b"\1\2", b"\1\0"),
        )
    )


def rows_of(sample: Sample, bit: int) -> list[tuple]:
    """Number, text, class and side of each row that is marked with the bit."""
    return [
        (number, text.values[code], rows.part.classes[label], test)
        for rows in sample.drawn(bit)
        for text in [rows.part.columns[1]]
        for number, code, label, test in zip(
            rows.part.columns[0], text.codes, rows.part.codes, rows.is_test, strict=True
        )
    ]


def test_the_rows_of_a_draw_are_those_marked_with_its_bit_in_their_order(sample):
    assert rows_of(sample, 1) == [(1.0, "red", "a", 0), (2.0, "", "b", 0), (4.0, "blue", "b", 1)]
    assert rows_of(sample, 2) == [(2.0, "", "b", 0), (3.0, "blue", "a", 1), (5.0, "green", "c", 0)]
    assert rows_of(sample, 4) == []


def test_as_a_file_its_pieces_are_one_and_the_rows_are_the_same(sample):
    again = Sample.from_npz(sample.to_npz())
    assert len(again.pieces) == 1
    assert all(rows_of(again, bit) == rows_of(sample, bit) for bit in (1, 2, 3))
    assert again.to_npz() == sample.to_npz()


def test_numpy_opens_the_file(sample):
    with np.load(io.BytesIO(sample.to_npz())) as arrays:
        assert arrays["marks"].tolist() == [1, 3, 2, 1, 2]
        assert arrays["is_test"].tolist() == [0, 0, 1, 1, 0]
        assert arrays["X"].ravel().tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_sample_of_which_no_row_was_drawn_is_a_file_too():
    empty = Sample((piece([], [], [], b"", b""),))
    assert rows_of(Sample.from_npz(empty.to_npz()), 0xFF) == []


@pytest.mark.parametrize("change", ["marks", "is_test", "cut"])
def test_a_damaged_file_is_a_changed_dataset(sample, change):
    content = sample.to_npz()
    if change == "cut":
        damaged = content[:-40]
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
            for name in before.namelist():
                data = before.read(name)
                after.writestr(name, data[:-1] if name == f"{change}.npy" else data)
        damaged = buffer.getvalue()
    with pytest.raises(DatasetChangedError, match="damaged"):
        Sample.from_npz(damaged)
