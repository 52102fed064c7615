"""JSON that somebody else wrote: objects in S3, answers of services. What is none is said in one line."""

import json
from typing import Any

from model_service_cli.door import CommandError


def parse(content: str | bytes, where: str) -> Any:
    """The JSON value. Raises CommandError that names `where` for what is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{where} is no JSON: {' '.join(str(error).split())}") from None


def object_or_empty(text: str | None) -> dict[str, Any]:
    """The JSON object in a text that may hold anything; {} where it is none."""
    try:
        document = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
