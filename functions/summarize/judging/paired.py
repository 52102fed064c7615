"""Two answers to the same rows beside each other: the difference of their figures, its interval, and its p-value."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from shared.csv_file.column_statistics import ColumnStatistics
from summarize.judging.distributions import proportion_limits, sign_test, student_quantile, student_tails

_NORMAL = NormalDist()
_ROUNDING = 1e-9


class Difference(NamedTuple):
    """mean: of the difference, from low to high at the confidence asked for; p_value: two-sided."""

    mean: float
    low: float
    high: float
    p_value: float


def mean_difference(statistics: ColumnStatistics, level: float) -> Difference:
    """Of independent rows, given the statistics of their differences: Student's paired t-test. Two rows at least."""
    rows = statistics.present
    error = math.sqrt(statistics.squares / (rows - 1) / rows)
    return of_error(statistics.mean, error, level, rows - 1)


def difference_in_blocks(sums: Sequence[float], rows: Sequence[int], level: float) -> Difference:
    """Of rows that resemble their neighbours, given the sums of their differences in blocks that do not.

    The mean of all rows is a ratio of sums over blocks; its error is that of the ratio (Cochran, 1977, "Sampling
    techniques", 6.3), and of blocks of equal length that of the t-test of their means. Two blocks at least.
    """
    blocks, total = len(sums), sum(rows)
    mean = math.fsum(sums) / total
    deviations = [found - count * mean for found, count in zip(sums, rows, strict=True)]
    error = math.sqrt(blocks / (blocks - 1) * math.sumprod(deviations, deviations)) / total
    return of_error(mean, error, level, blocks - 1)


def discordant_difference(gained: int, lost: int, rows: int, level: float) -> Difference:
    """Of shares of rows answered right: `gained` of `rows` by the one answer alone, `lost` by the other alone.

    McNemar's test, exact; the interval is Clopper and Pearson's of the gained among the discordant rows, so that it
    holds 0 where the test finds nothing.
    """
    discordant = gained + lost
    if not discordant:
        return Difference(0.0, 0.0, 0.0, 1.0)
    low, high = (
        (2.0 * share - 1.0) * discordant / rows for share in proportion_limits(gained, discordant, level)
    )
    return Difference((gained - lost) / rows, low, high, sign_test(gained, lost))


def of_error(mean: float, error: float, level: float, freedom: float | None = None) -> Difference:
    """Of a mean with this standard error; freedom: degrees of Student's t, None of the normal distribution."""
    reach = _NORMAL.inv_cdf(1.0 - level / 2.0) if freedom is None else student_quantile(level, freedom)
    return Difference(mean, mean - reach * error, mean + reach * error, tails_beyond(mean, error, freedom))


def tails_beyond(mean: float, error: float, freedom: float | None = None) -> float:
    """Two-sided p-value of a mean with this standard error; what rounding leaves of no difference is none."""
    if abs(mean) <= _ROUNDING:
        return 1.0
    if not error:
        return 0.0
    if freedom is None:
        return math.erfc(abs(mean) / error / math.sqrt(2.0))
    return student_tails(mean / error, freedom)
