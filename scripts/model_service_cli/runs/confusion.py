"""A confusion matrix as lines: whole where the screen holds it, else the classes that are taken for another most often.

Pure: the summary's `confusion_matrix` in, text out.
"""

from collections.abc import Iterator
from typing import Any

from model_service_cli.terminal.lines import fold_width, headed
from shared.event_fields import printable

_NAME = 14  # characters of a class in the matrix
_LONGEST = 40  # and in a sentence
_NAMED = 6  # confusions where the matrix is not shown


def confusion_lines(summary: dict[str, Any]) -> Iterator[str]:
    """Rows are what the test rows are, columns what was answered."""
    match summary.get("evaluation"):
        case {"confusion_matrix": {"labels": [*labels], "counts": [*counts]}} if labels:
            pass
        case _:
            return
    names = [_cut(str(name)) for name in labels]
    cells = [[f"{count:,}" for count in row] for row in counts]
    widths = [max(len(name), *(len(row[place]) for row in cells)) for place, name in enumerate(names)]
    first = max(len("is \\ answered"), *map(len, names))
    if first + sum(widths) + 2 * len(widths) <= fold_width():
        yield f"{'is \\ answered':<{first}}{_row(names, widths)}"
        for name, row in zip(names, cells, strict=True):
            yield f"{name:<{first}}{_row(row, widths)}"
        return
    yield from headed("confused", _worst([str(name)[:_LONGEST] for name in labels], counts))


def _worst(labels: list[str], counts: list[list[int]]) -> str:
    """The most frequent confusions, in words."""
    total, right = sum(map(sum, counts)), sum(row[place] for place, row in enumerate(counts))
    wrong = sorted(
        (
            (-count, is_, answered)
            for is_, row in enumerate(counts)
            for answered, count in enumerate(row)
            if count and is_ != answered
        ),
    )
    told = [
        f"{-count:,} of {sum(counts[is_]):,} {labels[is_]} answered {labels[answered]}"
        for count, is_, answered in wrong[:_NAMED]
    ]
    more = [f"and {len(wrong) - _NAMED:,} more sorts"] if len(wrong) > _NAMED else []
    return "; ".join([f"{right:,} of {total:,} test rows right, in {len(labels)} classes", *told, *more])


def _row(cells: list[str], widths: list[int]) -> str:
    return "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _cut(name: str) -> str:
    shown = printable(name)
    return shown if len(shown) <= _NAME else f"{shown[: _NAME // 2 - 1]}..{shown[1 - _NAME // 2 :]}"
