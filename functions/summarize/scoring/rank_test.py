"""Whether scores rank the rows of a class above the others: the ROC area, how far chance alone takes it, and its error.

Rows come as groups of equal scores, lowest first: each distinct score, or each bin of a histogram. So it is exact
where all scores are at hand, and needs no row where they are only counted.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# So few rows on one side say nothing of their own spread.
_FEW = 10


@dataclass(frozen=True)
class RankTest:
    """area: under the ROC curve; error: its standard error; chance: its standard error where nothing is ranked."""

    area: float
    error: float
    chance: float


def rank_test(groups: Iterable[tuple[int, int]], positives: int, negatives: int) -> RankTest:
    """Of independent rows. groups: positive and negative rows of each score, the lowest first; both sides have rows.

    error: DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated receiver
    operating characteristic curves", Biometrics 44; where one side has fewer than ten rows, `chance`. chance: Mann and
    Whitney's, corrected for ties (Lehmann, 1975, "Nonparametrics", 1.4).
    """
    below_p = below_n = 0
    doubled = ties = 0  # integers, however many pairs there are
    squares_p = squares_n = 0
    for own, rest in groups:
        # Twice the rows of the other side that this row is above, or below, ties counting half.
        above, under = 2 * below_n + rest, 2 * (positives - below_p) - own
        doubled += own * above
        squares_p += own * above * above
        squares_n += rest * under * under
        tied = own + rest
        ties += tied * (tied * tied - 1)
        below_p += own
        below_n += rest
    pairs, rows = positives * negatives, positives + negatives
    area = doubled / (2 * pairs)
    corrected = (rows + 1) - (ties / (rows * (rows - 1)))
    chance = math.sqrt(max(0.0, corrected) / (12 * pairs))
    if min(positives, negatives) < _FEW:
        return RankTest(area, chance, chance)
    # Sums of squared deviations from the area, of the shares of the other side: in integers up to the division.
    spread_p = (positives * squares_p - doubled * doubled) / (4 * positives * negatives**2)
    spread_n = (negatives * squares_n - doubled * doubled) / (4 * negatives * positives**2)
    variance = spread_p / ((positives - 1) * positives) + spread_n / ((negatives - 1) * negatives)
    return RankTest(area, math.sqrt(max(0.0, variance)), chance)


def rank_test_in_blocks(
    blocks: Sequence[Mapping[int, tuple[int, int]]], area: float | None = None
) -> RankTest:
    """Of rows that resemble their neighbours, in blocks that do not: bin of score -> positive and negative rows.

    area: of all rows, where it is known more exactly than from the bins. error and chance: Obuchowski (1997),
    "Nonparametric analysis of clustered ROC curve data", Biometrics 53; where one side has fewer than ten rows, no less
    than the `chance` of independent ones. Both sides have rows, and there are two blocks at least.
    """
    bins = sorted({bin for block in blocks for bin in block})
    totals = {bin: _added(block.get(bin, (0, 0)) for block in blocks) for bin in bins}
    positives, negatives = _added(totals.values())
    placements, below_p, below_n = {}, 0, 0
    for bin in bins:
        own, rest = totals[bin]
        placements[bin] = (
            (below_n + rest / 2) / negatives,
            (positives - below_p - own / 2) / positives,
        )
        below_p, below_n = below_p + own, below_n + rest
    rows = [_added(block.values()) for block in blocks]
    sums = [
        (
            math.fsum(own * placements[bin][0] for bin, (own, _) in block.items()),
            math.fsum(rest * placements[bin][1] for bin, (_, rest) in block.items()),
        )
        for block in blocks
    ]
    binned = math.fsum(of_own for of_own, _ in sums) / positives
    error = _error(rows, sums, binned, positives, negatives)
    if min(positives, negatives) < _FEW:
        error = max(error, rank_test((totals[bin] for bin in bins), positives, negatives).chance)
    return RankTest(binned if area is None else area, error, error)


def _error(
    rows: Sequence[tuple[int, int]],
    sums: Sequence[tuple[float, float]],
    centre: float,
    positives: int,
    negatives: int,
) -> float:
    """Obuchowski's standard error. rows: of each block; sums: of their placements on both sides."""
    of_p = [found - own * centre for (own, _), (found, _) in zip(rows, sums, strict=True)]
    of_n = [found - rest * centre for (_, rest), (_, found) in zip(rows, sums, strict=True)]
    variance = (
        _inflated(sum(own > 0 for own, _ in rows)) * math.sumprod(of_p, of_p) / positives**2
        + _inflated(sum(rest > 0 for _, rest in rows)) * math.sumprod(of_n, of_n) / negatives**2
        + 2 * _inflated(len(rows)) * math.sumprod(of_p, of_n) / (positives * negatives)
    )
    return math.sqrt(max(0.0, variance))


def _inflated(blocks: int) -> float:
    """What makes up for the mean having been taken from the same blocks; a side in one block alone has none."""
    return blocks / (blocks - 1) if blocks > 1 else 1.0


def _added(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    own, rest = zip(*pairs, strict=True)
    return sum(own), sum(rest)
