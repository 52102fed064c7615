"""The ROC curve of any number of test rows and the area under it.

The area is a count of pairs: how often a positive row is ranked above a negative one, ties counting half
(Mann and Whitney's U). Counting them needs the rows of both sides at each score, lowest first, and nothing else; so do
the corners of the curve, of which so many are kept that a picture shows no difference.
"""

from dataclasses import dataclass

from summarize.scoring.score_counts import ScoreCounts

# A kept point is at most this far from the next, across and up together, unless the curve is straight between
# them. The curve is 2 long, so it has at most 2 * 2 / 0.04 + 2 points.
_REACH = 0.04
MAX_POINTS = 102


@dataclass(frozen=True)
class RocCurve:
    """Points of a ROC curve from (0, 0) to (negatives, positives), as counts of rows, at most MAX_POINTS.

    area: share of (positive, negative) pairs in which the positive row scores higher, ties counting half. It is
    that of all rows; the area under the kept points differs from it by at most 0.01.
    """

    area: float
    false_positives: tuple[int, ...]
    true_positives: tuple[int, ...]

    @property
    def negatives(self) -> int:
        return self.false_positives[-1]

    @property
    def positives(self) -> int:
        return self.true_positives[-1]


def roc_curve(scores: ScoreCounts) -> RocCurve | None:
    """The curve of these scores; None where there is no positive or no negative row."""
    positives, negatives = scores.positives, scores.negatives
    if not positives or not negatives:
        return None
    corners = _Corners(positives, negatives)
    doubled = 0  # of the pairs: an integer, however many there are
    below = passed = 0  # negatives and positives under the current score
    after_ties = 0  # negatives up to the last positive score
    for own, rest in scores.groups():
        if own:
            if below * positives + passed * negatives > corners.limit:
                corners.add(after_ties, passed)
                corners.add(below, passed)
            else:
                corners.newest = below, passed
            doubled += own * (2 * below + rest)
            after_ties = below + rest
        passed += own
        below += rest
    corners.add(after_ties, positives)
    corners.add(negatives, positives)
    points = [(negatives - under, positives - over) for under, over in reversed(corners.all())]
    across, up = zip(*points, strict=True)
    return RocCurve(doubled / (2 * positives * negatives), across, up)


class _Corners:
    """The corners of the curve, from the lowest score up, thinned as _REACH says.

    `limit` is how far the next corner may be for the newest one to be dropped.
    """

    def __init__(self, positives: int, negatives: int) -> None:
        self._positives, self._negatives = positives, negatives
        self._kept: list[tuple[int, int]] = []
        self.newest = 0, 0
        self._keep()

    def add(self, below: int, passed: int) -> None:
        if (below, passed) == self.newest:
            return
        if self._distance(below, passed) > self.limit and self.newest != self._kept[-1]:
            self._keep()
        self.newest = below, passed

    def all(self) -> list[tuple[int, int]]:
        return [*self._kept, self.newest]

    def _keep(self) -> None:
        self._kept.append(self.newest)
        self.limit = self._distance(*self.newest) + _REACH * self._positives * self._negatives

    def _distance(self, below: int, passed: int) -> int:
        return below * self._positives + passed * self._negatives
