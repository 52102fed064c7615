"""A picture of what run-pipeline shows of a run, as SVG: the lines of the terminal, of a run that has ended.

    python -m model_service_cli picture [--execution WHICH] [--file docs/run.svg]

Its history is told to the terminal's own display, whose console is then exported. It names no font to be fetched.
"""

import io
import re
from pathlib import Path
from typing import Any

import click
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from model_service_cli.cloud import Deployed, client
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, from_root, write_whole
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.listed_runs import find
from model_service_cli.runs.live import TerminalDisplay
from model_service_cli.runs.steps import SUCCEEDED
from model_service_cli.terminal.lines import WIDTH

PICTURE = ROOT / "docs" / "run.svg"
COMMAND = "make run-pipeline"
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
_FONT = "ui-monospace, Menlo, Consolas, monospace"


def picture(execution: Execution, states: Any, s3: Any) -> str:
    """The SVG. states, s3: for what the display looks up. Equal runs make equal pictures."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(f"$ {COMMAND}", style="bold", highlight=False)
    display = TerminalDisplay(states, s3, console)
    for step in execution.steps:
        display.show_step(step)
    display.close()
    display.show_result(execution)
    form = _FONTS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", _FONT)
    return console.export_svg(title=COMMAND, theme=DEFAULT_TERMINAL_THEME, code_format=form, unique_id="run")


@click.command(name="picture")
@click.option(
    "--execution", "wanted", default="", metavar="WHICH", help="A name, an ARN or a run_id; else the newest."
)
@click.option(
    "--file", "path", type=click.Path(path_type=Path), default=PICTURE, help="The picture to write."
)
def write_picture(wanted: str, path: Path) -> None:
    """What run-pipeline shows of a run that has succeeded, as a picture, docs/run.svg."""
    deployed = Deployed.find()
    states = client("stepfunctions")
    run = find(states, deployed.state_machine_arn, wanted)
    if run.status != SUCCEEDED:
        raise CommandError(f"{run.name} has not succeeded: it is {run.status.lower()}", exit_status=2)
    write_whole(path, picture(Follower(states, run.arn).look(), states, client("s3")))
    print(f"picture    of {run.name}: {from_root(path)}")
