"""How long the fits of a request take, by arithmetic: rows x columns x classes x rounds. Nothing here looks at a clock.

The factors are those of one core of a common server, measured with `make benchmark-models`; a Lambda of 1,769 MB has
one of its own. They are rounded up, and _SAFETY stands for what differs from machine to machine.
"""

from collections.abc import Sequence

from shared.errors import InvalidRequestError
from shared.model.rows import Feature
from summarize.choosing.candidates import Candidate, most_rounds

_SAFETY = 2.0
_GROUP_ROWS = 16_384  # on which one tree is grown
_CELLS = 20_000_000  # numbers that fit in memory while a logistic regression is fitted


def fold_seconds(
    rows: int, features: Sequence[Feature], classes: int, compared: Sequence[Candidate]
) -> float:
    """What one invocation has to allow for fitting these candidates on so many rows."""
    kinds = [candidate.kind for candidate in compared]
    each = {"gaussian": _gaussian, "logistic": _logistic, "boosted_trees": _boosted_trees}
    return _SAFETY * sum(each[kind](rows, features, classes) for kind in kinds)


def affordable_rows(
    features: Sequence[Feature], classes: int, compared: Sequence[Candidate], seconds: float, most: int
) -> int:
    """The most rows, up to `most`, that these candidates can be fitted on within the time and in memory.

    Raises InvalidRequestError where not even a thousand can, with what would help.
    """
    low, high = 0, min(most, _CELLS // max(1, len(features)))
    while low < high:
        middle = (low + high + 1) // 2
        if fold_seconds(middle, features, classes, compared) <= seconds:
            low = middle
        else:
            high = middle - 1
    if low < min(most, 1000):
        raise InvalidRequestError(
            f"{len(features)} features and {classes} classes are too many for {compared[-1].kind} within "
            f'{seconds:.0f} s: ask for model "gaussian" or "logistic", leave out columns, or give summarize more time'
        )
    return low


def check_time(
    rows: int, features: Sequence[Feature], classes: int, compared: Sequence[Candidate], seconds: float
) -> None:
    """Raises InvalidRequestError where fitting on so many rows would outlive the function."""
    needed = fold_seconds(rows, features, classes, compared)
    if needed > seconds:
        most = affordable_rows(features, classes, compared, seconds, rows)
        raise InvalidRequestError(
            f"fitting on {rows} rows of {len(features)} features and {classes} classes may take {needed:.0f} s, and "
            f"the function has {seconds:.0f} s: lower fit_rows to {most}"
        )


def _gaussian(rows: int, features: Sequence[Feature], classes: int) -> float:
    width = sum(1 if f.values is None else 1 + len(f.values) for f in features)
    width = min(width, sum(f.values is None for f in features) + 255)
    return 1e-8 * rows * width * (width + 20)


def _logistic(rows: int, features: Sequence[Feature], classes: int) -> float:
    heads = 1 if classes == 2 else classes
    numbers = sum(feature.values is None for feature in features)
    indicators = len(features) - numbers
    width = numbers + sum(2 + len(f.values) for f in features if f.values is not None)
    gradients = 100 if numbers > 128 or width > 400 else 15 if heads == 1 else 25 if heads <= 4 else 70
    normal = 8e-9 * rows * min(numbers, 128) ** 2 + 1e-9 * heads * min(width, 400) ** 3
    return normal + gradients * heads * rows * (3e-7 + 3.5e-8 * numbers + 1.2e-7 * indicators)


def _boosted_trees(rows: int, features: Sequence[Feature], classes: int) -> float:
    heads = 1 if classes == 2 else classes
    bins = sum(33 if f.values is None else min(64, 2 + len(f.values)) for f in features)
    of_tree = 2e-3 + bins * (6e-6 + 2.9e-9 * min(rows, _GROUP_ROWS)) + 8e-7 * rows
    return most_rounds(classes) * heads * of_tree
