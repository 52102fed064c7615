"""How a model's probabilities go with one column, the others as they are: partial dependence.

Friedman (2001), "Greedy function approximation: a gradient boosting machine", section 8.2: the mean of what the model
says of some rows, all of which have been given the same value.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from shared.event_fields import Json
from shared.model.rows import Feature
from summarize.explaining.permutation import HeldOut
from summarize.explaining.scored_copies import scored_copies

LEADING = 4  # columns
POINTS = 11  # values of a column at most
ROWS = 100
_CLASSES = 5
_FIRST_CODE = 2  # of a category's values: 0 is a missing cell, 1 any other value


def partial_dependence(
    held_out: HeldOut,
    columns: Sequence[str],
    positive_class: str | None,
    dates: Collection[str],
    exponents: Mapping[str, int],
) -> list[Json]:
    """Of each feature of these columns: `column`, its name; `kind`; `values`, rising or the most frequent first; and
    `probabilities`, by class: of two the positive one's, of more the most frequent ones'.

    dates: names of the features that are moments, in seconds since 1970-01-01 UTC. exponents: of features that the
    model is given divided by 2 to this power; the values are in the unit of the data.
    """
    model, held_out = held_out.model, held_out.spread(ROWS)
    frequent = [model.classes[k] for k, _ in Counter(held_out.labels).most_common() if k >= 0][:_CLASSES]
    shown = sorted(frequent) if positive_class is None else [positive_class]
    found = []
    for j in (j for name in columns for j in held_out.inputs[name]):
        feature = model.features[j]
        values = grid(held_out.columns[j], feature)
        copies = ({j: [value] * held_out.rows} for value in values)
        said = list(scored_copies(model, held_out.columns, held_out.rows, copies))
        kind = "category" if feature.values is not None else "date" if feature.name in dates else "number"
        found.append(
            {
                "column": feature.name,
                "kind": kind,
                "values": [_as_in_the_data(feature, value, exponents) for value in values],
                "probabilities": {
                    name: [
                        math.fsum(of_value[model.classes.index(name)]) / held_out.rows for of_value in said
                    ]
                    for name in shown
                },
            }
        )
    return found


def grid(column: Sequence[float], feature: Feature) -> list[float]:
    """The values to try: of a category its most frequent ones, of a number quantiles of the rows at equal steps."""
    if feature.values is not None:
        return list(range(_FIRST_CODE, _FIRST_CODE + min(POINTS, len(feature.values))))
    present = sorted(value for value in column if value == value)
    if not present:
        return []
    return sorted({present[step * (len(present) - 1) // (POINTS - 1)] for step in range(POINTS)})


def _as_in_the_data(feature: Feature, value: float, exponents: Mapping[str, int]) -> float | str:
    if feature.values is not None:
        return feature.values[int(value) - _FIRST_CODE]
    return math.ldexp(value, exponents.get(feature.name, 0))
