"""Executions of the pipeline as values: the newest ones, and the one that a person names.

Not how they are shown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.documents import object_or_empty
from model_service_cli.door import CommandError
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.steps import SUCCEEDED, cached_steps, milliseconds

SEARCHED = 200  # executions among which a run_id is looked for
PAGE = 100


@dataclass(frozen=True)
class ListedRun:
    """An execution as it is described. input, output: its JSON documents, {} where there is none;
    duration_ms: None while it runs."""

    arn: str
    status: str
    started_at: datetime
    duration_ms: int | None
    input: dict[str, Any]
    output: dict[str, Any]
    error: str | None = None
    cause: str | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def run_id(self) -> str:
        return str(self.section("run").get("run_id") or "")

    @property
    def cached(self) -> tuple[str, ...]:
        return cached_steps(json.dumps(self.output))

    def section(self, name: str) -> dict[str, Any]:
        """A part of the output, such as `metrics`; {} where it is absent."""
        part = self.output.get(name)
        return part if isinstance(part, dict) else {}


def newest(states: Any, machine: str) -> Iterator[ListedRun]:
    """The executions of a state machine, newest first; each is described when it is asked for."""
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": PAGE}
    )
    try:
        for page in pages:
            # The service lists by date of start; LocalStack does not promise it.
            for listed in sorted(page["executions"], key=lambda one: one["startDate"], reverse=True):
                yield describe(states, listed["executionArn"])
    except states.exceptions.StateMachineDoesNotExist:
        raise CommandError(f"{machine} is not deployed; run: make deploy") from None


def describe(states: Any, arn: str) -> ListedRun:
    """One execution. Raises ClientError where it is not there."""
    said = states.describe_execution(executionArn=arn)
    stopped = said.get("stopDate")
    return ListedRun(
        arn=said["executionArn"],
        status=said["status"],
        started_at=said["startDate"],
        duration_ms=milliseconds(stopped - said["startDate"]) if stopped else None,
        input=object_or_empty(said.get("input")),
        output=object_or_empty(said.get("output")),
        error=said.get("error"),
        cause=said.get("cause"),
    )


def find(states: Any, machine: str, wanted: str) -> ListedRun:
    """The execution that a person names: an ARN, a name, a run_id (the newest with it), empty for the newest.

    Raises CommandError where there is none.
    """
    if not wanted:
        if run := next(newest(states, machine), None):
            return run
        raise CommandError("nothing has run yet; run: make run-pipeline")
    arn = (
        wanted
        if wanted.startswith("arn:")
        else f"{machine.replace(':stateMachine:', ':execution:')}:{wanted}"
    )
    try:
        return describe(states, arn)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("ExecutionDoesNotExist", "InvalidArn", "ValidationException"):
            raise
    if wanted.startswith("arn:"):
        raise CommandError(f"there is no execution {wanted}", exit_status=2)
    looked_at = islice(newest(states, machine), SEARCHED)
    if run := next((run for run in looked_at if run.run_id == wanted), None):
        return run
    raise CommandError(
        f"no execution is named {wanted!r}, and none of the newest {SEARCHED} has that run_id; make runs lists them",
        exit_status=2,
    )


def followed(states: Any, run: ListedRun) -> Execution:
    """The execution; its history, which tells what it got to, is read only where it has no output."""
    if run.status != SUCCEEDED:
        return Follower(states, run.arn).look()
    given, output = json.dumps(run.input), json.dumps(run.output)
    return Execution(run.arn, run.status, given, output, None, run.started_at, run.duration_ms, ())


def newest_succeeded(states: Any, machine: str) -> Iterator[ListedRun]:
    """The newest executions that succeeded, among the searched ones."""
    return (run for run in islice(newest(states, machine), SEARCHED) if run.status == SUCCEEDED)
