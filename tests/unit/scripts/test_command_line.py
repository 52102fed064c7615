"""The command line as a whole: every command is found, says what it does, and the make targets call it."""

import re

import pytest

from model_service_cli.command_line import COMMANDS, commands, main
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


# Everything else has a result, which a program gets as JSON.
WITHOUT_JSON = {
    **dict.fromkeys(["check-request"], "says nothing where all is well"),
    **dict.fromkeys(["card", "trace", "report", "picture"], "write a page and say where it is"),
    **dict.fromkeys(
        ["upload", "package", "deploy", "plan", "destroy"], "bring about what others then tell of"
    ),
    "outputs": "is JSON anyway",
}


def test_every_command_that_lists_something_or_has_a_result_gives_it_as_json():
    group = commands.make_context("x", ["--help"], resilient_parsing=True).command
    with_json = {
        name
        for name in COMMANDS
        if any(option.name == "as_json" for option in group.get_command(None, name).params)
    }
    assert with_json == COMMANDS.keys() - WITHOUT_JSON.keys()


def test_make_asks_for_json_where_a_command_has_it_and_leaves_stdout_to_it():
    text = (ROOT / "Makefile").read_text()
    for name, line in re.findall(r"\$\(command\) ([a-z-]+)(.*)", text):
        assert ("$(json)" in line) == (name not in WITHOUT_JSON), name
    for target in ("tools", "check-request", "check-payload", "local-up", "package", "deploy", "upload"):
        recipe = re.search(rf"(?m)^{target}:.*\n((?:\t.*\n)+)", text)[1]
        told = [line for line in recipe.splitlines() if not line.endswith("$(aside)")]
        assert all(" check-request " in line for line in told), target  # which says nothing on stdout


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
