import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

import progress_bar
from execution import MapRun
from map_progress import Progress
from progress_bar import PLAIN_SECONDS, REDRAW_SECONDS, Display, is_terminal

RUN = MapRun("arn:run", "ValidateShards", "{}", datetime(2026, 1, 1, tzinfo=UTC), running=True)
ENDED = replace(RUN, running=False)


class Screen(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def shown(monkeypatch):
    """A display whose Map has one more shard of 100 done at each look, and its clock."""

    class Watcher:
        looks = 0

        def __init__(self, *_):
            pass

        def look(self, ended: bool = False) -> Progress:
            Watcher.looks += 1
            return Progress(100, 100 if ended else Watcher.looks, 0, 10.0)

    class Shown:
        watcher = Watcher
        now = 50.0

        def display(self, in_place: bool) -> Display:
            self.screen = Screen(in_place)
            return Display(None, None, self.screen, in_place, lambda: self.now)

    monkeypatch.setattr(progress_bar, "MapWatcher", Watcher)
    return Shown()


def test_on_a_terminal_one_line_is_redrawn_and_the_last_one_stays(shown):
    display = shown.display(in_place=True)
    display.show_map(RUN)
    display.show_map(RUN)  # a moment later: not drawn again
    shown.now += REDRAW_SECONDS
    display.show_map(RUN)
    display.show_map(ENDED)
    display.say("  ValidateShards      succeeded")
    drawn = shown.screen.getvalue()
    assert shown.watcher.looks == 3
    assert drawn.count("\r\x1b[K") == 3
    assert ["1/100 shards" in drawn, "2/100 shards" in drawn, "3/100 shards" in drawn] == [True, True, False]
    last = drawn.rpartition("\x1b[K")[2].splitlines()
    assert "100/100 shards" in last[0]
    assert last[1] == "  ValidateShards      succeeded"


def test_a_line_that_stays_replaces_the_drawn_one(shown):
    display = shown.display(in_place=True)
    display.show_map(RUN)
    display.say("news")
    assert shown.screen.getvalue().endswith("\r\x1b[Knews\n")


def test_elsewhere_it_is_a_plain_line_every_few_seconds_and_a_last_one(shown):
    display = shown.display(in_place=False)
    for _ in range(21):
        display.show_map(RUN)
        shown.now += PLAIN_SECONDS / 10
    display.show_map(ENDED)
    lines = shown.screen.getvalue().splitlines()
    assert [line.partition("]  ")[2][:9] for line in lines] == ["1/100 sha", "2/100 sha", "100/100 s"]
    assert "\x1b" not in shown.screen.getvalue()
    assert "\r" not in shown.screen.getvalue()


def test_a_refusal_is_told_once_and_ends_the_progress_not_the_run(shown, monkeypatch):
    def refuse(*_, **__):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeMapRun")

    monkeypatch.setattr(shown.watcher, "look", refuse)
    display = shown.display(in_place=True)
    display.show_map(RUN)
    display.show_map(ENDED)
    expected = "  progress is not shown: DescribeMapRun was refused: AccessDenied: not you\n"
    assert shown.screen.getvalue() == expected


@pytest.mark.parametrize(
    ("terminal", "variables", "in_place"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {"TERM": "xterm"}, False),
    ],
)
def test_a_line_is_redrawn_on_a_terminal_only(terminal, variables, in_place, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_terminal(Screen(terminal)) is in_place
