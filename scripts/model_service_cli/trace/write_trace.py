"""Write the trace of a run, one HTML page, from the execution's history and the functions' logs.

    python -m model_service_cli trace [--execution NAME, ARN or run_id] [--page tmp/trace.html]

Without --execution it is the newest execution, whatever its status.
"""

import argparse
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from model_service_cli.cloud import ROOT, Deployed, client
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.listed_runs import find
from model_service_cli.runs.logs import Line, log_groups, read
from model_service_cli.trace.page import page
from model_service_cli.trace.timeline import timeline

PAGE = ROOT / "tmp" / "trace.html"
AROUND = timedelta(seconds=10)  # log lines come a little before and after the states that they belong to


def log_lines(states: Any, deployed: Deployed, execution: Execution) -> list[Line]:
    """The functions' log lines of the time of the execution."""
    until = None
    if execution.duration_ms is not None:
        until = execution.started_at + timedelta(milliseconds=execution.duration_ms) + AROUND
    groups = log_groups(client("lambda"), states, deployed)
    groups.pop("state-machine", None)  # the history tells the same
    return read(client("logs"), groups, execution.started_at - AROUND, until)


def items_of(s3: Any, execution: Execution) -> list[Any]:
    """What the shards of the run's Map were given, by number; none where there is no Map, or its list is gone."""
    for step in execution.steps:
        if step.kind != "Map":
            continue
        match json.loads(step.input or "null"):
            case {"shards": {"bucket": str(bucket), "key": str(key)}}:
                try:
                    return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
                except s3.exceptions.NoSuchKey:
                    return []
    return []


def write(content: str, path: Path) -> None:
    """Writes the page whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(content, encoding="utf-8")
    partial.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--execution", default="", metavar="WHICH", help="a name, an ARN or a run_id")
    parser.add_argument("--page", type=Path, default=PAGE, metavar="PATH", help="the page to write")
    options = parser.parse_args(arguments)
    deployed = Deployed.find()
    states = client("stepfunctions")
    run = find(states, deployed.state_machine_arn, options.execution)
    execution = Follower(states, run.arn).look()
    lines = log_lines(states, deployed, execution)
    content = page(timeline(execution, lines, datetime.now(UTC)), items_of(client("s3"), execution))
    write(content, options.page)
    shown = options.page.resolve()
    where = shown.relative_to(ROOT) if shown.is_relative_to(ROOT) else shown
    print(f"trace      {run.name}, {run.status.lower().replace('_', ' ')}, {len(execution.steps)} states")
    print(f"page       {where} ({len(content.encode()) / 1e3:,.0f} kB)")
    return 0
