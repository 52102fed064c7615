"""Where the cells of a number or a date are counted: bins of even width, finer where many rows are.

Every edge is a multiple of a power of two (of a date: of a day's), and the wider the bin, the higher the power. So an
edge is nobody's cell, equal data gives equal edges, and of two datasets that overlap the coarser one's edges are among
the finer one's: their counts can be compared as they are, without a guess at what lies within a bin.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

_DAY = 86_400.0
_BINS = 16  # of even width, at most, over what all but the outermost rows span
_MOST_EDGES = 24
_FULL = 0.1  # share of the rows that a bin may hold before it is cut in two
_OUTERMOST = 0.01  # share of the rows at either end that is not looked at for the width


def bin_edges(values: Sequence[float], kind: str = "number") -> tuple[float, ...]:
    """Edges for sorted values without NaN, at most 26, such that all of them lie between the first and the last edge.

    Whole numbers, and dates without a time of day, are not cut finer than that. None where there is no value.
    """
    if not values:
        return ()
    unit = _DAY if kind == "date" else 1.0
    count = len(values)
    low, high = values[int(count * _OUTERMOST)], values[count - 1 - int(count * _OUTERMOST)]
    if low == high:
        low, high = values[0], values[-1]
    size = max(abs(low), abs(high))
    finest = unit if all(value % unit == 0 for value in values) else 0.0
    finest = max(finest, _power(math.ulp(size) / unit) * unit)
    spread = high / _BINS - low / _BINS if high > low else size / _BINS
    width = max(finest, _power(spread / unit) * unit)
    first, last = math.floor(low / width), math.floor(high / width) + 1
    edges = [k * width for k in range(first, last + 1)]
    edges = _cut(values, edges, finest)
    if values[0] < edges[0]:
        edges.insert(0, _outside(values[0], edges[0], width, unit))
    if values[-1] >= edges[-1]:
        edges.append(-_outside(-values[-1], -edges[-1], width, unit))
    return tuple(_without_empty_neighbours(values, edges))


def _power(value: float) -> float:
    """The smallest power of two that is not below a value; 0 for 0."""
    if value <= 0:
        return 0.0
    mantissa, exponent = math.frexp(value)
    return math.ldexp(1.0, exponent - 1 if mantissa == 0.5 else exponent)


def _outside(value: float, edge: float, width: float, unit: float) -> float:
    """A number below the value, rounded as coarsely as it lies below the edge, and at least by a bin's width."""
    coarse = max(width, _power((edge - value) / unit) * unit)
    found = math.floor(value / coarse) * coarse
    return found if found < value else found - coarse


def _cut(values: Sequence[float], edges: list[float], finest: float) -> list[float]:
    """The edges with the middles of bins that hold many rows, the fullest first; not where most are of one value."""
    count = len(values)
    settled: set[float] = set()
    while len(edges) < _MOST_EDGES:
        places = [bisect_left(values, edge) for edge in edges]
        sizes = [
            (after - before, -k)
            for k, (before, after) in enumerate(pairwise(places))
            if edges[k] not in settled
        ]
        rows, minus_k = max(sizes, default=(0, 0))
        if rows <= count * _FULL:
            break
        k = -minus_k
        middle = edges[k] + (edges[k + 1] - edges[k]) / 2
        inner = values[places[k] + rows // 4], values[places[k] + rows * 3 // 4]
        if inner[0] == inner[1] or edges[k + 1] - edges[k] <= finest or not edges[k] < middle < edges[k + 1]:
            settled.add(edges[k])
        else:
            edges = [*edges[: k + 1], middle, *edges[k + 1 :]]
    return edges


def _without_empty_neighbours(values: Sequence[float], edges: list[float]) -> list[float]:
    """The edges without those between two empty bins, of which nothing can be told apart."""
    places = [0, *(bisect_left(values, edge) for edge in edges), len(values)]
    return [
        edge
        for edge, before, here, after in zip(edges, places, places[1:], places[2:], strict=False)
        if not before == here == after
    ]
