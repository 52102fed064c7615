"""Print the newest log lines of the three functions and the state machine, in the order of time.

    python -m model_service_cli logs [--lines 100] [--minutes 60] [--find TEXT] [--json]

Each line ends with what finds its run: the run_id, the execution's name or the request's id. --find takes any
of these (or any other text) and keeps the lines that contain it, with the rest of their request's lines.
"""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from model_service_cli.cloud import ALIAS, STEPS, Deployed, client, function_name
from model_service_cli.documents import object_or_empty
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lines import printable_lines

REQUEST_ID = re.compile(r"RequestId: (\S+)")
# Fields with a place of their own in a line, or that the source's name says already.
PLACED = {
    "timestamp",
    "level",
    "message",
    "step",
    "run_id",
    "execution_arn",
    "exception",
    "_aws",
    "state_machine",
}
# The runtime's report of a raised exception; our own line before it has the traceback where it matters.
RAISED = {"errorType", "errorMessage", "stackTrace", "location"}
REQUEST_FIELDS = ("request_id", "requestId")


@dataclass(frozen=True)
class Line:
    """time: UTC; source: a step, or state-machine; request: the invocation it belongs to, if any."""

    time: datetime
    source: str
    text: str
    request: str | None = None
    raw: str = ""

    def __str__(self) -> str:
        return f"{self.time:%H:%M:%S.%f}"[:-3] + f"  {self.source:<18}  " + printable_lines(self.text)

    def to_json(self) -> dict[str, Any]:
        """message: as it was written."""
        time = self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"time": time, "source": self.source, "request": self.request, "message": self.raw}


def parse(source: str, time_ms: int, message: str) -> Line:
    """A log event as a line. JSON is taken apart (ours, Lambda's own, Step Functions'), text stays as it is.

    time_ms: when the service took the event, milliseconds since 1970; a time in the line itself comes first.
    """
    time = datetime.fromtimestamp(time_ms / 1000, UTC)
    message = message.rstrip()
    document = object_or_empty(message)
    if not document:
        found = REQUEST_ID.search(message)
        return Line(time, source, message, found[1] if found else None, message)
    time = _own_time(document) or time
    if "record" in document:
        text, request = _platform(document)
    elif "execution_arn" in document and "type" in document:
        text, request = _state(document), None
    else:
        text, request = _ours(document)
    return Line(time, source, text, request, message)


def _own_time(document: dict[str, Any]) -> datetime | None:
    text = document.get("time") or document.get("timestamp")
    try:
        # The runtime stamps some lines with whole seconds, which would put them before what caused them.
        moment = datetime.fromisoformat(text) if isinstance(text, str) and "." in text else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _ours(document: dict[str, Any]) -> tuple[str, str | None]:
    request = next((document[name] for name in REQUEST_FIELDS if document.get(name)), None)
    raised = f"{document['errorType']}: {document.get('errorMessage')}" if "errorType" in document else ""
    words = [f"{document.get('level', ''):<7}", str(document.get("message") or raised)]
    shown = PLACED.union(REQUEST_FIELDS, RAISED)
    words += [f"{name}={_short(value)}" for name, value in document.items() if name not in shown]
    if run := document.get("run_id"):
        words.append(f"run={run}")
    if arn := document.get("execution_arn"):
        words.append(f"execution={_execution(arn)}")
    if request:
        words.append(f"request={request}")
    text = " ".join(words)
    if traceback := document.get("exception"):
        text += "".join(f"\n    {line}" for line in str(traceback).splitlines())
    return text, request


def _platform(document: dict[str, Any]) -> tuple[str, str | None]:
    record = document["record"]
    request = record.get("requestId")
    words = [f"{'':<7}", str(document.get("type", ""))]
    for name in ("status", "errorType"):
        if record.get(name):
            words.append(f"{name}={record[name]}")
    words += [f"{name}={_short(value)}" for name, value in record.get("metrics", {}).items()]
    if request:
        words.append(f"request={request}")
    return " ".join(words), request


def _state(document: dict[str, Any]) -> str:
    details = document.get("details") or {}
    words = [f"{'':<7}", document["type"]]
    words += [str(details[name]) for name in ("name", "error") if details.get(name)]
    words.append(f"execution={_execution(document['execution_arn'])}")
    return " ".join(words)


def _execution(arn: str) -> str:
    return str(arn).rpartition(":")[2]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else text[:197] + "..."


def find(lines: Iterable[Line], text: str) -> list[Line]:
    """The lines that contain `text`, and all lines of the requests that they belong to."""
    lines = list(lines)
    hits = [line for line in lines if text in line.raw]
    requests = {line.request for line in hits} - {None}
    return [line for line in lines if text in line.raw or line.request in requests]


def log_groups(functions: Any, states: Any, deployed: Deployed) -> dict[str, str]:
    """The log group of each source, asked of the functions and the state machine themselves."""
    groups = {}
    for step in STEPS:
        name = function_name(step)
        configuration = functions.get_function(FunctionName=name, Qualifier=ALIAS)["Configuration"]
        groups[step] = configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    machine = states.describe_state_machine(stateMachineArn=deployed.state_machine_arn)
    for destination in machine.get("loggingConfiguration", {}).get("destinations", []):
        arn = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
        groups["state-machine"] = arn.removesuffix(":*").rpartition(":")[2]
    return groups


def read(logs: Any, groups: dict[str, str], since: datetime, until: datetime | None = None) -> list[Line]:
    """All lines of the groups in that time, oldest first. A group that does not exist yet has no lines."""
    lines = []
    span = {"startTime": int(since.timestamp() * 1000)}
    if until:
        span["endTime"] = int(until.timestamp() * 1000)
    for source, group in groups.items():
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **span)
        try:
            for page in pages:
                lines += [parse(source, event["timestamp"], event["message"]) for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            continue
    return sorted(lines, key=lambda line: line.time)


@click.command()
@click.option("--lines", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="How far back.",
)
@click.option(
    "--find", "wanted", default="", metavar="TEXT", help="A run_id, an execution, a request, any text."
)
@json_option
def logs(lines: int, minutes: float, wanted: str, as_json: bool) -> None:
    """The newest log lines of the functions and the state machine, in the order of time."""
    deployed = Deployed.find()
    groups = log_groups(client("lambda"), client("stepfunctions"), deployed)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    found = read(client("logs"), groups, since)
    newest = (find(found, wanted) if wanted else found)[-lines:]
    if as_json:
        print_json({"lines": [line.to_json() for line in newest]})
    else:
        for line in newest:
            print(line)
    if not newest:
        what = f"no line with {wanted!r}" if wanted else "no log line"
        print(f"logs: {what} in the last {minutes:g} minutes", file=sys.stderr)
