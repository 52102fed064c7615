"""A line that moves while something is waited for, so that nobody takes a quiet command for a dead one.

On a terminal it is written anew in place, with the seconds since it began; in a log, where nothing can be written over,
the seconds are added to the line now and then.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from model_service_cli.terminal.lines import is_terminal

REDRAW_SECONDS = 0.5
LOGGED_SECONDS = 10.0
_TO_THE_LINES_BEGINNING = "\r\033[K"  # and what stands there goes


@contextmanager
def ticking(text: str) -> Iterator[None]:
    """On a terminal, `text` and the seconds while the body runs, and nothing of it afterwards; elsewhere nothing."""
    if not is_terminal(sys.stdout):
        yield
        return
    with _moving(text, lambda: ""):
        yield
    print(_TO_THE_LINES_BEGINNING, end="", flush=True)


@contextmanager
def stage(name: str, so_far: Callable[[], str] = lambda: "") -> Iterator[Callable[[str], None]]:
    """One line: the stage's name at once, then the result, which the body gives to what it is given, and the seconds
    that it took.

    so_far: what is done by now, in words, such as "3 of 8"; on a terminal it stands beside the seconds.
    """
    begin = time.monotonic()
    result: list[str] = []
    print(f"{name} ... ", end="", flush=True)
    try:
        with _moving(name, so_far):
            yield result.append
    finally:
        again = f"{_TO_THE_LINES_BEGINNING}{name} ... " if is_terminal(sys.stdout) else ""
        print(f"{again}{result[0] if result else 'failed'} ({time.monotonic() - begin:.1f} s)", flush=True)


@contextmanager
def _moving(text: str, so_far: Callable[[], str]) -> Iterator[None]:
    begin, over = time.monotonic(), Event()
    in_place = is_terminal(sys.stdout)

    def tick() -> None:
        while not over.wait(REDRAW_SECONDS if in_place else LOGGED_SECONDS):
            waited = f"{time.monotonic() - begin:.0f} s"
            if in_place:
                shown = f"{text} ... {', '.join(part for part in (waited, so_far()) if part)}"
                waited = f"{_TO_THE_LINES_BEGINNING}{_cut(shown)}"
            else:
                waited += " ... "
            print(waited, end="", flush=True)

    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _cut(line: str) -> str:
    """A line that is folded by the terminal cannot be written over."""
    width = shutil.get_terminal_size().columns - 1
    return (
        line
        if len(line) <= width
        else f"{line[: max(0, width // 2 - 2)]}...{line[len(line) - width // 2 + 1 :]}"
    )
