"""The commands by name. Each is a function of a module that is imported when it is called: a command starts as
quickly as what it needs itself. What a command does is said there."""

from collections.abc import Sequence
from importlib import import_module

import click

from model_service_cli.door import run_command

PROGRAM = "python -m model_service_cli"
COMMANDS = {
    "run-pipeline": "pipeline.run_pipeline:run_pipeline",
    "check-request": "runs.request:check_request",
    "upload": "runs.upload:upload_data",
    "invoke": "runs.invoke_step:invoke_step",
    "logs": "runs.logs:logs",
    "runs": "runs.list_runs:list_runs",
    "compare": "runs.compare:compare",
    "predict": "predict.predict:predict",
    "models": "models.stable_model:list_command",
    "promote": "models.stable_model:promote_command",
    "rollback": "models.stable_model:rollback_command",
    "card": "models.card:card",
    "trace": "trace.write_trace:trace",
    "report": "report.write_report:report",
    "picture": "pipeline.picture:write_picture",
    "package": "deploy.package:package",
    "deploy": "deploy.commands:deploy",
    "plan": "deploy.commands:plan",
    "outputs": "deploy.commands:outputs",
    "destroy": "deploy.commands:destroy",
}


class Commands(click.Group):
    """Finds a command where COMMANDS says that it is."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name].partition(":")
        return getattr(import_module(f"model_service_cli.{module}"), command)


@click.group(cls=Commands)
def commands() -> None:
    """Train, look at runs, use and manage models. The make targets call these commands."""


def main(arguments: Sequence[str]) -> int:
    """Runs one command; returns its exit status."""
    given = list(arguments) or ["--help"]

    def command() -> int:
        # Not commands.main, which has exit statuses of its own for Ctrl-C and for a reader that is gone.
        with commands.make_context(PROGRAM, given) as context:
            return commands.invoke(context) or 0

    return run_command(given[0] if given[0] in COMMANDS else "model_service_cli", command)
