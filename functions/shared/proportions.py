"""The interval of a proportion: what an accuracy, a recall or a bin of a reliability curve may be, given its rows."""

import math

_Z_95 = 1.959963984540054  # two-sided 95% quantile of the normal distribution
Interval = tuple[float, float]


def wilson_interval(successes: float, trials: float) -> Interval:
    """95% confidence interval of a proportion (Wilson, 1927)."""
    share = successes / trials
    spread = _Z_95 * _Z_95 / trials
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
