"""The ROC area, its chance error (SciPy's Mann-Whitney test) and its own error (DeLong's, Obuchowski's)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from summarize.scoring.rank_test import RankTest, rank_test, rank_test_in_blocks
from summarize.scoring.score_counts import ScoreCounts

SCORES = st.lists(st.integers(0, 6).map(float), min_size=10, max_size=40)


def result_of(own: list[float], rest: list[float]) -> RankTest:
    scores = ScoreCounts(None)
    scores.add(own, rest)
    return rank_test(scores.groups(), len(own), len(rest))


def placements(own: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong's components from their definition: the mean of psi over the rows of the other side."""
    psi = (own[:, None] > rest[None, :]) + 0.5 * (own[:, None] == rest[None, :])
    return psi.mean(axis=1), psi.mean(axis=0)


@given(SCORES, SCORES)
def test_area_and_chance_are_scikit_learn_s_and_scipy_s(own, rest):
    found = result_of(own, rest)
    labels = [1] * len(own) + [0] * len(rest)
    assert found.area == pytest.approx(roc_auc_score(labels, own + rest))
    if len({*own, *rest}) > 1:
        p_value = math.erfc(abs(found.area - 0.5) / found.chance / math.sqrt(2))
        expected = stats.mannwhitneyu(own, rest, method="asymptotic", use_continuity=False).pvalue
        assert p_value == pytest.approx(expected, rel=1e-9)
    else:
        assert found.chance == 0.0


@given(SCORES, SCORES)
def test_the_error_is_delong_s_by_its_definition(own, rest):
    of_own, of_rest = placements(np.array(own), np.array(rest))
    variance = np.var(of_own, ddof=1) / len(own) + np.var(of_rest, ddof=1) / len(rest)
    assert result_of(own, rest).error == pytest.approx(math.sqrt(variance), rel=1e-9, abs=1e-9)


def test_so_few_rows_of_a_side_have_no_spread_of_their_own():
    """Two rows at the very top would leave no error at all."""
    found = result_of([8.0, 9.0], [float(score) for score in range(8)])
    assert (found.area, found.error) == (1.0, found.chance)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_in_blocks_the_error_is_obuchowski_s_by_its_definition(seed):
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 8, (12, 20))
    labels = generator.integers(0, 2, (12, 20)).astype(bool)
    labels[0, :2] = True, False
    blocks = [
        {
            int(bin): (
                int(np.sum(labels[j] & (scores[j] == bin))),
                int(np.sum(~labels[j] & (scores[j] == bin))),
            )
            for bin in set(scores[j].tolist())
        }
        for j in range(12)
    ]
    of_own, of_rest = placements(scores[labels], scores[~labels])
    of_own, of_rest = (
        np.split(of_own, np.cumsum(labels.sum(1))[:-1]),
        np.split(of_rest, np.cumsum((~labels).sum(1))[:-1]),
    )
    m, n = labels.sum(), (~labels).sum()
    area = np.concatenate(of_own).mean()
    own = np.array([values.sum() - len(values) * area for values in of_own])
    rest = np.array([values.sum() - len(values) * area for values in of_rest])
    i10, i01, i = sum(map(bool, map(len, of_own))), sum(map(bool, map(len, of_rest))), 12
    s10 = i10 / ((i10 - 1) * m) * np.sum(own**2)
    s01 = i01 / ((i01 - 1) * n) * np.sum(rest**2)
    s11 = i / (i - 1) * np.sum(own * rest)
    found = rank_test_in_blocks(blocks)
    assert found.area == pytest.approx(area)
    assert found.error == pytest.approx(math.sqrt(s10 / m + s01 / n + 2 * s11 / (m * n)), rel=1e-9)


def test_in_blocks_so_few_rows_of_a_side_have_no_spread_of_their_own_either():
    """Two rows at the very top, in two blocks."""
    blocks = [{0: (0, 10), 5: (1, 0)}, {0: (0, 10), 6: (1, 0)}, {0: (0, 10)}]
    independent = rank_test([(0, 30), (1, 0), (1, 0)], 2, 30)
    found = rank_test_in_blocks(blocks)
    assert (found.area, found.error) == (1.0, independent.chance)
    assert found.chance == found.error > 0.0
