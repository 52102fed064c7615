"""A run as a line of a list, and as JSON. Pure: an execution in, texts and values out."""

from datetime import UTC
from typing import Any

from rich.text import Text

from model_service_cli.documents import object_or_empty
from model_service_cli.models.names import dataset_name, family_in_words, model_name
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to, label_of, part, stopped
from model_service_cli.runs.steps import cached_steps, failed_step
from model_service_cli.terminal.as_json import iso
from model_service_cli.terminal.figures import figure, seconds
from model_service_cli.terminal.lists import Column
from model_service_cli.terminal.tables import FAILED, STYLES
from model_service_cli.terminal.verdicts import verdict_text
from shared.config import Config
from shared.event_fields import Json

COLUMNS = (
    Column("execution"),
    Column("status"),
    Column("duration", right=True),
    Column("accuracy", right=True),
    Column("verdict"),
    Column("dataset", below="{}"),
    Column("label", below="label {}"),
    Column("family", below="{}"),
    Column("model", below="model {}"),
    Column("started (UTC)", below="{} UTC"),
    Column("run_id", below="run {}"),
    Column("note", below="{}"),
)
_CAUSE = 120  # characters of a cause; the whole stands in the JSON, in the trace and under `make logs`


def row(run: Execution, config: Config) -> list[Text]:
    """config: of the deployment, which says what an empty request means."""
    known, request = got_to(run), _request(run, config)
    dataset = request | part(known, "dataset")
    sha256 = part(known, "artifact").get("sha256")
    return [
        Text(_name(run)),
        Text(run.status.lower().replace("_", " "), style=STYLES.get(run.status, FAILED)),
        Text("" if run.duration_ms is None else seconds(run.duration_ms).strip()),
        Text(figure(part(known, "metrics").get("accuracy"))),
        verdict_text(known.get("verdict")),
        Text(dataset_name(str(dataset["bucket"]), str(dataset["key"]), config)),
        Text(label_of(request)),
        Text(_family(known, request)),
        Text(model_name(str(sha256)) if sha256 else ""),
        Text(f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M}"),
        Text(str(part(known, "run").get("run_id") or "")),
        note(run),
    ]


def note(run: Execution) -> Text:
    """In which state it failed and why, or how many of its steps had been done before."""
    if why := stopped(run):
        return Text(why if len(why) <= _CAUSE else f"{why[: _CAUSE - 3]}...", style=FAILED)
    cached = cached_steps(run.output)
    return Text(f"cached: {len(cached)} step{'s' * (len(cached) > 1)}" if cached else "")


def to_json(run: Execution, config: Config) -> dict[str, Any]:
    known, request = got_to(run), _request(run, config)
    dataset = request | part(known, "dataset")
    sha256 = part(known, "artifact").get("sha256")
    failure = run.failure
    step = failed_step(run.steps, failure.error) if failure else None
    return {
        "execution": _name(run),
        "arn": run.arn,
        "status": run.status,
        "started_at": iso(run.started_at),
        "duration_ms": run.duration_ms,
        "run_id": part(known, "run").get("run_id"),
        "dataset": {
            "bucket": dataset["bucket"],
            "key": dataset["key"],
            "s3_version_id": dataset.get("version_id"),
            "rows": dataset.get("rows"),
        },
        "label_column": label_of(request),
        "family": _family(known, request) or None,
        "metrics": part(known, "metrics"),
        "verdict": part(known, "verdict").get("outcome"),
        "model": model_name(str(sha256)) if sha256 else None,
        "stable_key": part(known, "artifact").get("key"),
        "cached": list(cached_steps(run.output)),
        "failed_in": step.name if step else None,
        "error": failure.error if failure else None,
        "cause": failure.message if failure else None,
    }


def _request(run: Execution, config: Config) -> Json:
    """What was asked for, with the CSV that an empty request means."""
    return {"bucket": config.data_bucket, "key": config.data_key, **object_or_empty(run.input)}


def _family(known: Json, request: Json) -> str:
    """Of the model as it was chosen; as it was asked for, once there is one; empty before."""
    if not known.get("metrics"):
        return ""
    leaderboard = known.get("leaderboard")
    return family_in_words(leaderboard if isinstance(leaderboard, list) else [], request)


def _name(run: Execution) -> str:
    return run.arn.rpartition(":")[2]
