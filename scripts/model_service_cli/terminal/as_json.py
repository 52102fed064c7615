"""`--json`, of every command that lists something: the same as one JSON document on stdout, for programs.

A command takes `@json_option`, its parameter is `as_json`, and the make target passes `$(json)` (JSON=yes). Figures
are unrounded, times ISO 8601 in UTC, names whole; what there is not is null. Notes for people stay on stderr.
"""

import json
from datetime import UTC, datetime
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")


def print_json(document: Any) -> None:
    """Prints the document. Texts are escaped to ASCII, so that no name can move the cursor of a terminal."""
    print(json.dumps(document, indent=2))


def iso(moment: datetime) -> str:
    """A moment as every such document writes it, such as 2026-11-21T10:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
