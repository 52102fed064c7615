"""Which train rows each fold holds out: stratified, or forward in time as the split is. Nothing here fits a model."""

import random
from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

NO_FOLD = 255  # of a row that no fold holds out


def stratified_folds(labels: Sequence[int], classes: Sequence[str], folds: int, seed: int) -> bytes:
    """The fold of each row; a class's rows are spread evenly, to within one row.

    It is decided by the seed, the name of the row's class and the row's rank within the class, in the order of the
    data: each run of `folds` ranks is a permutation of the folds. So a part of the rows can be dealt with alone.
    """
    ranks: defaultdict[int, int] = defaultdict(int)
    orders: dict[int, list[int]] = {}
    found = bytearray()
    for label in labels:
        run, place = divmod(ranks[label], folds)
        if not place:
            orders[label] = random.Random(f"{seed} folds {classes[label]} {run}").sample(range(folds), folds)
        found.append(orders[label][place])
        ranks[label] += 1
    return bytes(found)


def forward_folds(rows: int, folds: int) -> bytes:
    """The fold of each row, in the order of time: fold i holds out part i + 1 of folds + 1 parts of equal size.

    Part 0 is in no fold (NO_FOLD): there is nothing before it to learn from.
    """
    places = [place * rows // (folds + 1) for place in range(folds + 2)]
    sizes = [after - before for before, after in pairwise(places)]
    return bytes([NO_FOLD]) * sizes[0] + b"".join(bytes([i]) * size for i, size in enumerate(sizes[1:]))


def rows_of_fold(fold_of_row: bytes, fold: int, forward: bool) -> tuple[array, array]:
    """Indices of the rows that the fold's models are fitted on, and of those that it holds out.

    forward: it is fitted on what lies before, else on all the others.
    """
    held_out = array("L", [i for i, own in enumerate(fold_of_row) if own == fold])
    before = held_out[0] if forward and held_out else len(fold_of_row)
    return array("L", [i for i, own in enumerate(fold_of_row[:before]) if own != fold]), held_out
