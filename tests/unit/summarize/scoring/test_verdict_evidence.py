"""What is summed up for a verdict: in blocks of consecutive rows, or by class."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.scoring.verdict_evidence import BLOCKS, Asked, Evidence

CLASSES = ("no", "yes")


def evidence_of(labels: list[str], of_yes: list[float], in_blocks: bool, cut: int) -> Evidence:
    asked = Asked(CLASSES, (1,), len(labels), in_blocks)
    found = Evidence()
    for first in range(0, len(labels), cut):
        own, p = labels[first : first + cut], of_yes[first : first + cut]
        losses = [-math.log(q if name == "yes" else 1 - q) for name, q in zip(own, p, strict=True)]
        answers = [CLASSES[q >= 0.5] for q in p]
        found = found.merge(Evidence.of(asked, first, own, answers, losses, [[1 - q for q in p], p]))
    return found


@pytest.fixture
def rows() -> tuple[list[str], list[float]]:
    generator = np.random.default_rng(1)
    labels = [CLASSES[one] for one in generator.integers(0, 2, 1000)]
    return labels, generator.uniform(0.01, 0.99, 1000).tolist()


def test_independent_rows_leave_the_statistics_of_their_losses_by_class(rows):
    labels, of_yes = rows
    found = evidence_of(labels, of_yes, in_blocks=False, cut=77)
    losses = np.array(
        [-math.log(q if name == "yes" else 1 - q) for name, q in zip(labels, of_yes, strict=True)]
    )
    for name in CLASSES:
        mine = losses[np.array(labels) == name]
        assert found.losses[name].present == len(mine)
        assert found.losses[name].mean == pytest.approx(mine.mean())
        assert found.losses[name].squares == pytest.approx(np.sum((mine - mine.mean()) ** 2))
    assert found.blocks == {}


def test_rows_in_order_leave_the_sums_of_thirty_blocks_wherever_they_were_cut(rows):
    labels, of_yes = rows
    found = evidence_of(labels, of_yes, in_blocks=True, cut=77)
    bounds = [-(-1000 * block // BLOCKS) for block in range(BLOCKS + 1)]
    assert sorted(found.blocks) == list(range(BLOCKS))
    for place, block in found.blocks.items():
        cut = slice(bounds[place], bounds[place + 1])
        right = sum(CLASSES[q >= 0.5] == name for name, q in zip(labels[cut], of_yes[cut], strict=True))
        assert dict(block.rows) == {name: labels[cut].count(name) for name in CLASSES}
        assert block.right == right
    assert found.changes == sum(a != b for a, b in pairwise(labels))


@pytest.mark.parametrize(
    ("stretch", "count"), [(1, 30), (2, 30), (17, 15), (40, 10), (80, 6), (100, 5), (125, 0), (500, 0)]
)
def test_blocks_are_joined_until_each_is_twice_as_long_as_a_label_lasts(stretch, count):
    labels = [CLASSES[i // stretch % 2] for i in range(1000)]
    found = evidence_of(labels, [0.5] * 1000, in_blocks=True, cut=100).joined()
    assert len(found) == count
    if found:
        assert sum(block.rows.total() for block in found) == 1000
        assert min(block.rows.total() for block in found) >= 2 * stretch - 1


def test_of_few_rows_a_block_has_three_at_least():
    labels = [CLASSES[i % 2] for i in range(40)]
    found = evidence_of(labels, [0.5] * 40, in_blocks=True, cut=7).joined()
    assert sorted({block.rows.total() for block in found}) == [4]
    assert len(found) == 10


def test_scores_are_counted_by_their_log_odds():
    labels = ["yes", "no", "yes", "no"] * 10
    found = evidence_of(labels, [0.5, 0.499, 0.5, 1e-12] * 10, in_blocks=True, cut=40)
    ranking = {bin: rows for block in found.joined() for bin, rows in block.ranking(1).items()}
    assert sorted(ranking) == [-128, -1, 0]
    assert found.joined()[0].ranking(0) == {}


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=1, max_size=80), st.integers(1, 30))
def test_stretches_of_rows_in_order_merge_into_all_rows_by_way_of_their_states(rows, cut):
    labels, of_yes = [CLASSES[label] for label, _ in rows], [p for _, p in rows]
    whole = evidence_of(labels, of_yes, in_blocks=True, cut=80)
    merged = evidence_of(labels, of_yes, in_blocks=True, cut=cut)
    again = Evidence.from_state(json.loads(json.dumps(merged.to_state())))
    assert again == merged
    for place, block in whole.blocks.items():
        assert merged.blocks[place].loss == pytest.approx(block.loss)
        assert replace(merged.blocks[place], loss=block.loss) == block
    assert (merged.changes, merged.first, merged.last) == (whole.changes, whole.first, whole.last)
