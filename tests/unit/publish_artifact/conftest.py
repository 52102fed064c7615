"""The schema that describes artifacts, and artifacts of columns of numbers alone."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[3] / "schemas" / "artifact.schema.json"
LABELS = {"iris": "species", "wine": "cultivar", "penguins": "species", "candles": "label"}


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def validator(schema) -> Draft202012Validator:
    return Draft202012Validator(schema)


@pytest.fixture(scope="session")
def published_numbers(publish_content, data_files) -> Callable[..., dict[str, Any]]:
    """The artifact of a named data set's columns of numbers, of the rows that have them all, shuffled."""

    def made(name: str, **fields) -> dict[str, Any]:
        content = numbers_alone(data_files[name].read_text(encoding="utf-8"), LABELS[name])
        return json.loads(
            publish_content(content, **{"label_column": LABELS[name], "split": "shuffled"} | fields)
        )

    return made


def numbers_alone(text: str, label: str) -> bytes:
    """The CSV's columns of numbers and its label, the rows without holes."""
    rows = list(csv.DictReader(io.StringIO(text)))
    names = [
        name for name in rows[0] if name == label or all(map(is_number_or_hole, (row[name] for row in rows)))
    ]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(names)
    writer.writerows(cells for row in rows if not {"", "NA"} & {*(cells := [row[name] for name in names])})
    return written.getvalue().encode()


def is_number_or_hole(cell: str) -> bool:
    return re.fullmatch(r"NA||-?[0-9.]+(e-?[0-9]+)?", cell) is not None
