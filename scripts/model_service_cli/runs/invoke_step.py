"""Invoke one step's function directly and keep its response in tmp/<step>-response.json.

    python -m model_service_cli invoke summarize [--input '{"test_size": 0.3}'] [--json]

The payload is INPUT; without it the response of the step before, when its file is there; without that the
example request. `aws lambda invoke` does the same call, but its exit status is 0 when the function failed;
here it is 1, and a failed response is not kept, so that the next step cannot take it for a payload.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from model_service_cli.cloud import ALIAS, STEPS, client, endpoint, function_name
from model_service_cli.documents import parse
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, from_root, write_whole
from model_service_cli.runs.data_lines import data_lines
from model_service_cli.runs.request import parse_input
from model_service_cli.runs.result_blocks import judged_blocks
from model_service_cli.runs.run_documents import read_document
from model_service_cli.terminal.as_json import json_option, print_json
from shared.event_fields import printable

RESPONSES = ROOT / "tmp"
EXAMPLE_REQUEST = ROOT / "statemachine" / "examples" / "request.json"
LONGEST_RUN = 15 * 60  # seconds, Lambda's own limit


def response_file(folder: Path, step: str) -> Path:
    return folder / f"{step}-response.json"


def choose_payload(step: str, text: str, folder: Path) -> tuple[dict[str, Any], str]:
    """The payload, and in words where it comes from. Raises CommandError for one that is no JSON object."""
    if text.strip():
        return parse_input(text), "INPUT"
    before = STEPS.index(step) - 1
    if before >= 0 and (response := response_file(folder, STEPS[before])).exists():
        return _read(response), f"the response of {STEPS[before]}, {from_root(response)}"
    return _read(EXAMPLE_REQUEST), f"the example request, {from_root(EXAMPLE_REQUEST)}"


def invoke(functions: Any, step: str, payload: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Call the function and keep its response. Raises CommandError when it, or the call, fails."""
    target = response_file(folder, step)
    target.unlink(missing_ok=True)
    name = function_name(step)
    try:
        answer = functions.invoke(FunctionName=name, Qualifier=ALIAS, Payload=json.dumps(payload).encode())
    except functions.exceptions.ResourceNotFoundException:
        raise CommandError(f"{name} is not deployed at {endpoint() or 'AWS'}; run: make deploy") from None
    response = parse(answer["Payload"].read(), f"the answer of {name}")
    if "FunctionError" in answer:
        raise CommandError(_failure(step, response))
    write_whole(target, json.dumps(response, indent=2) + "\n")
    return response


def _failure(step: str, response: Any) -> str:
    details = response if isinstance(response, dict) else {}
    error = details.get("errorType") or "an error without a name"
    message = " ".join(str(details.get("errorMessage") or response).split())
    return f"{step} failed: {error}\n  {message}"


def _read(path: Path) -> dict[str, Any]:
    try:
        payload = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(
            f"{from_root(path)} cannot be read as a payload: {error}", exit_status=2
        ) from error
    if not isinstance(payload, dict):
        raise CommandError(f"{from_root(path)} holds no JSON object; remove it or give INPUT", exit_status=2)
    return payload


def summary_lines(response: dict[str, Any], summary: dict[str, Any]) -> list[str]:
    """What a person wants to know of a step's response, as far as the step has come. summary: the run's, or {}."""
    lines = []
    if run := response.get("run"):
        lines.append(f"run        {run['run_id']}")
    if dataset := response.get("dataset"):
        lines.append(f"dataset    s3://{dataset['bucket']}/{dataset['key']}")
        lines.extend(data_lines(dataset) if "rows" in dataset else ())
    for block in judged_blocks(response, summary):
        lines.extend(["", *(line.plain for line in block)])
    if artifact := response.get("artifact"):
        lines.extend(["", f"artifact   s3://{artifact['bucket']}/{artifact['key']}"])
    return lines


@click.command(name="invoke")
@click.argument("step", type=click.Choice(STEPS))
@click.option("--input", "text", default="", metavar="JSON", help="The payload.")
@json_option
def invoke_step(step: str, text: str, as_json: bool) -> None:
    """Invoke one step's function directly and keep its response in tmp/<step>-response.json."""
    payload, origin = choose_payload(step, text, RESPONSES)
    print(f"payload    {origin}", flush=True, file=sys.stderr if as_json else sys.stdout)
    # One attempt: a second call would be a second run of the step.
    functions = client("lambda", read_timeout=LONGEST_RUN + 10, attempts=1)
    response = invoke(functions, step, payload, RESPONSES)
    if as_json:
        print_json(response)
        return
    for line in summary_lines(response, read_document(client("s3"), response.get("summary"))):
        print(printable(line))
    print(f"response   {from_root(response_file(RESPONSES, step))}")
