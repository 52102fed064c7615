"""Grows a tree leaf by leaf: the split that gains most comes first (Shi, "Best-first decision tree learning", 2007)."""

from collections.abc import Sequence

from shared.model.boosted_trees.histogram import RoundedGradients, histogram
from shared.model.boosted_trees.masks import CodedRows
from shared.model.boosted_trees.splits import best_split
from shared.model.boosted_trees.tree import Split


def grow(
    coded: CodedRows,
    gradients: RoundedGradients,
    categories: Sequence[int | None],
    leaves: int,
    min_rows: int,
) -> list[Split]:
    """The splits of a tree of at most `leaves` leaves, each with at least `min_rows` of the rows.

    gradients: of the rows. categories: as `best_split` has it.
    """
    splits: list[Split] = []
    masks = [coded.everyone]
    histograms = [histogram(coded, coded.everyone, gradients)]
    best = [best_split(coded, histograms[0], categories, min_rows)]
    while len(masks) < leaves:
        leaf = max(range(len(masks)), key=lambda index: best[index].gain)
        gain, feature, codes = best[leaf]
        if not gain:
            break
        splits.append(Split(leaf, feature, codes, float(f"{gain:.4g}")))
        if len(splits) == leaves - 1:
            break
        node = masks[leaf]
        left = node & coded.with_codes(feature, codes)
        right = node ^ left
        left_is_smaller = left.bit_count() <= right.bit_count()
        counted = histogram(coded, left if left_is_smaller else right, gradients)
        rest = histograms[leaf].without(counted)
        of_left, of_right = (counted, rest) if left_is_smaller else (rest, counted)
        masks[leaf], histograms[leaf] = left, of_left
        masks.append(right)
        histograms.append(of_right)
        best[leaf] = best_split(coded, of_left, categories, min_rows)
        best.append(best_split(coded, of_right, categories, min_rows))
    return splits
