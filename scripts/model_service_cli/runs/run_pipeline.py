"""Run the training pipeline: upload the data, start the execution, follow it, show what came out.

    python -m model_service_cli run-pipeline [--data PATH] [--input '{"test_size": 0.3}']

Exit status: 0 when the execution succeeded, 1 when it did not, 2 for a wrong option or file, 130 on Ctrl-C.
"""

import argparse
import json
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model_service_cli.cloud import ROOT, CommandError, Deployed, client, endpoint
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.history import RUNNING, SUCCEEDED
from model_service_cli.runs.live import display_for
from model_service_cli.runs.request import parse_input, plan
from model_service_cli.runs.upload import check_file, describe, upload

RECORD = ROOT / "tmp" / "execution.json"
DEADLINE = 22000.0  # seconds; above the state machine's own timeout of six hours


def start(states: Any, machine: str, request: dict[str, Any]) -> str:
    """Start an execution; returns its ARN. Raises CommandError when the state machine is not there."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        begun = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(request))
    except states.exceptions.StateMachineDoesNotExist:
        raise CommandError(f"{machine} is not deployed; run: make deploy") from None
    return begun["executionArn"]


def record(execution: Execution) -> dict[str, Any]:
    """What tmp/execution.json holds. started_at is ISO 8601 in UTC, durations are milliseconds."""
    failure = execution.failure
    return {
        "status": execution.status,
        "execution_arn": execution.arn,
        "input": json.loads(execution.input),
        "output": None if execution.output is None else json.loads(execution.output),
        "error": failure.error if failure else None,
        "cause": failure.cause if failure else None,
        "started_at": execution.started_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "duration_ms": execution.duration_ms,
        "steps": [step.to_json() for step in execution.steps],
    }


def write_record(execution: Execution, path: Path) -> None:
    """Write the record whole or not at all, so that a reader never sees half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(record(execution), indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def run(data: str, text: str, deadline: float, path: Path) -> int:
    """The whole command; returns the exit status."""
    # A run that does not come to an execution must not leave the record of an earlier one.
    path.unlink(missing_ok=True)
    given = parse_input(text)
    deployed = Deployed.find()
    request, source = plan(data, given, deployed)
    if source:
        say(f"data       {describe(source, upload(client('s3'), source))}")
    say(f"request    {json.dumps(request)}")
    states = client("stepfunctions")
    arn = start(states, deployed.state_machine_arn, request)
    say(f"execution  {arn}")
    follower = Follower(states, arn)
    display = display_for(sys.stdout, states, client("s3"))
    try:
        execution = follower.until_done(deadline, display.show_step, display.show_map)
    except KeyboardInterrupt:
        write_record(follower.look(), path)
        print(
            "\nrun-pipeline: interrupted; the execution goes on. Look at it, or end it, with:",
            file=sys.stderr,
        )
        for verb in ("describe", "stop"):
            print(f"  {cli()} stepfunctions {verb}-execution --execution-arn {arn}", file=sys.stderr)
        return 130
    finally:
        display.close()
    write_record(execution, path)
    if execution.status == RUNNING:
        raise CommandError(f"the execution still runs after {deadline:.0f} s; it goes on: {arn}")
    display.show_result(execution)
    return 0 if execution.status == SUCCEEDED else 1


def say(line: str) -> None:
    print(line, flush=True)


def cli() -> str:
    return "scripts/aws-local.sh" if endpoint() else "aws"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="", metavar="PATH", help="a CSV of your own (default: the sample)")
    parser.add_argument("--input", default="", metavar="JSON", help="fields of the training request")
    parser.add_argument(
        "--deadline", type=float, default=DEADLINE, metavar="SECONDS", help="stop watching then"
    )
    parser.add_argument("--record", type=Path, default=RECORD, metavar="PATH", help="the execution, as JSON")
    parser.add_argument("--check", action="store_true", help="look at the options only; call nothing")
    options = parser.parse_args(arguments)
    if options.check:
        parse_input(options.input)
        if options.data:
            check_file(Path(options.data).expanduser())
        return 0
    return run(options.data, options.input, options.deadline, options.record)
