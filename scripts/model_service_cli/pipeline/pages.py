"""The pages that a run leaves in tmp/, for a browser: the model's card, the run's trace, the report of all runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from model_service_cli.cloud import Deployed
from model_service_cli.door import CommandError
from model_service_cli.models.names import model_name
from model_service_cli.report.write_report import RUNS, write_report
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to, part
from model_service_cli.trace.beside import CARDS, INDEX, trace_path


def renewed_report(states: Any, s3: Any, deployed: Deployed, folder: Path) -> str:
    """Writes the report anew, with the traces that are there; why it could not be written, else an empty text.

    It is a help, which fails no run.
    """
    try:
        write_report(states, s3, deployed, folder / INDEX, RUNS, datetime.now(UTC), traced=0)
    except (OSError, ClientError, BotoCoreError, CommandError) as error:
        return " ".join(str(error).split())
    return ""


def page_lines(execution: Execution, folder: Path) -> Iterator[str]:
    """A link to each page that is there."""
    name = execution.arn.rpartition(":")[2]
    sha256 = part(got_to(execution), "artifact").get("sha256")
    pages = {
        "card": folder / CARDS / f"{model_name(str(sha256))}.html" if sha256 else None,
        "trace": trace_path(name, folder),
        "report": folder / INDEX,
    }
    for what, path in pages.items():
        if path and path.exists():
            yield f"{what:<11}{path.resolve().as_uri()}"
