"""The little HTML of a model card: escaped text, numbers as people read them, tables with captions."""

import math
from collections.abc import Iterable, Sequence

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_NAME_SHOWN = 60
CLASSES_SHOWN = 20  # of more, the most frequent ones


def escape(value: object) -> str:
    """The value as text that HTML takes as text, between tags and in a quoted attribute."""
    return str(value).translate(_ESCAPES)


def name_of(value: str, shown: int = _NAME_SHOWN) -> str:
    """A class or a column, escaped, cut where it is long, and kept apart from the text's own direction."""
    text = value if len(value) <= shown else value[: shown - 3] + "..."
    return f"<bdi>{escape(text)}</bdi>"


def plain(value: str, shown: int = 24) -> str:
    """As `name_of`, for SVG and attributes, which know no bdi."""
    return escape(value if len(value) <= shown else value[: shown - 3] + "...")


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def number(value: float | None) -> str:
    """Four digits; a dash for a figure that the rows do not define."""
    if value is None or isinstance(value, int):
        return "-" if value is None else f"{value:,d}"
    if not 1e-4 <= abs(value) < 1e7:
        return f"{value:.4g}"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:,.0f}"


def rows_of(count: int) -> str:
    return f"{count:,d} row" + ("" if count == 1 else "s")


def table(caption: str, header: Sequence[str], body: Iterable[Sequence[str]], numeric: int = 1) -> str:
    """A table of cells that are HTML already; a line's first cell is its heading, those from `numeric` on numbers."""
    top = "".join(f'<th scope="col"{_number_class(j, numeric)}>{cell}</th>' for j, cell in enumerate(header))
    lines = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{cell}</th>' if j == 0 else f"<td{_number_class(j, numeric)}>{cell}</td>"
            for j, cell in enumerate(line)
        )
        + "</tr>\n"
        for line in body
    )
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"
    )


def _number_class(j: int, numeric: int) -> str:
    return ' class="n"' if j >= numeric else ""


def paragraph(*sentences: str) -> str:
    return f"<p>{' '.join(sentences)}</p>\n"


def section(title: str, *content: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{''.join(content)}</section>\n"


def listed(items: Iterable[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>\n"


def more(items: Sequence, shown: int) -> str:
    """A line about what a bounded list leaves out; nothing where it leaves nothing out."""
    left = len(items) - shown
    return (
        paragraph(f'<span class="soft">... and {left:,d} more, in the artifact.</span>') if left > 0 else ""
    )
