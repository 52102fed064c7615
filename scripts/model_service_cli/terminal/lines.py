"""Lines that a terminal may be given: names of other people's without control characters, long ones folded.

Tables are in `tables`.
"""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TextIO

from shared.event_fields import printable

HEAD = 11  # characters before what a line tells
WIDTH = 110
NARROWEST = 40


def is_terminal(stream: TextIO) -> bool:
    """Whether lines can be redrawn in place there. NO_COLOR is about colours alone, and rich heeds it."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def fold_width() -> int:
    """Characters of a line that is folded: the screen's, where it is narrower than what reads well.

    What is for people goes to stderr where stdout is for a program.
    """
    if not sys.stdout.isatty() and not sys.stderr.isatty():
        return WIDTH
    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size().columns))


def printable_lines(text: str) -> str:
    """A text of several lines, which it stays, with what no terminal shows as an escape."""
    return "\n".join(map(printable, text.split("\n")))


def headed(head: str, text: str) -> Iterator[str]:
    """`head` and what it tells, folded between words; lines after the first are set in."""
    folded = textwrap.wrap(
        printable(text),
        fold_width() - HEAD,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    for number, line in enumerate(folded):
        yield f"{'' if number else head:<{HEAD}}{line}"
