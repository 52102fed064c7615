"""95% confidence intervals of metrics, in closed form. All of them take the test rows as independent draws.

Where a formula gives a standard error only, Wilson's interval is taken for as many rows as would give a proportion
that error: unlike "plus or minus two errors" it stays within 0 and 1, and a perfect score has a width.
"""

import math
from collections.abc import Sequence

from shared.proportions import Interval, wilson_interval


def interval_of_error(value: float, error: float, rows: float) -> Interval:
    """Of a value from 0 to 1 with this standard error; `rows` stand in where the error is 0."""
    variance = error * error
    trials = max(1.0, value * (1 - value) / variance) if variance else rows
    return wilson_interval(value * trials, trials)


def f1_interval(hits: int, misses: int) -> Interval:
    """Of one class's F1; misses: false positives and false negatives.

    F1 = 2 J / (1 + J) rises with J = hits / (hits + misses), a proportion: Wilson's interval of J, transformed.
    """
    if not hits + misses:
        return 0.0, 1.0
    low, high = wilson_interval(hits, hits + misses)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def macro_f1_error(counts: Sequence[Sequence[int]]) -> float:
    """Standard error of the mean of the classes' F1, from the confusion matrix (n, n).

    Delta method for multinomial counts, as in Takahashi, Yamamoto, Kuchiba and Koyama (2022), "Confidence interval
    for micro-averaged F1 and macro-averaged F1 scores", Applied Intelligence 52.
    """
    rows = sum(map(sum, counts))
    sizes = [sum(row) + sum(column) for row, column in zip(counts, zip(*counts, strict=True), strict=True)]
    f1 = [2 * counts[k][k] / size if size else 0.0 for k, size in enumerate(sizes)]
    # What a further row of true label i and predicted label j adds to the mean, times rows.
    slopes = [own / size if size else 0.0 for own, size in zip(f1, sizes, strict=True)]
    variance = math.fsum(
        count * ((2 / sizes[i] if i == j else 0.0) - slopes[i] - slopes[j]) ** 2
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if count
    )
    return math.sqrt(variance) / len(counts) if rows else 0.0


def mean_recall_error(hits: Sequence[int], supports: Sequence[int]) -> float:
    """Standard error of the mean of the classes' recalls: of independent proportions."""
    variance = math.fsum(h / n * (1 - h / n) / n for h, n in zip(hits, supports, strict=True))
    return math.sqrt(variance) / len(supports)


def roc_auc_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of the area under a ROC curve.

    Hanley and McNeil (1982), "The meaning and use of the area under a receiver operating characteristic (ROC)
    curve", Radiology 143, formulae 1 and 2: for scores of exponential distribution, a cautious choice.
    """
    both_higher = area / (2 - area)
    one_higher = 2 * area * area / (1 + area)
    variance = (
        area * (1 - area)
        + (positives - 1) * (both_higher - area * area)
        + (negatives - 1) * (one_higher - area * area)
    ) / (positives * negatives)
    return math.sqrt(max(0.0, variance))
