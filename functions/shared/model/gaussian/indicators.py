"""Moments of columns of 0 and 1 beside those of numbers, without multiplying a single one of them."""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

from shared.model.gaussian.moments import Moments


def with_indicators(
    moments: Moments, columns: Sequence[Sequence[float]], slots: Sequence[bytes], sizes: Sequence[int]
) -> Moments:
    """The moments of the columns followed by an indicator for each slot of each category.

    moments: those of the columns; slots: for each category the slot of each row, below its size. Counts of rows
    in two slots at once are bit counts of two masks; sums over the rows in a slot are taken of runs of sorted rows.
    """
    n = moments.count
    centred = [[x - mean for x in column] for column, mean in zip(columns, moments.mean, strict=True)]
    counts: list[int] = []
    masks: list[int] = []
    sums: list[list[float]] = [[] for _ in columns]  # by column: over the rows in each slot, of x - mean
    for of_rows, size in zip(slots, sizes, strict=True):
        found = [of_rows.count(slot) for slot in range(size)]
        counts += found
        masks += [int(of_rows.translate(_is_slot(slot)), 2) for slot in range(size)]
        by_slot = sorted(range(n), key=of_rows.__getitem__) if columns else []
        runs = list(pairwise(accumulate(found, initial=0)))
        for column, low, of_column in zip(centred, moments.mean_low, sums, strict=True):
            ordered = list(map(column.__getitem__, by_slot))
            of_column += [math.fsum(ordered[a:b]) - (b - a) * low for a, b in runs]
    shares = [count / n for count in counts]
    both = [[(mask & masks[b]).bit_count() for b in range(a + 1)] for a, mask in enumerate(masks)]
    between = [[both[a][b] - counts[a] * shares[b] for b in range(a + 1)] for a in range(len(masks))]
    own = [(*row, *of_column) for row, of_column in zip(moments.scatter, sums, strict=True)]
    added = [
        (
            *(of_column[a] for of_column in sums),
            *(between[max(a, b)][min(a, b)] for b in range(len(counts))),
        )
        for a in range(len(counts))
    ]
    return Moments(
        n,
        (*moments.mean, *shares),
        (
            *moments.mean_low,
            *(math.fma(-share, n, count) / n for share, count in zip(shares, counts, strict=True)),
        ),
        (*own, *added),
    )


def _is_slot(slot: int) -> bytes:
    return b"0" * slot + b"1" + b"0" * (255 - slot)
