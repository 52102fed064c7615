"""A list on a screen and in a pipe: whole in both, one line a thing where it fits."""

import io
import sys

import pytest
from rich.text import Text

from model_service_cli.terminal.lists import Column, folded, show_list

COLUMNS = (
    Column("name"),
    Column("accuracy", right=True),
    Column("empty"),
    Column("label", below="label {}"),
    Column("note", below="{}"),
)
ROWS = [
    [Text("first", style="bold green"), Text("0.5000"), Text(""), Text("species"), Text("")],
    [
        Text("second, longer"),
        Text(""),
        Text(""),
        Text("y\x1b[2J"),
        Text("failed because of " + "words " * 20),
    ],
]


@pytest.fixture
def screen(monkeypatch):
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    def of_width(width: int) -> io.StringIO:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stdout", Screen())
        return sys.stdout

    return of_width


def lines_on(stream: io.StringIO) -> list[str]:
    return [Text.from_ansi(line).plain for line in stream.getvalue().splitlines()]


def test_in_a_pipe_each_is_one_whole_line_without_columns_that_are_empty(capsys):
    show_list(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "name            accuracy  label       note",
        "first             0.5000  species",
        f"second, longer            y\\u001b[2J  failed because of {'words ' * 20}".rstrip(),
    ]


def test_on_a_wide_screen_it_is_the_same(screen, capsys):
    wide = screen(300)
    show_list(COLUMNS, ROWS)
    assert lines_on(wide)[1] == "first             0.5000  species"


@pytest.mark.parametrize("width", [80, 40])
def test_on_a_narrow_one_the_rest_is_set_in_below_and_folded(width, screen):
    narrow = screen(width)
    show_list(COLUMNS, ROWS)
    lines = lines_on(narrow)
    assert lines[:3] == ["name            accuracy", "first             0.5000", "    label species"]
    assert lines[3] == "second, longer"
    assert lines[4].startswith("    label y\\u001b[2J, failed because")
    assert max(map(len, lines)) <= width
    assert " ".join(line.strip() for line in lines).count("words") == 20


def test_colours_are_the_cells_own_and_none_with_no_color(screen, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = screen(300)
    show_list(COLUMNS, ROWS)
    assert "\x1b[1;32mfirst" in coloured.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = screen(300)
    show_list(COLUMNS, ROWS)
    assert "32m" not in plain.getvalue()
    assert lines_on(plain) == lines_on(coloured)


def test_a_row_without_a_rest_has_no_second_line():
    assert [line.plain for line in folded(COLUMNS[:1], [[Text("a")]], 80)] == ["name", "a"]
