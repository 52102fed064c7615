"""Which columns carry each other, so that one cannot be told from the others by what a model loses without it.

Association is from 0 to 1: of two numbers the size of Spearman's rank correlation; of two categories Cramer's V, of a
number and a category the correlation ratio of the ranks, both less what chance alone would give (Bergsma 2013, "A
bias-correction for Cramer's V and Tschuprow's T"; Kelley 1935, epsilon squared).
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

CARRIES = 0.8  # association from which on columns carry each other

# Whether it is a category; its codes, or its ranks, of mean 0 and length 1.
type Prepared = tuple[bool, Sequence[float]]


def groups_of(columns: Sequence[Sequence[Prepared]]) -> list[list[int]]:
    """The columns that carry each other, as groups of indices, all others alone; in order of their first index.

    columns: what each becomes, one or several features. Groups grow by the strongest association first, and two become
    one where all of their columns carry each other (complete linkage).
    """
    strengths = {
        (a, b): max(association(one, other) for one in columns[a] for other in columns[b])
        for a, b in combinations(range(len(columns)), 2)
    }
    group_of = [[j] for j in range(len(columns))]
    for (a, b), strength in sorted(strengths.items(), key=lambda pair: (-pair[1], pair[0])):
        if strength < CARRIES:
            break
        left, right = group_of[a], group_of[b]
        if left is not right and all(strengths[min(i, j), max(i, j)] >= CARRIES for i in left for j in right):
            left += right
            for j in right:
                group_of[j] = left
    return [sorted(group) for j, group in enumerate(group_of) if min(group) == j]


def prepared(column: Sequence[float], is_category: bool) -> Prepared:
    """A feature's column made ready for `association`; a missing number has the middle rank."""
    return is_category, column if is_category else _ranks(column)


def association(one: Prepared, other: Prepared) -> float:
    """From 0 to 1; 0 where a column does not vary."""
    (first, a), (second, b) = one, other
    if first and second:
        return _cramers_v(a, b)
    if first or second:
        codes, ranks = (a, b) if first else (b, a)
        return _correlation_ratio(codes, ranks)
    return min(1.0, abs(math.sumprod(a, b)))


def _ranks(column: Sequence[float]) -> list[float]:
    """Ranks, ties sharing their mean, less the mean of all, over the root of their squares' sum."""
    order = sorted((value, i) for i, value in enumerate(column) if value == value)
    middle = (len(order) - 1) / 2
    ranks = [0.0] * len(column)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and order[end][0] == order[start][0]:
            end += 1
        for _, i in order[start:end]:
            ranks[i] = (start + end - 1) / 2 - middle
        start = end
    length = math.sqrt(math.sumprod(ranks, ranks))
    return [rank / length for rank in ranks] if length else ranks


def _correlation_ratio(codes: Sequence[float], ranks: Sequence[float]) -> float:
    """Root of epsilon squared; ranks: of mean 0 and squares' sum 1, or all 0."""
    sums: dict[float, float] = {}
    for code, rank in zip(codes, ranks, strict=True):
        sums[code] = sums.get(code, 0.0) + rank
    rows, sizes = len(codes), Counter(codes)
    if len(sizes) < 2 or rows <= len(sizes) or not any(ranks):
        return 0.0
    between = math.fsum(total * total / sizes[code] for code, total in sums.items())
    within = max(0.0, 1.0 - between)
    return math.sqrt(max(0.0, 1.0 - within * (rows - 1) / (rows - len(sizes))))


def _cramers_v(a: Sequence[float], b: Sequence[float]) -> float:
    rows, left, right = len(a), Counter(a), Counter(b)
    if min(len(left), len(right)) < 2:
        return 0.0
    cells = Counter(zip(a, b, strict=True))
    phi = math.fsum(n * n / (left[i] * right[j]) for (i, j), n in cells.items()) - 1.0
    phi = max(0.0, phi - (len(left) - 1) * (len(right) - 1) / (rows - 1))
    sizes = [k - (k - 1) ** 2 / (rows - 1) for k in (len(left), len(right))]
    least = min(sizes) - 1.0
    return min(1.0, math.sqrt(phi / least)) if least > 0.0 else 0.0
