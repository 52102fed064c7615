"""A run as plain lines for a terminal. Pure: an execution in, text out; nothing of colours or of when."""

from collections.abc import Iterator
from typing import Any

from model_service_cli.documents import object_or_empty
from model_service_cli.runs.decision_lines import decision_lines
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.leaderboard_lines import leaderboard_lines
from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Step, failed_step
from model_service_cli.terminal.figures import figure, seconds
from model_service_cli.terminal.lines import headed

BASELINE = "baseline_"
# What a person looks for first. A repeated run reads its metrics from a document that is sorted by name.
ORDER = ("accuracy", "accuracy_low", "accuracy_high", "precision", "recall", "f1", "balanced_accuracy")


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


def result_lines(execution: Execution) -> Iterator[str]:
    """The metrics beside the baseline, what they mean, and where the artifact is."""
    output = output_of(execution)
    yield f"succeeded in {seconds(execution.duration_ms or 0).strip()}"
    yield ""
    if warned := list(warning_lines(output)):
        yield from [*warned, ""]
    metrics = output.get("metrics", {})
    yield from metric_lines(metrics, published_metrics(output))
    yield from decision_lines(output)
    if verdict := verdict_line(metrics):
        yield verdict
    if leaderboard := list(leaderboard_lines(output)):
        yield ""
        yield from leaderboard
    if addresses := list(artifact_lines(output)):
        yield ""
        yield from addresses


def warning_lines(output: dict[str, Any]) -> Iterator[str]:
    """What is to be read before any figure."""
    for text in output.get("warnings") or ():
        yield from headed("warning", text)


def output_of(execution: Execution) -> dict[str, Any]:
    return object_or_empty(execution.output)


def artifact_lines(output: dict[str, Any]) -> Iterator[str]:
    """Where the artifact is."""
    if artifact := output.get("artifact"):
        yield f"artifact   s3://{artifact['bucket']}/{artifact['key']}"
        if artifact.get("version_id"):
            yield f"version    {artifact['version_id']}"
        if artifact.get("sha256"):
            yield f"sha256     {artifact['sha256']}"


def published_metrics(output: dict[str, Any]) -> dict[str, Any]:
    """The metrics of the model that was published before the run; {} where there was none, or none of ours."""
    match output:
        case {"run": {"conditions": {"current_model": {"metrics": dict(metrics)}}}}:
            return metrics
    return {}


def metric_rows(metrics: dict[str, Any], before: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each metric as texts: its name, its value, the majority-class baseline, and what was published before."""
    known = {name: place for place, name in enumerate(ORDER)}
    for name in sorted(metrics, key=lambda one: known.get(one, len(ORDER))):
        if not name.startswith(BASELINE):
            value = metrics[name]
            yield name, figure(value), figure(metrics.get(BASELINE + name)), figure(before.get(name))


def metric_lines(metrics: dict[str, Any], before: dict[str, Any] | None = None) -> Iterator[str]:
    """The table of metrics; `published` is a column where a model was published before."""
    heads = f"{'metric':<20} {'model':>9} {'baseline':>9}"
    yield f"{heads} {'published':>10}" if before else heads
    for name, value, baseline, published in metric_rows(metrics, before or {}):
        yield f"{name:<20} {value:>9} {baseline:>9} {published:>10}".rstrip()


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
