"""Write the table of the request's fields into docs/request.md, from shared.request_fields.

The table stands between two marker lines; the rest of the page is written by hand. A test compares the two.
"""

import json
from pathlib import Path

from generated_part import GeneratedPart
from model_service_cli.files import ROOT
from shared.config import Config
from shared.request_fields import REQUEST_FIELDS, RequestField

PART = GeneratedPart(
    page=ROOT / "docs" / "request.md",
    begin="<!-- fields: written by `make docs` from functions/shared/request_fields.py -->",
    end="<!-- end of the fields -->",
)
# Fields whose default is the deployment's: an environment variable of the functions, by Config's member.
DEPLOYED = {
    "bucket": ("data_bucket", "TRAINING_DATA_BUCKET"),
    "key": ("data_key", "TRAINING_DATA_KEY"),
    "artifact_bucket": ("artifact_bucket", "TRAINING_ARTIFACT_BUCKET"),
    "artifact_key": ("artifact_key", "TRAINING_ARTIFACT_KEY"),
}


def table(fields: dict[str, RequestField]) -> str:
    """A row per field: name, default, what is allowed, what it means."""
    rows = ["| field | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for name, field in fields.items():
        cells = (f"`{name}`", _default(name, field), cell(field.allowed), cell(field.meaning))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _default(name: str, field: RequestField) -> str:
    if name in DEPLOYED:
        member, variable = DEPLOYED[name]
        return f"`{variable}`: `{getattr(Config, member)}`"
    return "absent" if field.default is None else f"`{json.dumps(field.default)}`"


def cell(text: str) -> str:
    """Text that Markdown leaves as it is."""
    for character in "\\|*<":
        text = text.replace(character, f"\\{character}")
    return text


def write(target: Path = PART.page) -> None:
    PART.write(table(REQUEST_FIELDS), target)
