"""The command line as a whole: every command is found, says what it does, and the make targets call it."""

import re

import pytest

from model_service_cli.command_line import COMMANDS, main
from model_service_cli.files import ROOT


def test_help_lists_every_command_with_what_it_does(capsys):
    assert main([]) == 0
    listed = dict(re.findall(r"(?m)^  ([a-z-]+) +(\S.*)$", capsys.readouterr().out.partition("Commands:")[2]))
    assert list(listed) == list(COMMANDS)
    assert all(len(text) > 10 for text in listed.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_called_by_its_name_and_has_help(name, capsys):
    assert main([name, "--help"]) == 0
    assert f"python -m model_service_cli {name} " in capsys.readouterr().out


def test_the_make_targets_call_commands_that_there_are():
    called = set(re.findall(r"\$\(command\) ([a-z-]+)", (ROOT / "Makefile").read_text()))
    assert called == set(COMMANDS) - {"plan", "outputs"}  # for people and tests alone


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "model_service_cli: No such command 'nope'.\n"),
        (["runs", "--count", "0"], "runs: Invalid value for '--count': 0 is not in the range x>=1.\n"),
        (["invoke", "nope"], "invoke: Invalid value for "),
    ],
)
def test_a_wrong_option_is_one_line_with_exit_status_2(arguments, line, capsys):
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(line)
    assert told.count("\n") == 1
