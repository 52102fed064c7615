"""The design matrix of a logistic regression on train rows: products with it, its normal matrix and a solver for that.

Columns are the intercept, the numbers, and the indicators of each group, in the order of the terms. Indicators are
never written out: a row is in at most one of a group, so a group is a code per row.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import repeat
from operator import add, itemgetter, truediv
from typing import Any

from shared.model.logistic.terms import Number, Term

type Matrix = list[list[float]]

# Up to so many columns the normal matrix costs about as much as twenty gradients, and saves more.
_WIDEST_DENSE = 128
_WIDEST = 400  # with the indicators, whose sums are cheap


class Design:
    """n rows of `width` columns. columns: those of the dataset, n values each; terms: what becomes of them."""

    def __init__(self, columns: Sequence[Sequence[Any]], terms: Sequence[Term], rows: int) -> None:
        self.rows = rows
        self._dense = [
            [1.0] * rows,
            *(term.standardised(columns[term.feature]) for term in terms if isinstance(term, Number)),
        ]
        self._by_row = list(zip(*self._dense, strict=True))
        self._groups = [
            _Indicators(term.codes(columns[term.feature]), term.chosen) for term in terms if term.chosen
        ]
        self.width = len(self._dense) + sum(group.width for group in self._groups)

    def times(self, weights: Sequence[float]) -> list[float]:
        """The product with a column of `width` weights (n)."""
        end = len(self._dense)
        scores = list(map(math.sumprod, repeat(weights[:end]), self._by_row))
        for group in self._groups:
            scores = group.add(scores, weights[end : end + group.width])
            end += group.width
        return scores

    def transposed_times(self, values: Sequence[float]) -> list[float]:
        """The product of the transpose with a column of n values (width)."""
        sums = [sum(values), *(math.sumprod(column, values) for column in self._dense[1:])]
        for group in self._groups:
            sums += group.sums(values)
        return sums

    @cached_property
    def diagonal(self) -> list[float]:
        """The diagonal of transpose times matrix (width)."""
        squares = [math.sumprod(column, column) for column in self._dense]
        return squares + [float(count) for group in self._groups for count in group.counts]

    @cached_property
    def normal(self) -> Matrix:
        """The lower half of transpose times matrix: row i has i + 1 entries."""
        rows = [
            [math.sumprod(column, other) for other in self._dense[: i + 1]]
            for i, column in enumerate(self._dense)
        ]
        for i, group in enumerate(self._groups):
            with_dense = list(zip(*map(group.sums, self._dense), strict=True))
            with_groups = [group.counts_with(other) for other in self._groups[:i]]
            for k, count in enumerate(group.counts):
                row = [*with_dense[k], *(pairs for block in with_groups for pairs in block[k])]
                rows.append([*row, *repeat(0.0, k), float(count)])
        return rows

    def solver(self, scale: float, ridge: float) -> Callable[[Sequence[float]], list[float]]:
        """b -> x with (scale * transpose times matrix + ridge, but for the intercept) x = b.

        Of a wide design the diagonal alone is taken, as its normal matrix would cost more than it saves.
        """
        if len(self._dense) > _WIDEST_DENSE or self.width > _WIDEST:
            whole = [scale * value + ridge for value in self.diagonal]
            return lambda right: list(map(truediv, right, whole))
        return _Cholesky(self.normal, scale, ridge).solve


class _Indicators:
    """Indicator columns that exclude each other. codes: one per row; chosen: those that have a column."""

    def __init__(self, codes: Sequence[int], chosen: Sequence[int]) -> None:
        self._codes, self._chosen = codes, chosen
        self._table = [0.0] * (1 + max(*chosen, *codes))
        self.width = len(chosen)

    @cached_property
    def _rows(self) -> list[list[int]]:
        """The rows of each chosen code."""
        rows: dict[int, list[int]] = {code: [] for code in self._chosen}
        for row, code in enumerate(self._codes):
            if code in rows:
                rows[code].append(row)
        return list(rows.values())

    @cached_property
    def _getters(self) -> list[itemgetter]:
        # With an empty slice beside them, a single row's value comes as a tuple too.
        return [itemgetter(slice(0), *rows) for rows in self._rows]

    @property
    def counts(self) -> list[int]:
        return list(map(len, self._rows))

    def add(self, scores: list[float], weights: Sequence[float]) -> list[float]:
        """The scores, each with the weight of its row's indicator."""
        for code, weight in zip(self._chosen, weights, strict=True):
            self._table[code] = weight
        return list(map(add, scores, map(self._table.__getitem__, self._codes)))

    def sums(self, values: Sequence[float]) -> list[float]:
        """The sum of the values of each indicator's rows."""
        return [sum(get(values)[1:]) for get in self._getters]

    def counts_with(self, other: "_Indicators") -> Matrix:
        """How many rows are in each indicator of this group and each of the other."""
        pairs = Counter(zip(self._codes, other._codes, strict=True))
        return [[float(pairs[mine, theirs]) for theirs in other._chosen] for mine in self._chosen]


class _Cholesky:
    """Solutions of (scale * normal + ridge, but for the intercept) x = b.

    Where rounding leaves a pivot nothing, a share of the diagonal stands in: the solutions are a guess at a
    curvature for an optimiser, not a result.
    """

    def __init__(self, normal: Matrix, scale: float, ridge: float) -> None:
        self._lower: Matrix = []
        for i, entries in enumerate(normal):
            row: list[float] = []
            for j in range(i):
                rest = scale * entries[j] - math.sumprod(row, self._lower[j][:j])
                row.append(rest / self._lower[j][j])
            whole = scale * entries[i] + (ridge if i else 0.0)
            row.append(math.sqrt(max(whole - math.sumprod(row, row), 1e-10 * whole)))
            self._lower.append(row)
        size = len(normal)
        self._upper = [[self._lower[i][j] for i in range(j, size)] for j in range(size)]

    def solve(self, right: Sequence[float]) -> list[float]:
        half: list[float] = []
        for row, value in zip(self._lower, right, strict=True):
            half.append((value - math.sumprod(row[:-1], half)) / row[-1])
        backwards: list[float] = []  # from the last to the first
        for row, value in zip(reversed(self._upper), reversed(half), strict=True):
            backwards.append((value - math.sumprod(row[1:], backwards[::-1])) / row[0])
        return backwards[::-1]
