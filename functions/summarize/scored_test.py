"""The one walk over the test rows: the model's evaluation, what it said of each row, and some rows to explain it by."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.model.decision import Decision
from shared.model.protocol import Model
from shared.model.registry import GAUSSIAN
from shared.model.rows import Feature, Rows, gathered
from shared.test_rows import ScoredRows
from summarize.evaluation import Evaluation
from summarize.evaluation_counts import ranked
from summarize.fit_rows import drawn_ranks
from summarize.fitting_rows import drawn
from summarize.training_data import TrainingData
from summarize.verdict_evidence import Asked, Evidence

# Test rows that models slower to score than the Gaussian are evaluated on, drawn evenly from what was held out.
EVALUATION_ROWS = 200_000
MOST_STORED = 1_000_000  # test rows of which a run keeps what was said: 28 MB
SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class ScoredTest:
    """evaluation: of all test rows; rows: what was said of each, or of one in so many that they are MOST_STORED at
    most; sample: at most SAMPLE_ROWS of them, drawn by place, with labels that are indices into the data's classes.
    evidence: what the verdict needs beside the evaluation.
    """

    evaluation: Evaluation
    evidence: Evidence
    rows: ScoredRows
    sample: Rows


def rows_to_score(data: TrainingData, kinds: Iterable[str], seed: int) -> Iterator[Rows]:
    """The test rows that models of these families are evaluated on, in blocks."""
    most = rows_scored(data, kinds)
    return drawn(data.test, data.split.test_rows, data.classes, most, seed)


def rows_scored(data: TrainingData, kinds: Iterable[str]) -> int:
    """How many test rows models of these families are evaluated on."""
    quick = all(kind == GAUSSIAN.kind for kind in kinds)
    return data.split.test_rows if quick else min(EVALUATION_ROWS, data.split.test_rows)


def score_test_rows(
    model: Model,
    decision: Decision,
    classes: tuple[str, ...],
    features: Sequence[Feature],
    blocks: Iterable[Rows],
    count: int,
    seed: int,
    in_order: bool,
) -> ScoredTest:
    """The model on so many test rows, which come in blocks; labels are indices into `classes`.

    in_order: they follow one another in time, so that rows resemble their neighbours.
    """
    evaluation = Evaluation(model.classes, decision)
    asked = Asked(model.classes, tuple(ranked(model.classes, decision)), count, in_order)
    evidence = Evidence()
    stored = ScoredRows.none(classes)
    step = -(-count // MOST_STORED)
    ranks = drawn_ranks(count, SAMPLE_ROWS, seed)
    sampled = []
    codes = [classes.index(name) for name in model.classes]
    positive = None if decision.positive_class is None else model.classes.index(decision.positive_class)
    first = 0
    for block in blocks:
        probabilities = model.probabilities(block.columns)
        predicted = decision.predicted(probabilities, model.classes)
        labels = list(map(classes.__getitem__, block.labels))
        losses = evaluation.add(labels, probabilities, predicted)
        answers = list(map(model.classes.__getitem__, predicted))
        evidence = evidence.merge(Evidence.of(asked, first, labels, answers, losses, probabilities))
        kept = slice(-first % step, None, step)
        stored.places.extend(block.places[kept])
        stored.labels.extend(block.labels[kept])
        stored.predicted.extend(map(codes.__getitem__, predicted[kept]))
        stored.losses.extend(losses[kept])
        if positive is not None:
            stored.probabilities.extend(probabilities[positive][kept])
        after = first + len(labels)
        here = ranks[bisect_left(ranks, first) : bisect_left(ranks, after)]
        sampled.append(_taken(block, [rank - first for rank in here]))
        first = after
    return ScoredTest(evaluation, evidence, stored, gathered(sampled, features))


def _taken(block: Rows, ranks: Sequence[int]) -> Rows:
    if len(ranks) == len(block.labels):
        return block
    return Rows(
        [list(map(column.__getitem__, ranks)) for column in block.columns],
        list(map(block.labels.__getitem__, ranks)),
    )
