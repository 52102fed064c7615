import io
import sys
from threading import Event

import pytest

from model_service_cli.terminal import waiting


class Screen(io.StringIO):
    """Where what is written can be waited for."""

    def __init__(self, is_a_terminal: bool):
        super().__init__()
        self.is_a_terminal = is_a_terminal
        self.ticked = Event()

    def isatty(self) -> bool:
        return self.is_a_terminal

    def write(self, text: str) -> int:
        if " s" in text:
            self.ticked.set()
        return super().write(text)


@pytest.fixture
def screen(monkeypatch):
    def of(is_a_terminal: bool) -> Screen:
        made = Screen(is_a_terminal)
        monkeypatch.setattr(sys, "stdout", made)
        monkeypatch.setattr(waiting, "REDRAW_SECONDS", 0.01)
        monkeypatch.setattr(waiting, "LOGGED_SECONDS", 0.01)
        monkeypatch.setenv("TERM", "xterm")
        return made

    return of


def seen(text: str) -> list[str]:
    """The lines that stood there one after another, as a terminal shows them."""
    return [line.removeprefix("\033[K") for line in text.replace("\n", "").split("\r")]


@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_terminal_the_seconds_and_what_is_done_move_in_place(screen, monkeypatch, no_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    stdout = screen(True)
    with waiting.stage("deploy: applying", lambda: "3 of 8") as done:
        assert stdout.ticked.wait(10)
        done("8 added")
    first, moved, *_, last = seen(stdout.getvalue())
    assert first == "deploy: applying ... "
    assert moved == "deploy: applying ... 0 s, 3 of 8"
    assert last == "deploy: applying ... 8 added (0.0 s)"
    assert "\033[3" not in stdout.getvalue()


def test_in_a_log_the_line_grows_and_is_written_once(screen):
    stdout = screen(False)
    with waiting.stage("deploy: applying") as done:
        assert stdout.ticked.wait(10)
        done("8 added")
    told = stdout.getvalue()
    assert told.startswith("deploy: applying ... 0 s ... ")
    assert told.endswith("8 added (0.0 s)\n")
    assert told.isprintable() or told.count("\n") == 1


def test_a_stage_that_fails_says_so(screen):
    stdout = screen(True)
    with pytest.raises(OSError, match="full"), waiting.stage("plan"):
        raise OSError("full")
    assert seen(stdout.getvalue())[-1] == "plan ... failed (0.0 s)"


def test_what_only_ticks_leaves_nothing_behind(screen):
    stdout = screen(True)
    with waiting.ticking("uploading a.csv"):
        assert stdout.ticked.wait(10)
    assert "uploading a.csv ... 0 s" in seen(stdout.getvalue())
    assert seen(stdout.getvalue())[-1] == ""
    elsewhere = screen(False)
    with waiting.ticking("uploading a.csv"):
        pass
    assert elsewhere.getvalue() == ""


def test_a_line_that_is_written_over_fits_the_screen(screen, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stdout = screen(True)
    with waiting.ticking("a long text " * 9):
        assert stdout.ticked.wait(10)
    assert all(len(line) < 40 for line in seen(stdout.getvalue()))
    assert any(line.endswith(" ... 0 s") for line in seen(stdout.getvalue()))
