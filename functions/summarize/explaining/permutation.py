"""What a model loses on held-out rows when a column is shuffled: permutation importance, for every family alike.

Breiman (2001), "Random forests", and Fisher, Rudin and Dominici (2019), "All models are wrong, but many are useful":
the rise in log loss, five times over. Columns that carry each other are shuffled together, as one of them alone would
leave the data, and be missed by nobody.
"""

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from operator import getitem

from shared.event_fields import Json
from shared.model.protocol import Model
from summarize.explaining.association import groups_of, prepared
from summarize.explaining.scored_copies import Altered, Columns, scored_copies
from summarize.scoring.evaluation_counts import losses_of

REPEATS = 5
MOST_COLUMNS = 30  # that are shuffled: of more the leading ones, by a screen of one shuffle of few rows
_MOST_SCORED = 200_000  # rows in all copies, times the scores that the model works out for one
_MOST_CELLS = 10_000_000  # of all copies
_SCREENED = 50_000
_FEWEST_ROWS, _SCREEN_ROWS = 50, 20


@dataclass(frozen=True)
class HeldOut:
    """Rows that the model has not seen, by column, and their classes as indices into its own; -1 for none of them.

    inputs: name of a column of the data -> the indices of the features that it becomes.
    """

    model: Model
    columns: Columns
    labels: Sequence[int]
    inputs: dict[str, list[int]]

    @property
    def rows(self) -> int:
        return len(self.labels)

    def spread(self, rows: int) -> "HeldOut":
        """At most so many of the rows, evenly."""
        if rows >= self.rows:
            return self
        kept = [run * self.rows // rows for run in range(rows)]
        columns = [[column[i] for i in kept] for column in self.columns]
        return HeldOut(self.model, columns, [self.labels[i] for i in kept], self.inputs)

    def losses(self, copies: Iterable[Altered]) -> Iterator[float]:
        """The log loss of the rows in each copy."""
        for said in scored_copies(self.model, self.columns, self.rows, copies):
            said.append([0.0] * self.rows)  # what -1 finds
            of_label = list(map(getitem, zip(*said, strict=True), self.labels))
            yield math.fsum(losses_of(of_label)) / self.rows

    def shuffled(self, columns: Iterable[int], order: Sequence[int]) -> Altered:
        return {j: list(map(self.columns[j].__getitem__, order)) for j in columns}


def permutation_importance(held_out: HeldOut, seed: int) -> Json | None:
    """`rows` and `repeats`; `loss` of the rows as they are; `columns`, the strongest first: name, mean and deviation of
    the rise in loss when it is shuffled with its group, and the group's index in `groups`, or None; `of_columns`, how
    many the model reads. None where it reads none or there is no row.

    Bounded by arithmetic: fewer rows where copies are many, and the leading columns where these are.
    """
    if not held_out.inputs or not held_out.rows:
        return None
    names = list(held_out.inputs)
    if len(names) > MOST_COLUMNS:
        names = _leading(held_out, names, seed)
    held_out = held_out.spread(_affordable_rows(held_out, len(names)))
    groups = [[names[j] for j in group] for group in groups_of([_prepared(held_out, name) for name in names])]
    orders = permutations(held_out.rows, seed)
    (loss,) = held_out.losses([{}])
    rises = rises_of(held_out, groups, orders, loss)
    ranked = sorted(zip(groups, rises, strict=True), key=lambda pair: -_mean(pair[1]))
    together = [(group, rise) for group, rise in ranked if len(group) > 1]
    return {
        "rows": held_out.rows,
        "repeats": REPEATS,
        "loss": loss,
        "of_columns": len(held_out.inputs),
        "columns": [
            {
                "name": name,
                **_figures(rise),
                "group": together.index((group, rise)) if len(group) > 1 else None,
            }
            for group, rise in ranked
            for name in group
        ],
        "groups": [{"columns": group, **_figures(rise)} for group, rise in together],
    }


def rises_of(
    held_out: HeldOut, groups: Sequence[Sequence[str]], orders: Sequence[Sequence[int]], loss: float
) -> list[list[float]]:
    """For each group of columns, by how much the log loss rises when they are put in each of the orders."""
    copies = (
        held_out.shuffled([j for name in group for j in held_out.inputs[name]], order)
        for group in groups
        for order in orders
    )
    risen = [found - loss for found in held_out.losses(copies)]
    return [list(of_group) for of_group in batched(risen, len(orders))]


def permutations(rows: int, seed: int) -> list[list[int]]:
    """The orders of the rows, the same for every column."""
    orders = [list(range(rows)) for _ in range(REPEATS)]
    for place, order in enumerate(orders):
        random.Random(f"{seed} permutation {place}").shuffle(order)
    return orders


def _leading(held_out: HeldOut, names: Sequence[str], seed: int) -> list[str]:
    """The columns whose shuffle raises the loss of a few rows most, in the order of the data."""
    scored = min(_SCREENED // _heads(held_out.model), _MOST_CELLS // len(held_out.columns))
    few = held_out.spread(max(_SCREEN_ROWS, scored // len(names)))
    (loss,) = few.losses([{}])
    rises = rises_of(few, [[name] for name in names], permutations(few.rows, seed)[:1], loss)
    kept = sorted(range(len(names)), key=lambda j: -rises[j][0])[:MOST_COLUMNS]
    return [names[j] for j in sorted(kept)]


def _affordable_rows(held_out: HeldOut, columns: int) -> int:
    copies = columns * REPEATS
    scored = min(_MOST_SCORED // _heads(held_out.model), _MOST_CELLS // len(held_out.columns))
    return max(_FEWEST_ROWS, scored // copies)


def _heads(model: Model) -> int:
    return 1 if len(model.classes) == 2 else len(model.classes)


def _prepared(held_out: HeldOut, name: str) -> list:
    features = held_out.model.features
    return [prepared(held_out.columns[j], features[j].values is not None) for j in held_out.inputs[name]]


def _figures(rises: Sequence[float]) -> Json:
    mean = _mean(rises)
    return {"mean": mean, "deviation": math.sqrt(_mean([(rise - mean) ** 2 for rise in rises]))}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
