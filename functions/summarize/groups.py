"""Errors by group: how often the model is right about the test rows of each value of a sensitive column.

A group has a name where it has enough rows, so that it is nobody's single entry; the others are one group.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from shared.event_fields import Json
from shared.proportions import wilson_interval
from shared.test_rows import ScoredRows
from shared.typed_columns import MISSING, CodedColumn
from summarize.training_data import TrainingData

MIN_ROWS = 10  # test rows of a group with a name, and of a class within a group
MAX_GROUPS = 20  # with a name
MAX_CLASSES = 10  # of a group

# Value, true class, whether it was predicted -> rows.
type Counts = Counter[tuple[str, str, bool]]


def errors_by_group(data: TrainingData, scored: ScoredRows, names: Sequence[str]) -> list[Json]:
    """`groups` of a summary: of each of these columns, which hold texts, its groups, the largest first.

    scored: what was said of the test rows, in the order of the evaluation, which is that of the data.
    """
    if not names:
        return []
    counts: list[Counts] = [Counter() for _ in names]
    last = sum(data.rows_per_class.values()) - 1
    ranks = array("q", (last - place for place in scored.places)) if data.newest_first else scored.places
    first = 0
    for part in data.both_sides(names):
        start, end = bisect_left(ranks, first), bisect_left(ranks, first + len(part.labels))
        labels = list(map(scored.classes.__getitem__, scored.labels[start:end]))
        right = [a == b for a, b in zip(scored.labels[start:end], scored.predicted[start:end], strict=True)]
        for found, column in zip(counts, part.columns, strict=True):
            assert isinstance(column, CodedColumn)  # of which alone there are groups: shared.csv_file.columns
            values = [column.values[column.codes[rank - first]] for rank in ranks[start:end]]
            found.update(zip(values, labels, right, strict=True))
        first += len(part.labels)
    return [{"column": name, "groups": _groups(found)} for name, found in zip(names, counts, strict=True)]


def _groups(counts: Counts) -> list[Json]:
    rows: Counter[str] = Counter()
    for (value, _, _), count in counts.items():
        rows[value] += count
    by_size = sorted(rows, key=lambda value: (-rows[value], value))
    named = [value for value in by_size if rows[value] >= MIN_ROWS][:MAX_GROUPS]
    found = [
        {"value": None if value == MISSING else value, "others": False} | _figures(_of(counts, {value}))
        for value in named
    ]
    others = rows.keys() - set(named)
    return [*found, {"value": None, "others": True} | _figures(_of(counts, others))] if others else found


def _of(counts: Counts, values: set[str]) -> Mapping[tuple[str, bool], int]:
    """Rows by true class and whether it was predicted, of these values together."""
    found: Counter[tuple[str, bool]] = Counter()
    for (value, label, right), count in counts.items():
        if value in values:
            found[label, right] += count
    return found


def _figures(counts: Mapping[tuple[str, bool], int]) -> Json:
    rows: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for (label, hit), count in counts.items():
        rows[label] += count
        right[label] += count * hit
    classes = sorted(rows, key=lambda name: (-rows[name], name))
    return {
        "rows": rows.total(),
        "accuracy": right.total() / rows.total(),
        "interval": list(wilson_interval(right.total(), rows.total())),
        "classes": [
            {
                "class": name,
                "rows": rows[name],
                "recall": right[name] / rows[name],
                "interval": list(wilson_interval(right[name], rows[name])),
            }
            for name in classes[:MAX_CLASSES]
            if rows[name] >= MIN_ROWS
        ],
    }
