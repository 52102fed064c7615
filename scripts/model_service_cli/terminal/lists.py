"""A list of things with more to say than 80 columns hold: one line each where they fit, as in a pipe, else a line for
what one looks for first and, set in below it, one for the rest."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from model_service_cli.terminal.lines import is_terminal
from shared.event_fields import printable

_GAP = "  "
_INDENT = "    "


@dataclass(frozen=True)
class Column:
    """right: a column of figures. below: how the cell is written in the second line where the screen is too narrow for
    one; None for what stays in the first."""

    name: str
    right: bool = False
    below: str | None = None


def show_list(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Prints the rows under their heads; a column that is empty in all of them is left out."""
    cleaned = [[_clean(cell) for cell in row] for row in rows]
    told = [place for place in range(len(columns)) if any(row[place].plain for row in cleaned)]
    columns = [columns[place] for place in told]
    cleaned = [[row[place] for place in told] for row in cleaned]
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    one_line = lines_of(columns, cleaned)
    if not is_terminal(sys.stdout):
        for line in one_line:
            print(line.plain.rstrip())
        return
    width = shutil.get_terminal_size().columns
    shown = one_line if max(line.cell_len for line in one_line) <= width else folded(columns, cleaned, width)
    for line in shown:
        line.rstrip()
        console.print(line)


def lines_of(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> list[Text]:
    """The head and one line for each row."""
    heads = [Text(column.name, style="bold") for column in columns]
    table = [heads, *rows]
    widths = [max(row[place].cell_len for row in table) for place in range(len(columns))]
    lines = []
    for row in table:
        cells = []
        for cell, column, width in zip(row, columns, widths, strict=True):
            padded = cell.copy()
            padded.align("right" if column.right else "left", width)
            cells.append(padded)
        lines.append(Text(_GAP).join(cells))
    return lines


def folded(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> list[Text]:
    """For each row a line of the columns that stay, and below it, set in, the others, folded at `width`."""
    stay = [place for place, column in enumerate(columns) if column.below is None]
    head, *firsts = lines_of(
        [columns[place] for place in stay], [[row[place] for place in stay] for row in rows]
    )
    lines = [head]
    for first, row in zip(firsts, rows, strict=True):
        first.rstrip()
        lines.append(first)
        rest = Text(", ").join(
            Text(column.below.format(cell.plain), style=cell.style or "dim")
            for column, cell in zip(columns, row, strict=True)
            if column.below is not None and cell.plain
        )
        for part in rest.wrap(Console(), max(20, width - len(_INDENT))):
            part.rstrip()
            if part.plain:
                lines.append(Text(_INDENT).append_text(part))
    return lines


def _clean(cell: Text) -> Text:
    return cell if cell.plain.isprintable() else Text(printable(cell.plain), style=cell.style)
