"""The model beside answers that need no model, on the same test rows: log loss, accuracy and ranking.

Each is tested at a third of the level (Bonferroni), so that three looks together find something where there is nothing
no more often than one would: `LEVEL` is for all of them, half of it on the side of "better".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.csv_file.column_statistics import EMPTY_STATISTICS, ColumnStatistics
from shared.event_fields import Json
from summarize.judging.paired import (
    Difference,
    difference_in_blocks,
    discordant_difference,
    mean_difference,
    of_error,
    tails_beyond,
)
from summarize.scoring.rank_test import RankTest, rank_test, rank_test_in_blocks
from summarize.scoring.rankings import Ranking
from summarize.scoring.verdict_evidence import Evidence, RowBlock

LEVEL = 0.05
LOOKS = 3
EACH = LEVEL / LOOKS
CONFIDENCE = f"{1 - EACH:.1%}"


@dataclass(frozen=True)
class Comparison:
    """difference: how much better the model is; words: the figures.

    no_better, no_worse: why the difference may not show the model to be so; None where it may.
    """

    what: str
    model: float
    reference: float
    against: str
    difference: Difference
    method: str
    words: str
    no_better: str | None = None
    no_worse: str | None = None

    @property
    def shown(self) -> bool:
        """Whether the difference is beyond chance, by its interval and by its p-value."""
        _, low, high, p_value = self.difference
        return p_value < EACH and (low > 0.0 or high < 0.0)

    @property
    def shows_better(self) -> bool:
        return self.shown and self.difference.mean > 0.0 and self.no_better is None

    @property
    def shows_worse(self) -> bool:
        return self.shown and self.difference.mean < 0.0 and self.no_worse is None

    @property
    def discounted(self) -> str | None:
        """Why a difference that is beyond chance shows nothing; None where it does, or there is none."""
        if not self.shown:
            return None
        return self.no_better if self.difference.mean > 0.0 else self.no_worse

    def to_json(self) -> Json:
        return {
            "what": self.what,
            "model": self.model,
            "reference": self.reference,
            "against": self.against,
            "difference": self.difference.mean,
            "interval": [self.difference.low, self.difference.high],
            "p_value": self.difference.p_value,
            "method": self.method,
        }


def compared_by_log_loss(
    log_loss: float, train_rows: Mapping[str, int], evidence: Evidence, blocks: Sequence[RowBlock]
) -> Comparison:
    """Against the class shares of the train rows, every class of the test rows among them.

    No constant has a lower log loss than the class shares of the test rows themselves. What is not below that, is not
    better than a constant, whatever the train rows would have said.
    """
    total = sum(train_rows.values())
    constant = {name: math.log(total / rows) for name, rows in train_rows.items()}
    if blocks:
        sums = [
            math.fsum(rows * constant[name] for name, rows in block.rows.items()) - block.loss
            for block in blocks
        ]
        difference = difference_in_blocks(sums, _rows(blocks), EACH)
        test_rows = {name: sum(block.rows[name] for block in blocks) for name in constant}
    else:
        of_class = [_against(constant[name], losses) for name, losses in sorted(evidence.losses.items())]
        difference = mean_difference(_merged(of_class), EACH)
        test_rows = {name: losses.present for name, losses in evidence.losses.items()}
    rows = sum(test_rows.values())
    best = math.fsum(count * math.log(rows / count) for count in test_rows.values() if count) / rows
    reference = log_loss + difference.mean
    return Comparison(
        "log loss",
        log_loss,
        reference,
        "the class shares of the train rows",
        difference,
        _over(blocks, "paired t-test"),
        f"log loss {log_loss:.3f}, the class shares {reference:.3f}",
        no_better=None
        if log_loss < best
        else f"the class shares of the test rows themselves have {best:.3f}",
    )


def compared_by_accuracy(
    confusion: Mapping[tuple[str, str], int],
    majority: str,
    blocks: Sequence[RowBlock],
    counts: bool,
) -> list[Comparison]:
    """Against the best constant answer on the test rows, to be better, and the train rows' majority, to be worse.

    The latter is left out where the model is right as often. confusion: rows by true and predicted label. counts: False
    where the threshold was not chosen for accuracy.
    """
    support: dict[str, int] = {}
    for (true, _), rows in sorted(confusion.items()):
        support[true] = support.get(true, 0) + rows
    best = max(support, key=lambda name: (support[name], name == majority))
    rows = sum(support.values())
    right = sum(count for (true, guess), count in confusion.items() if true == guess)
    chosen = None if counts else "the threshold was not chosen to be right most often"
    afterwards = "which answer is right most often, the test rows alone tell"
    found = []
    for constant in dict.fromkeys((best, majority)):
        hit = support.get(constant, 0)
        if constant != best and right >= hit:
            continue
        if blocks:
            sums = [float(block.right - block.rows[constant]) for block in blocks]
            difference, method = difference_in_blocks(sums, _rows(blocks), EACH), _over(blocks, "t-test")
        else:
            both = confusion.get((constant, constant), 0)
            gained, lost = right - both, hit - both
            difference = discordant_difference(gained, lost, rows, EACH)
            method = f"exact McNemar test: {gained:,d} gained, {lost:,d} lost"
        found.append(
            Comparison(
                "accuracy",
                right / rows,
                hit / rows,
                f"always answering {named(constant)}",
                difference,
                method,
                f"right on {right / rows:.1%}, always answering {named(constant)} on {hit / rows:.1%}",
                no_better=chosen,
                no_worse=chosen or (None if constant == majority else afterwards),
            )
        )
    return found


def compared_by_ranking(rankings: Sequence[Ranking], blocks: Sequence[RowBlock]) -> Comparison | None:
    """ROC area against the 1/2 of chance, of several classes their mean; None where the test rows have no contrast.

    The error of a mean of areas is at most the mean of their errors.
    """
    tests: list[RankTest] = []
    for one in rankings:
        if one.roc is None:
            continue
        if blocks:
            tests.append(rank_test_in_blocks([block.ranking(one.k) for block in blocks], one.roc.area))
        else:
            scores = one.scores
            tests.append(rank_test(scores.groups(), scores.positives, scores.negatives))
    if not tests:
        return None
    area, error, chance = (
        math.fsum(getattr(test, name) for test in tests) / len(tests) for name in ("area", "error", "chance")
    )
    freedom = len(blocks) - 1 if blocks else None
    difference = of_error(area - 0.5, error, EACH, freedom)._replace(
        p_value=tails_beyond(area - 0.5, chance, freedom)
    )
    return Comparison(
        "ranking",
        area,
        0.5,
        "chance",
        difference,
        _over(blocks, "Obuchowski's clustered ROC area")
        if blocks
        else "Mann-Whitney test, DeLong's interval",
        f"ROC area {area:.3f}, chance 0.5",
    )


def named(label: str) -> str:
    """A class in a sentence, in quotes, however long its name."""
    return repr(label if len(label) <= 40 else f"{label[:37]}...")


def _against(constant: float, losses: ColumnStatistics) -> ColumnStatistics:
    """Statistics of `constant` - loss from those of the losses."""
    return ColumnStatistics(
        losses.present,
        constant - losses.mean,
        losses.squares,
        constant - losses.largest,
        constant - losses.smallest,
        -losses.mean_low,
    )


def _merged(of_class: Sequence[ColumnStatistics]) -> ColumnStatistics:
    found = EMPTY_STATISTICS
    for statistics in of_class:
        found = found.merge(statistics)
    return found


def _rows(blocks: Sequence[RowBlock]) -> list[int]:
    return [block.rows.total() for block in blocks]


def _over(blocks: Sequence[RowBlock], method: str) -> str:
    if not blocks:
        return method
    return f"{method} over {len(blocks)} blocks of consecutive rows"
