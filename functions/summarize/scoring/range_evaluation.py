"""The model on the test rows of a range: their figures, what the verdict needs of them, and what was said of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Any

from shared.model.decision import Decision
from shared.model.encoding import Encoding
from shared.model.protocol import Model
from shared.test_rows import ScoredRows
from summarize.rows.split import CHRONOLOGICAL
from summarize.rows.training_data import RangeRows
from summarize.scoring.evaluation import Evaluation
from summarize.scoring.evaluation_counts import ranked
from summarize.scoring.groups import GroupCounts
from summarize.scoring.verdict_evidence import Asked, Evidence

MOST_STORED = 1_000_000  # test rows of which a run keeps what was said: 28 MB


@dataclass(frozen=True)
class RangeEvaluation:
    """groups: of the sensitive columns. rows: what was said of each test row, or of one in so many that they are
    MOST_STORED at most of the dataset's."""

    evaluation: Evaluation
    evidence: Evidence
    groups: GroupCounts
    rows: ScoredRows

    @classmethod
    def of(
        cls,
        rows: RangeRows,
        model: Model,
        decision: Decision,
        encoding: Encoding,
        sensitive: Sequence[str] = (),
    ) -> "RangeEvaluation":
        """The model on the range's test rows; encoding: that of the rows that it was fitted to; sensitive: names of
        columns."""
        data = rows.data
        classes, count = data.classes, data.split.test_rows
        evaluation = Evaluation.of_rows(count, model.classes, decision)
        in_order = data.split.method == CHRONOLOGICAL
        asked = Asked(model.classes, tuple(ranked(model.classes, decision)), count, in_order)
        evidence = Evidence()
        stored = ScoredRows.none(classes)
        step = -(-count // MOST_STORED)
        codes = [classes.index(name) for name in model.classes]
        positive = None
        if decision.positive_class is not None:
            positive = model.classes.index(decision.positive_class)
        right: list[bool] = []
        first = rows.test_before()
        for block in rows.blocks(encoding, test=True):
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
            right.extend(map(eq, labels, answers))
            first += len(labels)
        return cls(evaluation, evidence, GroupCounts.of(rows, sensitive, right), stored)

    @classmethod
    def merged(cls, ranges: Iterable["RangeEvaluation"]) -> "RangeEvaluation":
        """Of all ranges, which come in their order."""
        following = iter(ranges)  # one at a time: scores in bins are many numbers
        first = next(following)
        evaluation, evidence, groups = first.evaluation, first.evidence, first.groups
        rows = ScoredRows.none(first.rows.classes)
        rows.extend(first.rows)
        for one in following:
            evaluation = evaluation.merge(one.evaluation)
            evidence = evidence.merge(one.evidence)
            groups = groups.merge(one.groups)
            rows.extend(one.rows)
        return cls(evaluation, evidence, groups, rows)

    def to_state(self) -> object:
        """All but the rows, which are a file of their own."""
        return [self.evaluation.to_state(), self.evidence.to_state(), self.groups.to_state()]

    @classmethod
    def from_state(cls, state: Any, rows: ScoredRows) -> "RangeEvaluation":
        evaluation, evidence, groups = state
        return cls(
            Evaluation.from_state(evaluation),
            Evidence.from_state(evidence),
            GroupCounts.from_state(groups),
            rows,
        )
