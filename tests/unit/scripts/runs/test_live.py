import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from model_service_cli.runs import live
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.live import (
    PLAIN_SECONDS,
    REDRAW_SECONDS,
    Display,
    TerminalDisplay,
    display_for,
    is_terminal,
)
from model_service_cli.runs.map_progress import Progress
from model_service_cli.runs.steps import Failure, MapRun, Step

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
RUN = MapRun("arn:run", "ValidateShards", "{}", BEGIN, running=True)
ENDED = replace(RUN, running=False)
OUTPUT = {
    "metrics": {"accuracy": 0.71, "baseline_accuracy": 0.5},
    "regression": {"compared": True, "why_not": None, "current": "c" * 64, "metrics": {"accuracy": 0.7012}},
    "artifact": {"bucket": "b", "key": "models/" + "k" * 120, "sha256": "a" * 64},
}


def plain(line: str) -> str:
    return Text.from_ansi(line).plain


class Screen(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def shown(monkeypatch):
    """Displays whose Map has one more shard of 100 done at each look, and their clock."""

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

        def plain(self) -> Display:
            self.screen = Screen(False)
            return Display(None, None, self.screen, lambda: self.now)

        def terminal(self, width: int = 100) -> TerminalDisplay:
            self.screen = Screen(True)
            console = Console(
                file=self.screen,
                width=width,
                height=20,
                force_terminal=True,
                color_system="standard",
                _environ={},
            )
            return TerminalDisplay(None, None, console, lambda: self.now)

    monkeypatch.setattr(live, "MapWatcher", Watcher)
    return Shown()


def step(status: str, name: str = "Summarize", kind: str = "Task", **more) -> Step:
    return Step(name, kind, status, BEGIN, **more)


def test_elsewhere_a_map_is_a_plain_line_every_few_seconds_and_a_last_one(shown):
    display = shown.plain()
    for _ in range(21):
        display.show_map(RUN)
        shown.now += PLAIN_SECONDS / 10
    display.show_map(ENDED)
    lines = shown.screen.getvalue().splitlines()
    assert [line.partition("]  ")[2][:9] for line in lines] == ["1/100 sha", "2/100 sha", "100/100 s"]
    assert "\x1b" not in shown.screen.getvalue()
    assert "\r" not in shown.screen.getvalue()


def test_states_that_do_no_work_are_no_news_unless_they_fail(shown):
    display = shown.plain()
    for one in (
        step("RUNNING", "HowManyShards", "Choice"),
        step("SUCCEEDED", "HowManyShards", "Choice"),
        step("FAILED", "ModelRejected", "Fail", duration_ms=1),
        step("RUNNING"),
    ):
        display.show_step(one)
    assert [line.split()[0] for line in shown.screen.getvalue().splitlines()] == [
        "ModelRejected",
        "Summarize",
    ]


def test_on_a_terminal_a_map_is_redrawn_at_times_and_its_last_figures_stay_with_the_step(shown):
    display = shown.terminal()
    display.show_step(step("RUNNING", "ValidateShards", "Map"))
    display.show_map(RUN)
    display.show_map(RUN)  # a moment later: not looked at again
    shown.now += REDRAW_SECONDS
    display.show_map(RUN)
    assert shown.watcher.looks == 2
    display.show_map(ENDED)
    display.show_step(step("SUCCEEDED", "ValidateShards", "Map", duration_ms=1850))
    display.close()
    drawn = shown.screen.getvalue()
    assert "ValidateShards" in drawn
    stays = next(line for line in drawn.splitlines() if "1.85 s" in line)
    assert "100/100 shards" in stays


@pytest.mark.parametrize("kind", ["plain", "terminal"])
def test_folds_are_counted_as_they_are_done(kind, shown):
    display = getattr(shown, kind)()
    for done in range(4):
        display.show_step(step("RUNNING", "FitFolds", "Map", items=(done, 3)))
    display.show_step(step("SUCCEEDED", "FitFolds", "Map", items=(3, 3), duration_ms=2500))
    display.close()
    text = shown.screen.getvalue()
    assert "2 of 3" in text or kind == "terminal"  # which draws every now and then
    stays = next(line for line in text.splitlines() if "2.50 s" in line)
    assert "3 of 3" in stays


def test_on_a_terminal_what_runs_is_drawn_in_place_and_retries_stay(shown):
    display = shown.terminal()
    display.show_step(step("RUNNING"))
    display.show_step(step("RUNNING", attempts=2, failure=Failure("TransientStorageError", "")))
    display.show_step(
        step("SUCCEEDED", attempts=2, duration_ms=420, failure=Failure("TransientStorageError", ""))
    )
    display.close()
    drawn = shown.screen.getvalue()
    assert "attempt 2" in drawn
    assert "\x1b[32msucceeded" in drawn
    assert "\x1b[33mTransientStorageError" in drawn


def test_the_result_on_a_terminal_has_the_model_before_and_a_whole_address(shown):
    display = shown.terminal(width=60)
    display.show_result(Execution("arn", "SUCCEEDED", "{}", json.dumps(OUTPUT), None, BEGIN, 1234, ()))
    lines = shown.screen.getvalue().splitlines()
    assert any(line.endswith("  before") for line in map(plain, lines))
    row = next(line for line in lines if plain(line).startswith("accuracy"))
    assert [figure in row for figure in ("0.7100", "0.5000", "0.7012")] == [True, True, True]
    assert f"artifact   s3://b/models/{'k' * 120}" in lines


@pytest.mark.parametrize("kind", ["plain", "terminal"])
def test_a_rejected_model_shows_its_metrics_and_the_cause_on_stderr(shown, kind, capsys):
    display = getattr(shown, kind)()
    gate = {"passed": False, "cause": "accuracy is 0.71; min_accuracy asks for 0.9 or more"}
    summarized = step("SUCCEEDED", output=json.dumps(OUTPUT | {"gate": gate}))
    failure = Failure("ModelRejectedError", gate["cause"])
    display.show_result(Execution("arn", "FAILED", "{}", None, failure, BEGIN, 1, (summarized,)))
    assert "0.7012" in shown.screen.getvalue()
    assert gate["cause"] in capsys.readouterr().err


def test_a_text_of_a_users_is_no_markup(shown):
    display = shown.terminal()
    display.say("request    [bold]x[/bold]")
    assert "[bold]x[/bold]" in shown.screen.getvalue()


def test_a_refusal_is_told_once_and_ends_the_progress_not_the_run(shown, monkeypatch):
    def refuse(*_, **__):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeMapRun")

    monkeypatch.setattr(shown.watcher, "look", refuse)
    display = shown.plain()
    shown.now += PLAIN_SECONDS
    display.show_map(RUN)
    shown.now += PLAIN_SECONDS
    display.show_map(RUN)
    display.show_map(ENDED)
    expected = "  progress is not shown: DescribeMapRun was refused: AccessDenied: not you\n"
    assert shown.screen.getvalue() == expected


@pytest.mark.parametrize(
    ("terminal", "variables", "in_place"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"TERM": "xterm"}, False),
    ],
)
def test_lines_are_redrawn_on_a_terminal_only(terminal, variables, in_place, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_terminal(Screen(terminal)) is in_place
    assert isinstance(display_for(Screen(terminal), None, None), TerminalDisplay) is in_place


DATA = {
    "bucket": "b",
    "key": "data/k.csv",
    "rows": 10,
    "invalid_rows": 2,
    "classes": {"count": 2, "rows": {"a": 6, "b\x1b[31m": 4}},
}


@pytest.mark.parametrize("kind", ["plain", "terminal"])
def test_the_data_is_told_once_as_soon_as_a_step_has_validated_it(kind, shown):
    display = getattr(shown, kind)()
    for name in ("FetchAndValidate", "CollectShards", "Summarize"):
        output = {"dataset": {"bucket": "b"} if name == "FetchAndValidate" else DATA}
        display.show_step(step("SUCCEEDED", name, duration_ms=1, output=json.dumps(output)))
    display.close()
    text = shown.screen.getvalue()
    assert text.count("10 used, 2 dropped as invalid") == 1
    assert text.count("a: 6; b\\u001b[31m: 4") == 1
    assert text.index("CollectShards") < text.index("10 used") < text.index("Summarize")


@pytest.mark.parametrize("kind", ["plain", "terminal"])
def test_an_error_of_somebody_elses_function_moves_no_cursor(kind, shown):
    display = getattr(shown, kind)()
    display.show_step(step("FAILED", duration_ms=1, failure=Failure("Custom\x1b[2J", "")))
    display.close()
    assert "Custom\\u001b[2J" in plain(shown.screen.getvalue())


@pytest.mark.parametrize("kind", ["plain", "terminal"])
def test_of_a_map_that_failed_the_failure_of_an_item_is_told(kind, shown, monkeypatch, capsys):
    asked = []

    def failed_item(states, run: str) -> Failure:
        asked.append(run)
        return Failure("TransientStorageError", json.dumps({"errorMessage": "S3 answered SlowDown"}))

    monkeypatch.setattr(live, "failed_item", failed_item)
    display = getattr(shown, kind)()
    display.show_map(ENDED)
    display.close()
    failure = Failure("States.ExceedToleratedFailureThreshold", "the threshold was exceeded")
    display.show_result(Execution("arn", "FAILED", "{}", None, failure, BEGIN, 1, ()))

    assert capsys.readouterr().err.splitlines() == [
        "the execution failed: States.ExceedToleratedFailureThreshold",
        "  the threshold was exceeded",
        "  one of them: TransientStorageError: S3 answered SlowDown",
    ]
    assert asked == [RUN.arn]
