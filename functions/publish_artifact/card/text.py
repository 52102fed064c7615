"""The little HTML of a model card: escaped text, numbers as people read them, tables with captions."""

import math
from collections.abc import Iterable, Sequence

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_NAME_SHOWN = 60
_FIGURE_SPACE, _POINT_SPACE = "\u2007", "\u2008"  # as wide as a digit and as a point
CLASSES_SHOWN = 20  # of more, the most frequent ones


def escape(value: object) -> str:
    """The value as text that HTML takes as text, between tags and in a quoted attribute."""
    return str(value).translate(_ESCAPES)


def name_of(value: str, shown: int = _NAME_SHOWN) -> str:
    """A class or a column, escaped, cut where it is long, and kept apart from the text's own direction."""
    return f"<bdi>{plain(value, shown)}</bdi>"


def plain(value: str, shown: int = 24) -> str:
    """As `name_of`, for SVG and attributes, which know no bdi."""
    return escape(value if len(value) <= shown else value[: shown - 3] + "...")


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def three(value: float | None) -> str:
    """Three decimals, the one precision of figures from 0 to 1 and of losses; a dash where there is none."""
    return "-" if value is None else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference with its sign and three decimals; none where it rounds to zero."""
    text = f"{value:+.3f}"
    return "0.000" if text in ("+0.000", "-0.000") else text


def span(interval: Sequence[float] | None) -> str:
    """An interval with three decimals."""
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "-"


def number(value: float | None) -> str:
    """Four digits; a dash for a figure that the rows do not define."""
    if value is None or isinstance(value, int):
        return "-" if value is None else f"{value:,d}"
    if not 1e-4 <= abs(value) < 1e7:
        return f"{value:.4g}"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:,.0f}"


def alike(values: Sequence[float], unit: float) -> list[str]:
    """Values of one quantity with one number of decimals: as many as tell differences of a hundredth of `unit`."""
    largest = max(map(abs, (*values, unit)))
    if not 1e-4 <= unit <= largest < 1e9:
        return [f"{value:.3g}" for value in values]
    decimals = max(0, 2 - math.floor(math.log10(unit)))
    return [f"{value:,.{decimals}f}" for value in values]


def aligned(texts: Sequence[str]) -> list[str]:
    """The column's numbers, filled up on the right so that their decimal points stand in one line."""
    tails = [len(text) - text.find(".") if "." in text and "e" not in text else 0 for text in texts]
    widest = max(tails, default=0)
    return [
        text + (_FIGURE_SPACE * (widest - tail) if tail else (_POINT_SPACE + _FIGURE_SPACE * (widest - 1)))
        if tail < widest
        else text
        for text, tail in zip(texts, tails, strict=True)
    ]


def count_of(count: int, what: str) -> str:
    """A count with its noun, such as "1 row" and "2 rows"."""
    return f"{count:,d} {what}" + ("" if count == 1 else "s")


def rows_of(count: int) -> str:
    return count_of(count, "row")


def table(
    caption: str, header: Sequence[str], body: Iterable[Sequence[str]], numeric: int = 1, words: int = 99
) -> str:
    """A table of cells that are HTML already: a line's first cell is its heading, the columns from `numeric` to before
    `words` are numbers."""
    lines = "".join(line(cells, numeric, words=words) for cells in body)
    return table_of(caption, header, lines, numeric, words)


def line(cells: Sequence[str], numeric: int = 1, kind: str = "", words: int = 99) -> str:
    """A line of a table; kind: a class of the style sheet."""
    inner = "".join(
        f'<th scope="row">{cell}</th>' if j == 0 else f"<td{_number_class(j, numeric, words)}>{cell}</td>"
        for j, cell in enumerate(cells)
    )
    return f"<tr{f' class="{kind}"' if kind else ''}>{inner}</tr>\n"


def table_of(caption: str, header: Sequence[str], lines: str, numeric: int = 1, words: int = 99) -> str:
    """A table of lines that are HTML already. Captions differ on a page: each names a region of it."""
    top = "".join(
        f'<th scope="col"{_number_class(j, numeric, words)}>{cell}</th>' for j, cell in enumerate(header)
    )
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"
    )


def _number_class(j: int, numeric: int, words: int) -> str:
    return ' class="n"' if numeric <= j < words else ""


def paragraph(*sentences: str) -> str:
    return f"<p>{' '.join(sentences)}</p>\n"


def soft(*sentences: str) -> str:
    """A paragraph that may be passed over."""
    return f'<p class="soft">{" ".join(sentences)}</p>\n'


def section(title: str, *content: str) -> str:
    """A section of the page; nothing where it has no content."""
    inner = "".join(content)
    return f'<section id="{_anchor(title)}">\n<h2>{title}</h2>\n{inner}</section>\n' if inner else ""


def _anchor(title: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in title.lower())


def listed(items: Iterable[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>\n"


def side_by_side(*parts: str) -> str:
    """Parts in two columns where the window is wide; those that are empty are left out."""
    found = [part for part in parts if part]
    if len(found) < 2:
        return "".join(found)
    return '<div class="two">\n' + "".join(f"<div>\n{part}</div>\n" for part in found) + "</div>\n"


def figures(drawn: Iterable[str]) -> str:
    """Figures in a grid of as many columns as fit."""
    inner = "".join(drawn)
    return f'<div class="figures">\n{inner}</div>\n' if inner else ""


def more(items: Sequence, shown: int) -> str:
    """A line about what a bounded list leaves out; nothing where it leaves nothing out."""
    left = len(items) - shown
    return soft(f"... and {left:,d} more, in the artifact.") if left > 0 else ""
