"""A run as plain lines for a terminal. Pure: an execution in, text out; nothing of colours or of when."""

from collections.abc import Iterator
from typing import Any

from model_service_cli.documents import object_or_empty
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Step, failed_step
from model_service_cli.terminal.figures import seconds
from model_service_cli.terminal.lines import headed


def step_line(step: Step) -> str:
    """A step that began, was tried again, or ended."""
    words = [f"{step.name:<18}", f"{step.status.lower().replace('_', ' '):<10}"]
    words.append("" if step.duration_ms is None else seconds(step.duration_ms))
    if step.items and step.items[1]:
        words.append(f"{step.items[0]} of {step.items[1]}")
    if step.cached:
        words.append("cached")
    if step.attempts > 1:
        words.append(f"attempt {step.attempts}")
    if step.failure and (step.status != SUCCEEDED or step.attempts > 1):
        words.append(("after " if step.status in (RUNNING, SUCCEEDED) else "") + step.failure.error)
    return "  ".join(word for word in words if word).rstrip()


def warning_lines(output: dict[str, Any]) -> Iterator[str]:
    """What is to be read before any figure."""
    for text in output.get("warnings") or ():
        yield from headed("warning", text)


def output_of(execution: Execution) -> dict[str, Any]:
    return object_or_empty(execution.output)


def failure_lines(execution: Execution) -> Iterator[str]:
    """The state with its error, and the cause: two lines."""
    error = execution.failure.error if execution.failure else ""
    step = failed_step(execution.steps, error or None)
    where = step.name if step and step.kind != "Fail" else "the execution"
    what = execution.status.lower().replace("_", " ")
    yield f"{where} {what}{': ' if error else ''}{error}"
    cause = (execution.failure and execution.failure.message) or rejected_summary(execution).get(
        "gate", {}
    ).get("cause")
    yield f"  {cause or 'the service gives no cause'}"


def rejected_summary(execution: Execution) -> dict[str, Any]:
    """What Summarize put out about a model that missed the quality gate; {} where none was rejected."""
    for step in reversed(execution.steps):
        match object_or_empty(step.output):
            case {"gate": {"passed": False}, "metrics": dict()} as summary:
                return summary
    return {}
