import io
import sys

import pytest

from model_service_cli.terminal.lines import WIDTH, fold_width, headed


class Stream(io.StringIO):
    def __init__(self, is_a_terminal: bool):
        super().__init__()
        self.isatty = lambda: is_a_terminal


@pytest.mark.parametrize(
    ("stdout", "stderr", "width"),
    [(True, True, 70), (False, True, 70), (True, False, 70), (False, False, WIDTH)],
    ids=["terminal", "stdout in a file", "stderr in a file", "no terminal"],
)
def test_lines_fold_at_the_terminal_that_shows_either_stream(monkeypatch, stdout, stderr, width):
    monkeypatch.setattr(sys, "stdout", Stream(stdout))
    monkeypatch.setattr(sys, "stderr", Stream(stderr))
    monkeypatch.setenv("COLUMNS", "70")
    assert fold_width() == width
    assert max(map(len, headed("head", "some words " * 40))) <= width
