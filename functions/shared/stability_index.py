"""The population stability index of two samples counted in the same bins, and what chance alone makes of it.

PSI = sum over bins of (q - p) ln(q / p), where p and q are the bins' shares before and now (Siddiqi, Credit Risk
Scorecards, 2006). Where nothing has changed, PSI / (1/n + 1/m) is about chi-square with one degree of freedom less
than there are bins (Yurdakul, Statistical Properties of Population Stability Index, Western Michigan University, 2018).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

_EXPECTED = 5.0  # rows that each bin should have in the smaller sample: the usual rule for chi-square
_HALF = 0.5  # a row added to each bin, so that an empty one has a logarithm
_NORMAL_99 = 2.3263478740408408
Pair = tuple[int, int]  # rows before and now


class Stability(NamedTuple):
    """psi: the index; chance: what it exceeds in 1 of 100 comparisons of unchanged data.

    Both None where the rows are too few for two bins.
    """

    psi: float | None
    chance: float | None

    @property
    def shifted(self) -> bool:
        """Whether it is more than chance makes of unchanged data."""
        return self.psi is not None and self.chance is not None and self.psi > self.chance


NOT_COMPARED = Stability(None, None)


def stability(ordered: Sequence[Pair], others: Sequence[Pair] = ()) -> Stability:
    """Of rows by bin. ordered: bins beside each other, of a number; others: bins in no order, such as values.

    Bins that would have fewer than 5 rows in the smaller sample are pooled, ordered ones with their neighbours.
    """
    rows = [sum(counts) for counts in zip(*ordered, *others, strict=True)]
    if not rows or min(rows) < 2 * _EXPECTED:
        return NOT_COMPARED
    least = _EXPECTED * sum(rows) / min(rows)  # of both samples together
    if sum(1 for pair in (*ordered, *others) if sum(pair)) < 2:
        return Stability(0.0, 0.0)
    bins = _pooled([*_neighbours_pooled(ordered, least), *others], least)
    if len(bins) < 2:
        return NOT_COMPARED
    before, now = (count + _HALF * len(bins) for count in rows)
    shares = [((p + _HALF) / before, (q + _HALF) / now) for p, q in bins]
    psi = math.fsum((q - p) * math.log(q / p) for p, q in shares)
    return Stability(psi, chi_square_99(len(bins) - 1) * (1.0 / rows[0] + 1.0 / rows[1]))


def chi_square_99(freedom: int) -> float:
    """The 99% quantile of chi-square, to 1%: Wilson and Hilferty (1931), The distribution of chi-square, PNAS 17."""
    spread = 2.0 / (9.0 * freedom)
    return freedom * (1.0 - spread + _NORMAL_99 * math.sqrt(spread)) ** 3


def _neighbours_pooled(bins: Sequence[Pair], least: float) -> list[Pair]:
    """The bins with each that is too small joined to the next; what is left at the end, to the one before."""
    found: list[Pair] = []
    open_ = (0, 0)
    for pair in bins:
        open_ = (open_[0] + pair[0], open_[1] + pair[1])
        if sum(open_) >= least:
            found.append(open_)
            open_ = (0, 0)
    if found and sum(open_):
        found[-1] = (found[-1][0] + open_[0], found[-1][1] + open_[1])
    return found or [open_]


def _pooled(bins: Sequence[Pair], least: float) -> list[Pair]:
    """The bins, all that are too small in one; if that is too small still, with the smallest of the others."""
    large = sorted((pair for pair in bins if sum(pair) >= least), key=sum)
    small = [pair for pair in bins if 0 < sum(pair) < least]
    if not small:
        return large
    rest = (sum(pair[0] for pair in small), sum(pair[1] for pair in small))
    if sum(rest) < least and large:
        smallest, *large = large
        rest = (rest[0] + smallest[0], rest[1] + smallest[1])
    return [rest, *large]
