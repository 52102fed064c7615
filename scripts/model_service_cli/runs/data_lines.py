"""What a run says of its data, as lines: rows, missing cells, classes, what each column was used as, what was left out.

Pure: the `dataset` of a step's output in, text out. It is bounded where it is made, in FetchAndValidate.
"""

from collections.abc import Iterator
from typing import Any

from model_service_cli.terminal.figures import size
from model_service_cli.terminal.lines import headed

HEADS = {"number": "numbers", "flag": "flags", "date": "dates", "category": "categories"}


def overview_in(output: dict[str, Any]) -> dict[str, Any]:
    """The overview of the data in a step's output; {} where it holds none."""
    match output:
        case {"dataset": {"rows": int(), "classes": {"count": int()}} as dataset}:
            return dataset
    return {}


def data_lines(dataset: dict[str, Any]) -> Iterator[str]:
    """The lines of an overview; of an older one, what there is."""
    yield from headed("rows", _rows(dataset))
    if classes := _part(dataset, "classes"):
        named = [f"{name}: {count:,}" for name, count in _part(classes, "rows").items()]
        yield from headed("classes", _listed(named, classes.get("count", 0), "; "))
    frequent = _part(dataset, "categories")
    for kind, used in _part(dataset, "used").items():
        names = [f"{name}{_values(frequent.get(name))}" for name in used["columns"]]
        yield from headed(HEADS.get(kind, kind), _listed(names, used["count"]))
    if left_out := _part(dataset, "left_out"):
        reasons = [f"{name}: {reason}" for name, reason in _part(left_out, "columns").items()]
        for place, text in enumerate(reasons):
            yield from headed("" if place else "left out", text)
        if more := left_out["count"] - len(reasons):
            yield from headed("" if reasons else "left out", f"and {more:,} more")
    if order := dataset.get("time_order"):
        yield from headed("in time by", str(order))
    for note in dataset.get("notes") or ():
        yield from headed("note", note)


def folder_in_words(dataset: dict[str, Any]) -> str:
    """How many objects a folder has, and of what size; empty for one object alone."""
    match dataset:
        case {"objects": int(count), "bytes": int(bytes_)}:
            return f"{count:,} object{'s' * (count != 1)}, {size(bytes_)}"
    return ""


def _rows(dataset: dict[str, Any]) -> str:
    dropped, missing = dataset.get("invalid_rows"), _part(dataset, "missing_cells")
    told = [f"{dataset['rows']:,} used" + (f", {dropped:,} dropped as invalid" if dropped else "")]
    if folder := folder_in_words(dataset):
        told.append(f"from {folder}")
    if missing.get("count"):
        columns = [f"{name}: {count:,}" for name, count in _part(missing, "columns").items()]
        cells = "cell" if missing["count"] == 1 else "cells"
        told.append(f"{missing['count']:,} missing {cells} ({'; '.join(columns)})")
    return "; ".join(told)


def _values(counts: Any) -> str:
    """The frequent values of a category, in brackets."""
    if not isinstance(counts, dict) or not counts:
        return ""
    return f" ({'; '.join(f'{value}: {count:,}' for value, count in counts.items())})"


def _listed(names: list[str], count: int, between: str = ", ") -> str:
    more = count - len(names)
    return between.join(names) + (f" and {more:,} more" if more > 0 else "")


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
