"""List the newest executions: status, data, label, model, what it is worth, and of those that failed what they got to.

python -m model_service_cli runs [--count 20] [--json]
"""

from itertools import islice

import click

from model_service_cli.cloud import Deployed, client
from model_service_cli.door import CommandError
from model_service_cli.runs import run_list
from model_service_cli.runs.listed_runs import followed, newest
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lists import show_list

COUNT = 20


@click.command(name="runs")
@click.option(
    "--count", type=click.IntRange(min=1), default=COUNT, show_default=True, help="How many at most."
)
@json_option
def list_runs(count: int, as_json: bool) -> None:
    """The newest runs: status, data, label, model, verdict; of failed ones what they got to."""
    deployed = Deployed.find()
    states = client("stepfunctions")
    runs = [followed(states, run) for run in islice(newest(states, deployed.state_machine_arn), count)]
    if as_json:
        print_json({"runs": [run_list.to_json(run, deployed.config) for run in runs]})
    elif not runs:
        raise CommandError("nothing has run yet; run: make run-pipeline")
    else:
        show_list(run_list.COLUMNS, [run_list.row(run, deployed.config) for run in runs])
