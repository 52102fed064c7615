"""Write the trace of a run, one HTML page, from the execution's history and the functions' logs.

    python -m model_service_cli trace [--execution NAME, ARN or run_id] [--page tmp/trace.html]

Without --execution it is the newest execution, whatever its status.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import ClientError

from model_service_cli.cloud import Deployed, client
from model_service_cli.documents import object_or_empty, parse
from model_service_cli.files import write_whole
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.got_to import part
from model_service_cli.runs.listed_runs import find
from model_service_cli.runs.logs import Line, log_groups, read
from model_service_cli.trace.beside import PAGES, links_of
from model_service_cli.trace.definition import Machine, read_machine
from model_service_cli.trace.page import page
from model_service_cli.trace.timeline import timeline
from shared.event_fields import printable

PAGE = PAGES / "trace.html"
AROUND = timedelta(seconds=10)  # log lines come a little before and after the states that they belong to


def log_lines(states: Any, deployed: Deployed, execution: Execution) -> list[Line]:
    """The functions' log lines of the time of the execution."""
    until = None
    if execution.duration_ms is not None:
        until = execution.started_at + timedelta(milliseconds=execution.duration_ms) + AROUND
    groups = log_groups(client("lambda"), states, deployed)
    groups.pop("state-machine", None)  # the history tells the same
    return read(client("logs"), groups, execution.started_at - AROUND, until)


def items_of(s3: Any, execution: Execution) -> dict[str, list[Any]]:
    """What the shards and the ranges of the run's Maps were given, by number; without those whose list is gone."""
    found: dict[str, list[Any]] = {}
    for step in execution.steps:
        given = object_or_empty(step.input) if step.kind == "Map" else {}
        lists = {"shard": given.get("shards"), "range": part(given, "spread").get("ranges")}
        for kind, place in lists.items():
            match place:
                case {"bucket": str(bucket), "key": str(key)} if kind not in found:
                    try:
                        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                    except s3.exceptions.NoSuchKey:
                        continue
                    found[kind] = parse(content, f"s3://{bucket}/{key}")
    return found


def machine_of(states: Any, execution: Execution) -> Machine | None:
    """The state machine as it was when the execution began; None where that is not to be had."""
    try:
        said = states.describe_state_machine_for_execution(executionArn=execution.arn)
    except ClientError:
        return None
    return read_machine(said["definition"])


def whole_page(execution: Execution, deployed: Deployed, path: Path) -> str:
    """The page with all that the history, the logs and S3 tell; writes beside it what it leads to."""
    states, s3 = client("stepfunctions"), client("s3")
    lines = log_lines(states, deployed, execution)
    return page(
        timeline(execution, lines, datetime.now(UTC)),
        items_of(s3, execution),
        machine_of(states, execution),
        links_of(s3, execution, path),
    )


@click.command()
@click.option(
    "--execution",
    "wanted",
    default="",
    metavar="WHICH",
    help="A name, an ARN or a run_id; by default the newest.",
)
@click.option("--page", "path", type=click.Path(path_type=Path), default=PAGE, help="The page to write.")
def trace(wanted: str, path: Path) -> None:
    """The states of a run as a graph and on a time axis, one page, from its history and the functions' logs."""
    deployed = Deployed.find()
    states = client("stepfunctions")
    run = find(states, deployed.state_machine_arn, wanted)
    execution = Follower(states, run.arn).look()
    write_whole(path, whole_page(execution, deployed, path))
    print(
        f"trace      {printable(run.name)}, {run.status.lower().replace('_', ' ')}, {len(execution.steps)} states"
    )
    print(f"page       {path.resolve().as_uri()}")
