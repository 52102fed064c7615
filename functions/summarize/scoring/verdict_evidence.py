"""What a verdict needs of the test rows, gathered block by block and mergeable: sums, never rows.

Where the split is chronological, rows resemble their neighbours, and are summed up in blocks of consecutive rows that
are long enough to resemble each other no more. Else rows are independent, and of each class its losses are summed up.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import eq, ne
from typing import Any, Self

from shared.csv_file.column_statistics import EMPTY_STATISTICS, ColumnStatistics

# Of batches of a long series, 10 to 30 are enough: fewer widen the interval, more shorten them until they resemble
# each other (Schmeiser, 1982, "Batch size effects in the analysis of simulation output", Operations Research 30).
BLOCKS = 30
_FEWER = (30, 15, 10, 6, 5)  # divisors, so that blocks need only be joined
_ROWS_OF_BLOCK = 3
# A block is at least twice as long as the stretches in which the label stays the same.
_STRETCHES_OF_BLOCK = 2
_BINS_OF_LOG_ODDS, _MOST_LOG_ODDS = 8, 16.0


@dataclass(frozen=True)
class Asked:
    """What is gathered. classes: the model's; ranked: indices of those whose probabilities are ranked.

    rows: how many there will be in all; in_blocks: whether they resemble their neighbours.
    """

    classes: tuple[str, ...]
    ranked: tuple[int, ...]
    rows: int
    in_blocks: bool


@dataclass(frozen=True)
class RowBlock:
    """Sums of consecutive rows. rows: by true class; right: predicted so; loss: sum of the log losses.

    scores: (ranked class, bin of its log-odds, whether it is the row's class) -> rows.
    """

    rows: Counter[str] = field(default_factory=Counter)
    right: int = 0
    loss: float = 0.0
    scores: Counter[tuple[int, int, bool]] = field(default_factory=Counter)

    def merge(self, later: "RowBlock") -> "RowBlock":
        return RowBlock(
            self.rows + later.rows,
            self.right + later.right,
            self.loss + later.loss,
            self.scores + later.scores,
        )

    def ranking(self, ranked: int) -> Mapping[int, tuple[int, int]]:
        """Bin -> rows of the ranked class and other rows."""
        bins = {bin for k, bin, _ in self.scores if k == ranked}
        return {bin: (self.scores[ranked, bin, True], self.scores[ranked, bin, False]) for bin in bins}


@dataclass(frozen=True)
class Evidence:
    """Of a stretch of test rows. losses: statistics of the log losses by true class, where rows are independent.

    blocks: by place among BLOCKS, else. changes: how often the label differs from that of the row before; first and
    last: labels, None of no rows.
    """

    losses: dict[str, ColumnStatistics] = field(default_factory=dict)
    blocks: dict[int, RowBlock] = field(default_factory=dict)
    changes: int = 0
    first: str | None = None
    last: str | None = None

    @classmethod
    def of(
        cls,
        asked: Asked,
        place: int,
        labels: Sequence[str],
        predicted: Sequence[str],
        losses: Sequence[float],
        probabilities: Sequence[Sequence[float]],
    ) -> Self:
        """Of rows that follow one another; place: of the first of them among all; probabilities: by class, then row."""
        if not labels:
            return cls()
        if not asked.in_blocks:
            return cls({name: _statistics(labels, name, losses) for name in sorted(set(labels))})
        blocks = {}
        start = 0
        while start < len(labels):
            block = (place + start) * BLOCKS // asked.rows
            end = min(len(labels), -(-(block + 1) * asked.rows // BLOCKS) - place)
            cut = slice(start, end)
            blocks[block] = RowBlock(
                Counter(labels[cut]),
                sum(map(eq, labels[cut], predicted[cut])),
                math.fsum(losses[cut]),
                _scores(asked, labels[cut], [column[cut] for column in probabilities]),
            )
            start = end
        return cls({}, blocks, sum(map(ne, labels, labels[1:])), labels[0], labels[-1])

    def merge(self, later: Self) -> Self:
        losses = {
            name: self.losses.get(name, EMPTY_STATISTICS).merge(found) for name, found in later.losses.items()
        }
        blocks = {
            place: self.blocks.get(place, RowBlock()).merge(found) for place, found in later.blocks.items()
        }
        between = self.last is not None and later.first is not None and self.last != later.first
        return type(self)(
            self.losses | losses,
            self.blocks | blocks,
            self.changes + later.changes + between,
            later.first if self.first is None else self.first,
            self.last if later.last is None else later.last,
        )

    def to_state(self) -> object:
        return [
            {name: found.to_state() for name, found in sorted(self.losses.items())},
            [
                [place, dict(sorted(found.rows.items())), found.right, found.loss, _listed(found.scores)]
                for place, found in sorted(self.blocks.items())
            ],
            [self.changes, self.first, self.last],
        ]

    @classmethod
    def from_state(cls, state: Any) -> Self:
        losses, blocks, (changes, first, last) = state
        return cls(
            {name: ColumnStatistics.from_state(found) for name, found in losses.items()},
            {
                place: RowBlock(
                    Counter(rows), right, loss, Counter({(k, bin, own): n for k, bin, own, n in scores})
                )
                for place, rows, right, loss, scores in blocks
            },
            changes,
            first,
            last,
        )

    def joined(self) -> list[RowBlock]:
        """The blocks, so many joined that each is long enough; none where the label stays the same for too long."""
        rows = sum(block.rows.total() for block in self.blocks.values())
        most = min(rows // _ROWS_OF_BLOCK, (self.changes + 1) // _STRETCHES_OF_BLOCK)
        count = next((fewer for fewer in _FEWER if fewer <= most), None)
        if count is None:
            return []
        found = [RowBlock()] * count
        for place, block in sorted(self.blocks.items()):
            found[place * count // BLOCKS] = found[place * count // BLOCKS].merge(block)
        return [block for block in found if block.rows]


def _statistics(labels: Sequence[str], name: str, losses: Sequence[float]) -> ColumnStatistics:
    found = ColumnStatistics.of(list(compress(losses, [label == name for label in labels])))
    assert found is not None  # a loss is cut off where it would be infinite
    return found


def _scores(
    asked: Asked, labels: Sequence[str], probabilities: Sequence[Sequence[float]]
) -> Counter[tuple[int, int, bool]]:
    found: Counter[tuple[int, int, bool]] = Counter()
    for k in asked.ranked:
        own = [label == asked.classes[k] for label in labels]
        for (bin, mine), rows in Counter(zip(map(_bin, probabilities[k]), own, strict=True)).items():
            found[k, bin, mine] += rows
    return found


def _bin(probability: float) -> int:
    """Of the log-odds, an eighth wide."""
    if not 0.0 < probability < 1.0:
        return int(_BINS_OF_LOG_ODDS * (_MOST_LOG_ODDS if probability >= 1.0 else -_MOST_LOG_ODDS))
    odds = math.log(probability) - math.log1p(-probability)
    return math.floor(_BINS_OF_LOG_ODDS * min(max(odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS))


def _listed(scores: Counter[tuple[int, int, bool]]) -> list[list[Any]]:
    return [[k, bin, own, rows] for (k, bin, own), rows in sorted(scores.items())]
