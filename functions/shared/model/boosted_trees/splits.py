"""The best split of a node: which column, and which of its codes stay."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from shared.model.boosted_trees.bins import MISSING
from shared.model.boosted_trees.histogram import GRADIENTS, ROWS, ZERO, Histogram, rows_and_gradient
from shared.model.boosted_trees.masks import CodedRows

SMALLEST_GAIN = 1e-6  # less is rounding: sums of rounded gradients are integers
SMOOTHING = (
    10  # rows without gradient that the mean of a category is taken with: rare ones are not at the ends
)


class BestSplit(NamedTuple):
    """gain: by how much the squared error of the rounded gradients is lower, 0 where no split is possible.
    codes: those that stay, bit c for code c."""

    gain: float
    feature: int = 0
    codes: int = 0


class _Cut(NamedTuple):
    """The first `length` of some cells, which are `rows` rows, against the rest of the node."""

    gain: float
    length: int
    rows: int


def best_split(
    coded: CodedRows, node: Histogram, categories: Sequence[int | None], min_rows: int
) -> BestSplit:
    """The split of a node that gains most, the first column and the lowest codes among equals.

    categories: for each column None where it is a number: its codes are in the order of its cells, a split is a
    threshold, and the missing cells are on the side where they gain more. Else all codes there may be: they are
    sorted by their mean gradient, and there, too, the best of all sets ends at a threshold (Fisher, "On grouping for
    maximum homogeneity", 1958). Codes without a row in the node go where most of its rows go.
    """
    best = BestSplit(0.0)
    for feature, cells in enumerate(node.cells):
        if len(cells) < 2:
            continue
        codes = list(coded.masks[feature])
        every_code = categories[feature]
        if every_code is None:
            gain, stay = _of_number(codes, cells, node.whole, min_rows)
        else:
            gain, stay = _of_category(codes, cells, node.whole, min_rows, every_code)
        if gain > best.gain:
            best = BestSplit(gain, feature, stay)
    return best


def _of_number(codes: list[int], cells: list[int], whole: int, min_rows: int) -> tuple[float, int]:
    some_missing = codes[:1] == [MISSING] and cells[0] > 0
    cut = _best_cut(cells, whole, min_rows)
    missing_stay = some_missing or 2 * cut.rows > rows_and_gradient(whole)[0]
    last = codes[cut.length - 1]
    if some_missing:
        without = _best_cut(cells[1:], whole, min_rows)
        if without.gain > cut.gain:
            cut, missing_stay, last = without, False, codes[without.length]
    up_to_last = (2 << last) - 2
    return cut.gain, up_to_last | (missing_stay << MISSING)


def _of_category(
    codes: list[int], cells: list[int], whole: int, min_rows: int, every_code: int
) -> tuple[float, int]:
    def mean_gradient(place: int) -> float:
        rows, gradient = rows_and_gradient(cells[place])
        return gradient / (rows + SMOOTHING)

    places = sorted((place for place, cell in enumerate(cells) if cell), key=mean_gradient)
    cut = _best_cut([cells[place] for place in places], whole, min_rows)
    if 2 * cut.rows > rows_and_gradient(whole)[0]:
        return cut.gain, every_code & ~_set(codes[place] for place in places[cut.length :])
    return cut.gain, _set(codes[place] for place in places[: cut.length])


def _set(codes: Iterable[int]) -> int:
    return sum(1 << code for code in codes)


def _best_cut(cells: Sequence[int], whole: int, min_rows: int) -> _Cut:
    rows, gradient = rows_and_gradient(whole)
    before = gradient * gradient / rows
    most, best = before + SMALLEST_GAIN, (0, 0)
    most_inside = rows - min_rows
    for length, cell in enumerate(accumulate(cells), 1):
        rows_inside = cell >> ROWS
        if rows_inside < min_rows:
            continue
        if rows_inside > most_inside:
            break
        inside = (cell & GRADIENTS) - ZERO * rows_inside
        outside = gradient - inside
        after = inside * inside / rows_inside + outside * outside / (rows - rows_inside)
        if after > most:
            most, best = after, (length, rows_inside)
    return _Cut(most - before if best[0] else 0.0, *best)
