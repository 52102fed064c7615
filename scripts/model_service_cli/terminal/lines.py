"""Lines that a terminal may be given: names of other people's without control characters, long ones folded.

Tables are in `tables`.
"""

import textwrap
from collections.abc import Iterator

HEAD = 11  # characters before what a line tells
WIDTH = 110


def printable(text: str) -> str:
    """The text with what no terminal shows, or what moves its cursor, as an escape: a name may hold anything."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which it stays."""
    return "\n".join(map(printable, text.split("\n")))


def headed(head: str, text: str) -> Iterator[str]:
    """`head` and what it tells, folded between words; lines after the first are set in."""
    folded = textwrap.wrap(
        printable(text), WIDTH - HEAD, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    for number, line in enumerate(folded):
        yield f"{'' if number else head:<{HEAD}}{line}"
