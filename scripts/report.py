"""A run as plain lines for a terminal. Pure: an execution in, text out."""

import json
from collections.abc import Iterator
from typing import Any

from execution import RUNNING, SUCCEEDED, Step, failed_step
from follow import Execution

BASELINE = "baseline_"


def step_line(step: Step) -> str:
    """A step that began, was tried again, or ended."""
    words = [f"{step.name:<18}", f"{step.status.lower().replace('_', ' '):<10}"]
    words.append("" if step.duration_ms is None else seconds(step.duration_ms))
    if step.attempts > 1:
        words.append(f"attempt {step.attempts}")
    if step.failure and (step.status != SUCCEEDED or step.attempts > 1):
        words.append(("after " if step.status in (RUNNING, SUCCEEDED) else "") + step.failure.error)
    return "  ".join(word for word in words if word).rstrip()


def result_lines(execution: Execution) -> Iterator[str]:
    """The metrics beside the baseline, what they mean, and where the artifact is."""
    output = json.loads(execution.output or "{}")
    yield f"succeeded in {seconds(execution.duration_ms or 0).strip()}"
    yield ""
    metrics = output.get("metrics", {})
    yield from metric_lines(metrics)
    if verdict := verdict_line(metrics):
        yield verdict
    if artifact := output.get("artifact"):
        yield ""
        yield f"artifact   s3://{artifact['bucket']}/{artifact['key']}"
        if artifact.get("version_id"):
            yield f"version    {artifact['version_id']}"
        if artifact.get("sha256"):
            yield f"sha256     {artifact['sha256']}"


def metric_lines(metrics: dict[str, Any]) -> Iterator[str]:
    """A table: each metric, its value, and the majority-class baseline where there is one."""
    yield f"{'metric':<20} {'model':>9} {'baseline':>9}"
    for name, value in metrics.items():
        if not name.startswith(BASELINE):
            yield f"{name:<20} {number(value):>9} {number(metrics.get(BASELINE + name)):>9}".rstrip()


def verdict_line(metrics: dict[str, Any]) -> str | None:
    """Whether the model is worth anything, said plainly."""
    accuracy, baseline = metrics.get("accuracy"), metrics.get(f"{BASELINE}accuracy")
    if accuracy is None or baseline is None:
        return None
    if accuracy > baseline:
        points = 100 * (accuracy - baseline)
        return f"Right {points:.1f} points more often than always answering the most frequent class."
    return "No better than always answering the most frequent class."


def failure_lines(execution: Execution) -> Iterator[str]:
    """The state with its error, and the cause: two lines."""
    error = execution.failure.error if execution.failure else ""
    step = failed_step(execution.steps, error or None)
    where = step.name if step else "the execution"
    what = execution.status.lower().replace("_", " ")
    yield f"{where} {what}{': ' if error else ''}{error}"
    yield f"  {(execution.failure and execution.failure.message) or 'the service gives no cause'}"


def number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:7.2f} s"
