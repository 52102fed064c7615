"""What a person wants first of a run: which it is, its data, its model, its figures; of one that failed or still runs
what it got to. Pure: an execution in, words out."""

from collections.abc import Iterator
from typing import Any

from model_service_cli.documents import object_or_empty
from model_service_cli.models.names import model_name
from model_service_cli.runs.data_lines import data_lines, overview_in
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.steps import SUCCEEDED, failed_step
from model_service_cli.terminal.figures import figure
from model_service_cli.terminal.lines import HEAD
from shared.model.leaderboard import members_in_words
from shared.request_fields import REQUEST_FIELDS
from shared.verdict_words import OUTCOMES, headline, tone

Facts = Iterator[tuple[str, str]]
# (the metric, its words); each stands beside that of the constant answer where there is one.
METRICS = (
    ("accuracy", "accuracy"),
    ("balanced_accuracy", "balanced accuracy"),
    ("f1", "F1"),
    ("roc_auc", "ROC area"),
    ("log_loss", "log loss"),
)


def got_to(execution: Execution) -> dict[str, Any]:
    """What the run put out so far: the output, or where there is none the states' outputs, later ones first."""
    if output := object_or_empty(execution.output):
        return output
    found: dict[str, Any] = {}
    for step in execution.steps:
        if step.status == SUCCEEDED:
            found |= object_or_empty(step.output)
    return found


def facts(execution: Execution) -> Facts:
    """Name and value of what is known."""
    known, request = got_to(execution), object_or_empty(execution.input)
    run = _part(known, "run")
    yield "run", str(run.get("run_id") or "")
    dataset = _part(known, "dataset") or request
    if dataset.get("key"):
        bucket = dataset.get("bucket")
        yield "data", f"s3://{bucket}/{dataset['key']}" if bucket else str(dataset["key"])
    yield "data's version", str(dataset.get("version_id") or "")
    yield "label", str(request.get("label_column") or REQUEST_FIELDS["label_column"].default)
    yield "model", members_of(known)
    if sha256 := _part(known, "artifact").get("sha256"):
        yield "published as", model_name(str(sha256))
    if cached := run.get("cached"):
        yield "found done", ", ".join(map(str, cached))


def metric_facts(execution: Execution) -> Iterator[tuple[str, str, str]]:
    """Of the run's own model: name, value, and the same of the constant answer."""
    metrics = _part(got_to(execution), "metrics")
    for name, said in METRICS:
        if metrics.get(name) is not None:
            yield said, figure(metrics[name]), figure(metrics.get(f"baseline_{name}"))


def data_facts(execution: Execution) -> list[tuple[str, str]]:
    """What the run made of its data, as the terminal says it: a head and what it tells. Empty before it is known."""
    overview = overview_in(got_to(execution))
    told: list[tuple[str, str]] = []
    for line in data_lines(overview) if overview else ():
        head, text = line[:HEAD].strip(), line[HEAD:]
        if head or not told:
            told.append((head, text))
        else:  # the terminal's line was folded
            told[-1] = told[-1][0], f"{told[-1][1]} {text}"
    return told


def verdict_words(known: dict[str, Any]) -> tuple[str, str, str]:
    """The tone for the style sheet, the headline and the sentence of the verdict in an output or an artifact; empty
    before there is one."""
    verdict = _part(known, "verdict")
    outcome = verdict.get("outcome")
    if outcome not in OUTCOMES:
        return "", "", ""
    return tone(outcome), headline(outcome), str(verdict.get("sentence") or "")


def members_of(known: dict[str, Any]) -> str:
    """What the chosen model is made of; empty where none had to be chosen, or none was yet."""
    leaderboard = known.get("leaderboard")
    return members_in_words(leaderboard) if isinstance(leaderboard, list) else ""


def stopped(execution: Execution) -> str:
    """Where a run ended that did not succeed, and why, in one line; empty for the others."""
    gate = _part(got_to(execution), "gate")
    failure = execution.failure
    if failure is None:
        return ""
    step = failed_step(execution.steps, failure.error)
    where = f"{step.name}: " if step and step.kind != "Fail" else ""
    return f"{where}{failure.error}: {failure.message or gate.get('cause') or 'the service gives no cause'}"


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
