"""The test rows of a run: NumPy's own `.npz`, written and read by the standard library."""

import io
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DatasetChangedError
from shared.test_rows import ScoredRows, scored_rows_from_npz

ROWS = ScoredRows(
    ("down", "größer"),
    array("q", [3, 70_000_000_000]),
    array("H", [0, 1]),
    array("H", [1, 1]),
    array("d", [0.7, 0.1]),
    array("d", [0.5, 0.9]),
)


@st.composite
def scored(draw) -> ScoredRows:
    classes = draw(st.lists(st.sampled_from("abcdé"), min_size=2, max_size=5, unique=True).map(sorted))
    rows = draw(st.integers(0, 20))

    def column(typecode: str, values) -> array:
        return array(typecode, draw(st.lists(values, min_size=rows, max_size=rows)))

    codes = st.integers(0, len(classes) - 1)
    shares = column("d", st.floats(0, 1)) if len(classes) == 2 else array("d")
    places = column("q", st.integers(0, 2**60))
    return ScoredRows(
        tuple(classes), places, column("H", codes), column("H", codes), column("d", st.floats(0, 37)), shares
    )


def test_numpy_opens_them():
    with np.load(io.BytesIO(ROWS.to_npz())) as arrays:
        assert list(arrays) == ["place", "label", "predicted", "loss", "probability", "classes"]
        assert arrays["place"].tolist() == [3, 70_000_000_000]
        assert arrays["classes"][arrays["predicted"]].tolist() == ["größer", "größer"]
        assert (arrays["loss"].tolist(), arrays["probability"].tolist()) == ([0.7, 0.1], [0.5, 0.9])


@given(scored())
def test_they_are_the_same_after_a_round_trip(rows):
    assert scored_rows_from_npz(rows.to_npz()) == rows
    assert scored_rows_from_npz(rows.to_npz()).to_npz() == rows.to_npz()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zip",
        ROWS.to_npz()[:-40],
        ScoredRows(("a",), array("q", [1]), array("H", [0]), array("H", [5]), array("d", [0.1]), array("d")).to_npz(),
        ScoredRows(("a",), array("q"), array("H", [0]), array("H", [0]), array("d", [0.1]), array("d")).to_npz(),
    ],
)  # fmt: skip
def test_what_was_not_written_like_this_is_damaged(content):
    with pytest.raises(DatasetChangedError, match="the file of the test rows is damaged"):
        scored_rows_from_npz(content)
