"""What a run got to, whatever became of it: data, model, figures and verdict, from its output or its states' outputs.

Pure: an execution in, values out. A rejected run has all but an artifact, one that failed early its request alone.
"""

from typing import Any

from model_service_cli.documents import object_or_empty
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.steps import SUCCEEDED, failed_step
from shared.event_fields import Json
from shared.request_fields import REQUEST_FIELDS
from shared.verdict_words import OUTCOMES, headline, tone


def got_to(execution: Execution) -> Json:
    """What the run put out so far: the output, or where there is none the states' outputs, later ones first."""
    if output := object_or_empty(execution.output):
        return output
    found: Json = {}
    for step in execution.steps:
        if step.status == SUCCEEDED:
            found |= object_or_empty(step.output)
    return found


def verdict_words(known: Json) -> tuple[str, str, str]:
    """The tone for colours, the headline and the sentence of the verdict in an output or an artifact; empty before
    there is one."""
    verdict = part(known, "verdict")
    outcome = verdict.get("outcome")
    if outcome not in OUTCOMES:
        return "", "", ""
    return tone(outcome), headline(outcome), str(verdict.get("sentence") or "")


def label_of(request: Json) -> str:
    return str(request.get("label_column") or REQUEST_FIELDS["label_column"].default)


def stopped(execution: Execution) -> str:
    """Where a run ended that did not succeed, and why, in one line; empty for the others."""
    failure = execution.failure
    if failure is None:
        return ""
    step = failed_step(execution.steps, failure.error)
    where = f"{step.name}: " if step and step.kind != "Fail" else ""
    gate = part(got_to(execution), "gate")
    return f"{where}{failure.error}: {failure.message or gate.get('cause') or 'the service gives no cause'}"


def part(document: Json, name: str) -> dict[str, Any]:
    """A member that is an object; {} where it is none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}
