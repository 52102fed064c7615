"""The rules of boosting written down slowly: rows one by one, lists of numbers, every possible cut tried."""

import math
import random
from collections.abc import Sequence

from shared.model.boosted_trees.bins import MISSING
from shared.model.boosted_trees.boosting import LONGEST_STEP
from shared.model.boosted_trees.options import Options
from shared.model.boosted_trees.tree import Split, Tree

UNIT = 2.0**-20


def plain_rounded(gradients: Sequence[float], noise: Sequence[float]) -> list[int]:
    scale = 7 / max(max(map(abs, gradients)), 1e-9)
    return [math.floor(g * scale + 7 + u) for g, u in zip(gradients, noise, strict=False)]


def plain_grow(columns, numbers, categories, leaves, min_rows) -> list[Split]:
    """columns: codes of each; numbers: the rounded gradients, 7 for 0; the rest as `growing.grow` has it."""
    nodes, splits = [list(range(len(numbers)))], []
    while len(nodes) < leaves:
        found = [_best_split(columns, numbers, categories, node, min_rows) for node in nodes]
        leaf = max(range(len(nodes)), key=lambda i: found[i][0])
        gain, feature, stay = found[leaf]
        if not gain:
            break
        splits.append(Split(leaf, feature, sum(1 << code for code in stay), float(f"{gain:.4g}")))
        nodes.append([row for row in nodes[leaf] if columns[feature][row] not in stay])
        nodes[leaf] = [row for row in nodes[leaf] if columns[feature][row] in stay]
    return splits


def _best_split(columns, numbers, categories, node, min_rows):
    best = (0.0, 0, set())
    for feature, (column, every_code) in enumerate(zip(columns, categories, strict=True)):
        present = sorted({column[row] for row in node})
        for stay in _possible(column, numbers, every_code, node, present):
            inside = [numbers[row] - 7 for row in node if column[row] in stay]
            outside = [numbers[row] - 7 for row in node if column[row] not in stay]
            if min(len(inside), len(outside)) < min_rows:
                continue
            before = sum(inside + outside) ** 2 / len(node)
            gain = sum(inside) ** 2 / len(inside) + sum(outside) ** 2 / len(outside) - before
            if gain > max(best[0], 1e-6):
                best = (
                    gain,
                    feature,
                    _with_absent(stay, every_code, column, node, len(inside) > len(outside)),
                )
    return best


def _possible(column, numbers, every_code, node, present):
    """The sets of codes that may stay, in the order in which the first of equals wins."""
    if every_code is None:
        bins = [code for code in present if code != MISSING]
        for with_missing in (True, False) if MISSING in present else (False,):
            if with_missing:
                yield {MISSING}
            for code in bins:
                yield set(range(1, code + 1)) | ({MISSING} if with_missing else set())
        return

    def mean(code):
        gradients = [numbers[row] - 7 for row in node if column[row] == code]
        return sum(gradients) / (len(gradients) + 10)

    ordered = sorted(present, key=mean)
    for length in range(1, len(ordered)):
        yield set(ordered[:length])


def _with_absent(stay, every_code, column, node, mostly_stay):
    """Codes without a row in the node go with most of its rows; of a number these are the missing cells alone."""
    present = {column[row] for row in node}
    codes = {MISSING} if every_code is None else {c for c in range(64) if every_code >> c & 1}
    return stay | {code for code in codes if code not in present and mostly_stay}


def leaf_of(tree: Tree, codes: Sequence[int]) -> int:
    """The leaf of a row, given by its codes."""
    leaf = 0
    for newest, split in enumerate(tree.splits, 1):
        if split.leaf == leaf and not split.codes >> codes[split.feature] & 1:
            leaf = newest
    return leaf


def plain_boosting(columns, labels, classes, categories, rounds, options: Options) -> list[list[Tree]]:
    """Trees of a table that is one group. columns: codes; labels: class indices; classes: how many."""
    rng = random.Random(options.seed)
    n = len(labels)
    noise = [rng.random() for _ in range(n)]
    shares = [(list(labels).count(k) + 0.5) / (n + 0.5 * classes) for k in range(classes)]
    heads = [1] if classes == 2 else list(range(classes))
    scores = [[math.log(shares[k] / (shares[0] if classes == 2 else 1))] * n for k in heads]
    result = []
    for _ in range(rounds):
        powers = [list(map(math.exp, row)) for row in zip(*scores, strict=True)]
        probability = [[power / (sum(row) + (classes == 2)) for power in row] for row in powers]
        trees = []
        for head, target in enumerate(heads):
            p = [row[head] for row in probability]
            gradient = [p[row] - (labels[row] == target) for row in range(n)]
            place = rng.randrange(n)
            numbers = plain_rounded(gradient, noise[place:] + noise[:place])
            splits = plain_grow(columns, numbers, categories, options.leaves, options.rows_of_a_leaf(n))
            shape = Tree(tuple(splits), ())
            leaves = [leaf_of(shape, [column[row] for column in columns]) for row in range(n)]
            values = []
            for leaf in range(len(splits) + 1):
                rows = [row for row in range(n) if leaves[row] == leaf]
                first = sum(gradient[row] for row in rows)
                second = sum(p[row] * (1 - p[row]) for row in rows)
                step = max(-LONGEST_STEP, min(LONGEST_STEP, -first / (second + options.ridge)))
                values.append(round(options.rate * step / UNIT))
            for row in range(n):
                scores[head][row] += values[leaves[row]] * UNIT
            trees.append(Tree(tuple(splits), tuple(values)))
        result.append(trees)
    return result
