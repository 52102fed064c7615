"""Reliability bins, against sklearn.calibration.calibration_curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from summarize.scoring.reliability import BINS, Reliability

PROBABILITIES = st.lists(
    st.floats(0, 1).map(lambda p: round(p, 6) + 1e-7 if 0 < p < 0.99 else p)
    | st.sampled_from([0.0, 0.5, 1.0]),
    min_size=1,
    max_size=50,
)


def binned(own: list[float], rest: list[float], block: int = 1000) -> dict:
    bins = Reliability()
    for start in range(0, max(len(own), len(rest)), block):
        rows = slice(start, start + block)
        bins.add(sorted(own[rows]), sorted(rest[rows]))
    return bins.to_json()


@given(own=PROBABILITIES, rest=PROBABILITIES)
def test_the_bins_are_scikit_learn_s(own, rest):
    shares, means = calibration_curve([1] * len(own) + [0] * len(rest), own + rest, n_bins=BINS)
    found = binned(own, rest)
    filled = [i for i in range(BINS) if found["rows"][i]]
    assert [found["hits"][i] / found["rows"][i] for i in filled] == pytest.approx(shares, rel=1e-12)
    assert [found["mean_probability"][i] for i in filled] == pytest.approx(means, rel=1e-12, abs=1e-300)
    assert (sum(found["rows"]), sum(found["hits"])) == (len(own) + len(rest), len(own))


@given(own=PROBABILITIES, rest=PROBABILITIES, block=st.integers(1, 9))
def test_blocks_leave_no_trace(own, rest, block):
    whole, cut = binned(own, rest), binned(own, rest, block)
    assert (cut["rows"], cut["hits"]) == (whole["rows"], whole["hits"])
    assert np.array(cut["mean_probability"], float) == pytest.approx(
        np.array(whole["mean_probability"], float), rel=1e-12, abs=1e-300, nan_ok=True
    )


def test_a_probability_on_an_edge_is_in_the_bin_below_and_an_empty_bin_has_no_mean():
    assert binned([0.5, 1.0], [0.0]) == {
        "rows": [1, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        "hits": [0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        "mean_probability": [0.0, None, None, None, 0.5, None, None, None, None, 1.0],
    }
