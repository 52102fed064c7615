"""The threshold of a decision, where the request leaves it to the data: by rows that the models had not seen.

Test rows have no part in it.
"""

from collections.abc import Sequence


def threshold_of_highest_f1(scores: Sequence[float], hits: Sequence[bool]) -> float:
    """The threshold at which F1 of `score >= threshold` is highest; of several cuts the one that flags fewest rows.

    It lies between the lowest score that it flags and the highest that it does not (0 where it flags all), at the
    shortest decimal there: nothing tells two such thresholds apart. hits: whether each row is of the positive class,
    some are.
    """
    ranked = sorted(zip(scores, hits, strict=True), reverse=True)
    total = sum(hits)
    best, cut, found = -1.0, 0, 0
    for claimed, (score, hit) in enumerate(ranked, 1):
        found += hit
        if claimed < len(ranked) and ranked[claimed][0] == score:
            continue  # rows of one score are flagged together
        f1 = 2 * found / (total + claimed)
        if f1 > best:
            best, cut = f1, claimed
    return shortest_between(ranked[cut][0] if cut < len(ranked) else 0.0, ranked[cut - 1][0])


def shortest_between(low: float, high: float) -> float:
    """The number nearest to the middle with the fewest decimals of those above `low` and not above `high`."""
    middle = low + (high - low) / 2
    for digits in range(1, 17):
        if low < (short := round(middle, digits)) <= high:
            return short
    return middle if low < middle else high
