"""Runs one command: python -m model_service_cli COMMAND [OPTIONS]."""

import sys
from importlib import import_module

from model_service_cli.cloud import run_command

COMMANDS = {
    "run-pipeline": ("runs.run_pipeline", ()),
    "upload": ("runs.upload", ()),
    "invoke": ("runs.invoke_step", ()),
    "logs": ("runs.logs", ()),
    "runs": ("runs.list_runs", ()),
    "compare": ("runs.compare", ()),
    "predict": ("models.predict", ()),
    "models": ("models.stable_model", ("list",)),
    "promote": ("models.stable_model", ("promote",)),
    "rollback": ("models.stable_model", ("rollback",)),
    "card": ("models.card", ()),
    "trace": ("trace.write_trace", ()),
    "package": ("deploy.package", ()),
    "deploy": ("deploy.terraform", ("deploy",)),
    "plan": ("deploy.terraform", ("plan",)),
    "outputs": ("deploy.terraform", ("outputs",)),
    "destroy": ("deploy.terraform", ("destroy",)),
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python -m model_service_cli COMMAND; one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module, first = COMMANDS[arguments[0]]
    command = import_module(f"model_service_cli.{module}").main
    return run_command(arguments[0], lambda: command([*first, *arguments[1:]]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
