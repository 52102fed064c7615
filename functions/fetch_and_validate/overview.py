"""What a person wants to know of a dataset before any model: rows, classes, which column is used as what.

It travels in the output of every step, so it is small and bounded, and it holds no cells but names of classes and
the frequent values of categories. The manifest has all of it.
"""

from collections import Counter
from collections.abc import Iterable

from shared.csv_file.kinds import CATEGORY, KINDS
from shared.event_fields import Json

NAMED = 20  # columns or classes of each sort
FREQUENT = 3  # values of a category
_FREQUENT_SHARE = 0.01
_FREQUENT_ROWS = 5  # nobody's single entry
_NAME_CHARACTERS = 60
_REASON_CHARACTERS = 200
_NOTES = 10


def overview(manifest: Json) -> Json:
    """Of a valid dataset's manifest: rows, invalid_rows, missing_cells, classes, used, categories, left_out, notes.

    Where there are more than NAMED columns or classes, the first are named and `count` tells how many there are.
    """
    report, columns = manifest["report"], manifest["columns"]
    used = [column for column in columns if column["role"] == "feature"]
    missing = Counter({c["name"]: report["columns"][c["name"]]["missing"] or 0 for c in used})
    categories = [c["name"] for c in used if c["kind"] == CATEGORY]
    return {
        "rows": report["rows"],
        "invalid_rows": report["invalid_rows"],
        "missing_cells": {"count": missing.total(), "columns": _bounded((+missing).most_common())},
        "classes": {
            "count": len(report["classes"]),
            "rows": _bounded(Counter(report["classes"]).most_common()),
        },
        "used": {
            kind: {"count": len(names), "columns": [_cut(name) for name in names[:NAMED]]}
            for kind in KINDS
            if (names := [column["name"] for column in used if column["kind"] == kind])
        },
        "categories": {
            _cut(name): frequent
            for name in categories[:NAMED]
            if (frequent := _frequent(report["columns"][name]["counts"], report["rows"]))
        },
        "left_out": {
            "count": sum(column["role"] == "left_out" for column in columns),
            "columns": _bounded(
                (column["name"], column["reason"][:_REASON_CHARACTERS])
                for column in columns
                if column["role"] == "left_out"
            ),
        },
        "time_order": manifest["time_order"],
        "notes": [note for _, note in zip(range(_NOTES), notes(manifest), strict=False)],
    }


def notes(manifest: Json) -> Iterable[str]:
    """What the owner of the data should hear: labels that look like spellings of one, a column that is not empty."""
    label = manifest["request"]["label_column"]
    for names in spellings(manifest["report"]["classes"]):
        listed = " and ".join(", ".join(repr(_cut(name)) for name in names[:NAMED]).rsplit(", ", 1))
        yield (
            f"the classes {listed} of {_cut(label)!r} look like spellings of one, and are "
            f"{len(names)} classes: write them alike in the CSV, such as {_cut(names[0])!r} everywhere"
        )
    for name, place in manifest["report"]["filled"].items():
        where = f"line {place['line']} of {place['object']}" if isinstance(place, dict) else f"line {place}"
        yield (
            f"column {_cut(name)!r} was left out as empty by its sample, and holds values, the first in {where}: "
            "name its kind in columns to use it"
        )


def spellings(classes: Json) -> list[list[str]]:
    """Groups of classes that differ only in case or are the same number, the most frequent spelling first."""
    groups: dict[str | float, list[str]] = {}
    for name in sorted(classes, key=lambda name: (-classes[name], name)):
        groups.setdefault(_meaning(name), []).append(name)
    return [names for names in groups.values() if len(names) > 1]


def _meaning(name: str) -> str | float:
    try:
        return float(name)
    except ValueError:
        return name.casefold()


def _frequent(counts: Json, rows: int) -> Json:
    least = max(_FREQUENT_ROWS, _FREQUENT_SHARE * rows)
    return _bounded([pair for pair in counts.items() if pair[1] >= least][:FREQUENT])


def _bounded(pairs: Iterable[tuple[str, object]]) -> Json:
    """The first pairs as an object. Names that are cut alike share a place."""
    return {_cut(name): value for (name, value), _ in zip(pairs, range(NAMED), strict=False)}


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 3] + "..."
