"""Two models on the same test rows: differences of pairs with intervals, against SciPy and by hand."""

from array import array

import numpy as np
import pytest
from scipy import stats

from model_service_cli.runs.paired import LEAST_ROWS, differences
from shared.test_rows import ScoredRows

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 2, 200)


def scored(losses, predicted=LABELS, places=None) -> ScoredRows:
    places = range(len(LABELS)) if places is None else places
    return ScoredRows(
        ("no", "yes"), array("q", places), array("H", LABELS.tolist()), array("H", list(map(int, predicted))),
        array("d", list(map(float, losses))), array("d"),
    )  # fmt: skip


def test_log_loss_has_the_interval_of_the_paired_t_test():
    a, b = RANDOM.gamma(1, 0.5, 200), RANDOM.gamma(1, 0.3, 200)
    loss, _ = differences(scored(a), scored(b), in_blocks=False)
    expected = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert loss.difference == pytest.approx((b - a).mean(), rel=1e-12)
    assert loss.interval == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert (loss.outcome, loss.rows) == ("better", 200)


def test_a_higher_loss_is_worse_and_a_higher_accuracy_better():
    worse = LABELS.copy()
    worse[:40] ^= 1
    loss, accuracy = differences(
        scored([0.1] * 200, worse), scored(RANDOM.normal(0.5, 0.1, 200)), in_blocks=False
    )
    assert loss.outcome == "worse"
    assert (accuracy.outcome, accuracy.difference) == ("better", 0.2)
    assert accuracy.interval[0] < 0.2
    back, lost = differences(scored([0.5] * 200), scored([0.5] * 200, worse), in_blocks=False)
    assert (back.outcome, back.difference, back.interval) == ("not shown", 0.0, (0.0, 0.0))
    assert (lost.outcome, lost.difference) == ("worse", -0.2)


def test_neighbours_that_resemble_each_other_count_as_one():
    """A drift of the difference in time: by rows it seems certain, over blocks it is not."""
    wave = np.repeat(RANDOM.normal(0.05, 0.3, 5), 40)
    by_rows, _ = differences(scored([1.0] * 200), scored(1 + wave), in_blocks=False)
    over_blocks, _ = differences(scored([1.0] * 200), scored(1 + wave), in_blocks=True)
    assert over_blocks.difference == pytest.approx(by_rows.difference, rel=1e-12)
    width = by_rows.interval[1] - by_rows.interval[0]
    assert over_blocks.interval[1] - over_blocks.interval[0] > 2 * width


def test_other_rows_are_not_paired():
    said = differences(scored([0.5] * 200), scored([0.5] * 200, places=range(1, 201)), in_blocks=False)
    assert said == "their test rows are not the same ones"


def test_a_handful_of_rows_shows_nothing():
    few = ScoredRows(
        ("a", "b"), array("q", [1]), array("H", [0]), array("H", [0]), array("d", [0.1]), array("d")
    )
    assert differences(few, few, in_blocks=False) == "1 test rows are too few"
    assert LEAST_ROWS > 1
