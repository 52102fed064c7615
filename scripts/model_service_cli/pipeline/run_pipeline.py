"""Run the training pipeline: upload the data, start the execution, follow it, show what came out.

python -m model_service_cli run-pipeline [--data PATH] [--label NAME] [--input '{"test_size": 0.3}'] [--json]
"""

import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from model_service_cli.cloud import Deployed, client, endpoint
from model_service_cli.deploy.target import TARGETS
from model_service_cli.documents import parse
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, write_whole
from model_service_cli.pipeline.on_aws import confirm_run, deployed_on_aws
from model_service_cli.pipeline.pages import page_lines, renewed_report
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.live import display_for
from model_service_cli.runs.request import plan, request_fields
from model_service_cli.runs.request_check import check
from model_service_cli.runs.steps import RUNNING, SUCCEEDED
from model_service_cli.runs.upload import describe, upload
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.waiting import ticking
from model_service_cli.trace.beside import trace_path
from model_service_cli.trace.live_trace import LiveTrace
from shared.event_fields import printable

RECORD = ROOT / "tmp" / "execution.json"
DEADLINE = 87000.0  # seconds; above the state machine's own timeout of a day


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
        "input": parse(execution.input, "the input"),
        "output": None if execution.output is None else parse(execution.output, "the output"),
        "error": failure.error if failure else None,
        "cause": failure.cause if failure else None,
        "started_at": execution.started_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "duration_ms": execution.duration_ms,
        "steps": [step.to_json() for step in execution.steps],
    }


def write_record(execution: Execution, path: Path) -> None:
    write_whole(path, json.dumps(record(execution), indent=2) + "\n")


def run(
    data: str,
    given: dict[str, Any],
    deadline: float,
    path: Path,
    pages: Path | None = None,
    target: str = "local",
    as_json: bool = False,
) -> int:
    """The whole command; returns the exit status. pages: the folder of the run's trace, None for no trace.

    as_json: the record is printed, and what is for people goes to stderr.
    """
    stream = sys.stderr if as_json else sys.stdout

    def say(line: str) -> None:
        print(printable(line), file=stream, flush=True)

    # A run that does not come to an execution must not leave the record of an earlier one.
    path.unlink(missing_ok=True)
    deployed = deployed_on_aws() if target == "aws" else Deployed.find()
    request, source = plan(data, given, deployed.config)
    check(request, source.path if source else None, deployed.config)
    if target == "aws":
        confirm_run(deployed, source)
    if source:
        with ticking(f"data       uploading {printable(source.path.name)}"):
            done = upload(client("s3"), source)
        say(f"data       {describe(source, done)}")
    say(f"request    {json.dumps(request)}")
    states = client("stepfunctions")
    arn = start(states, deployed.state_machine_arn, request)
    say(f"execution  {arn}")
    follower = Follower(states, arn)
    trace = LiveTrace(states, deployed, trace_path(arn.rpartition(":")[2], pages)) if pages else None
    if trace:
        trace.begin(just_started(arn, request))
        say(f"trace      {trace.where}")
    display = display_for(stream, states, client("s3"))
    try:
        execution = follower.until_done(
            deadline, display.show_step, display.show_map, trace.renew if trace else lambda _: None
        )
    except KeyboardInterrupt:
        execution = follower.look()
        write_record(execution, path)
        if trace:
            trace.end(execution)
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
    if trace:
        trace.end(execution)
        if trace.problem:
            print(f"run-pipeline: {trace.where}", file=sys.stderr)
    if execution.status == RUNNING:
        raise CommandError(f"the execution still runs after {deadline:.0f} s; it goes on: {arn}")
    display.show_result(execution)
    if pages:
        # On AWS a report is asked for: its hundred calls are somebody's seconds there.
        if target == "local" and (problem := renewed_report(states, client("s3"), deployed, pages)):
            print(f"run-pipeline: there is no report: {problem}", file=sys.stderr)
        display.say("")
        for line in page_lines(execution, pages):
            display.say(line)
    if as_json:
        print_json(record(execution))
    return 0 if execution.status == SUCCEEDED else 1


def just_started(arn: str, request: dict[str, Any]) -> Execution:
    """The execution before anything of it is known but what it was given."""
    return Execution(arn, RUNNING, json.dumps(request), None, None, datetime.now(UTC), None, ())


def cli() -> str:
    return "scripts/aws-local.sh" if endpoint() else "aws"


@click.command(name="run-pipeline")
@click.option("--data", default="", metavar="PATH", help="A CSV of your own; by default the sample.")
@click.option("--input", "text", default="", metavar="JSON", help="Fields of the training request.")
@click.option(
    "--label", default="", metavar="NAME", help="The class column: short for label_column in --input."
)
@click.option("--deadline", type=float, default=DEADLINE, metavar="SECONDS", help="Stop watching then.")
@click.option(
    "--record", "path", type=click.Path(path_type=Path), default=RECORD, help="The execution, as JSON."
)
@click.option("--target", type=click.Choice(TARGETS), default="local", help="aws: asks before it uploads.")
@json_option
def run_pipeline(
    data: str, text: str, label: str, deadline: float, path: Path, target: str, as_json: bool
) -> int:
    """Upload the data, start the execution, follow it, show what came out.

    Exit status: 0 when the execution succeeded, 1 when it did not, 2 for a wrong option or file, 130 on Ctrl-C.
    """
    return run(data, request_fields(text, label), deadline, path, path.parent, target, as_json)
