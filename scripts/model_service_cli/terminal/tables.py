"""Tables on the standard output: coloured on a terminal, plain in a file or a pipe, and cut in neither."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from model_service_cli.terminal.lines import is_terminal

WIDEST = 10_000  # columns
# By the status of an execution or of a step; every other one is a failure.
STYLES = {"SUCCEEDED": "green", "RUNNING": "cyan"}
FAILED = "bold red"


def new_table(*heads: str, right: tuple[str, ...] = ()) -> Table:
    """A table without rules. right: columns of figures."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", no_wrap=True)
    return table


def show(table: Table) -> None:
    """Prints the table. A name that is cut is of no use, so on a narrow screen the screen wraps the lines."""
    console = Console(file=sys.stdout)
    natural = max(1, console.measure(table, options=console.options.update(width=WIDEST)).maximum)
    wide = Console(file=sys.stdout, width=natural)
    if is_terminal(sys.stdout):
        wide.print(table)
        return
    with wide.capture() as capture:
        wide.print(table)
    for line in Text.from_ansi(capture.get()).plain.splitlines():
        print(line.rstrip())
