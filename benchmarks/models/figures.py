"""How good the probabilities of test rows are, and how one model compares with another over many tables."""

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

_LEAST = 2.0**-52  # of the probability of what came true, in a log loss
_DRAWS = 10_000


def figures(
    truth: Sequence[str], classes: Sequence[str], probabilities: Sequence[Sequence[float]]
) -> dict[str, float]:
    """log_loss, roc_auc (of more than two classes the mean over each one against the rest) and accuracy.

    truth: the class of each row; probabilities: (n, K), in the order of the classes. A class that is not among
    them had no probability.
    """
    place = {name: k for k, name in enumerate(classes)}
    own = [row[place[name]] if name in place else 0.0 for row, name in zip(probabilities, truth, strict=True)]
    predicted = [classes[max(range(len(classes)), key=row.__getitem__)] for row in probabilities]
    is_class = {name: np.array([label == name for label in truth]) for name in sorted(set(truth))}
    of_class = np.transpose(probabilities)
    if len(is_class) == 2:
        is_class.pop(min(is_class))
    areas = [
        roc_auc_score(rows, of_class[place[name]]) if name in place else 0.5
        for name, rows in is_class.items()
    ]
    return {
        "log_loss": math.fsum(-math.log(max(p, _LEAST)) for p in own) / len(own),
        "roc_auc": float(np.mean(areas)),
        "accuracy": sum(map(str.__eq__, predicted, truth)) / len(truth),
    }


def geometric_mean(ratios: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))


def interval(ratios: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Where 95 % of the geometric means lie when as many tables are drawn from these, with replacement (Efron and
    Tibshirani, "An Introduction to the Bootstrap", 1993, the percentile interval)."""
    rng = random.Random(seed)
    means = sorted(geometric_mean(rng.choices(ratios, k=len(ratios))) for _ in range(_DRAWS))
    return means[int(0.025 * _DRAWS)], means[int(0.975 * _DRAWS)]


def ratios(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, float]:
    """By table, our log loss to theirs, where both have one."""
    return {name: loss / theirs[name] for name, loss in ours.items() if name in theirs}


def at_least_about_the_best(
    ours: Mapping[str, float], peers: Sequence[Mapping[str, float]], margin: float
) -> list[str]:
    """The tables on which our log loss is the lowest of all, or above the lowest by no more than this part of it."""
    return [
        name
        for name, loss in ours.items()
        if loss <= (1.0 + margin) * min((peer[name] for peer in peers if name in peer), default=math.inf)
    ]
