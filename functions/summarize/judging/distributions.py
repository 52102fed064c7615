"""The distributions that tests and intervals need, from one function: the regularised incomplete beta function."""

import math
from collections.abc import Callable

_TINY = 1e-300
_TERMS = 10_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0: the beta distribution's share below x.

    The continued fraction of DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v) by Lentz's method; it needs some sqrt(a + b)
    terms.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges quickly below
        return 1.0 - beta_cdf(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _not_zero(1.0 + term * d)
            c = _not_zero(1.0 + term / c)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return math.exp(front) * fraction / a


def beta_quantile(share: float, a: float, b: float) -> float:
    """Where the beta distribution has this share below."""
    return _bisected(lambda x: beta_cdf(x, a, b) - share, 0.0, 1.0)


def student_tails(t: float, freedom: float) -> float:
    """Share of Student's t distribution at or beyond -|t| and |t|."""
    if math.isinf(t):
        return 0.0
    return beta_cdf(freedom / (freedom + t * t), freedom / 2.0, 0.5)


def student_quantile(tails: float, freedom: float) -> float:
    """The t > 0 beyond which, on both sides together, lies this share of Student's t distribution."""
    x = beta_quantile(tails, freedom / 2.0, 0.5)
    return math.sqrt(freedom * (1.0 - x) / x)


def sign_test(gained: int, lost: int) -> float:
    """Two-sided exact p-value of a fair coin: twice the smaller tail, at most 1."""
    if gained == lost:
        return 1.0
    fewer, flips = min(gained, lost), gained + lost
    return min(1.0, 2.0 * beta_cdf(0.5, flips - fewer, fewer + 1.0))


def proportion_limits(successes: int, trials: int, tails: float) -> tuple[float, float]:
    """Exact confidence interval of a proportion (Clopper and Pearson, 1934), `tails` outside of it on both sides."""
    misses = trials - successes
    low = beta_quantile(tails / 2.0, successes, misses + 1.0) if successes else 0.0
    high = beta_quantile(1.0 - tails / 2.0, successes + 1.0, misses) if misses else 1.0
    return low, high


def _bisected(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where the function crosses 0, to the last digits."""
    while True:
        middle = (low + high) / 2.0
        if not low < middle < high:
            return middle
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
