"""How to use the model: what it is for, the command, and a program that predicts a row."""

import json
import math
from collections.abc import Iterator

from publish_artifact.card.subject import Subject
from publish_artifact.card.text import count_of, escape, listed, name_of, paragraph, section, side_by_side
from publish_artifact.places import version_of
from shared.event_fields import Json, S3Reference

_INPUTS_SHOWN = 12


def use(subject: Subject) -> str:
    """Commands and a program that work as they stand, beside what the model is for."""
    request = subject.artifact["request"]
    stable = S3Reference(request["artifact_bucket"], request["artifact_key"])
    version = version_of(stable, subject.sha256)
    return section(
        "Use this model",
        side_by_side(
            paragraph("Labels and probabilities of a CSV's rows, in the repository:")
            + _code("shell", f"make predict MODEL={subject.sha256[:12]} DATA=new.csv")
            + paragraph(
                "From S3, and in a program (<code>PYTHONPATH=functions</code>, the standard library alone):"
            )
            + _code("fetch", f"scripts/aws-local.sh s3 cp {_quoted(str(version))} model.json")
            + _code("python", _program(subject)),
            "<h3>What it is for</h3>\n" + listed(_purpose(subject)),
        ),
    )


def _code(kind: str, text: str) -> str:
    code = f'<code class="{kind}">{escape(text)}</code>'
    return f"<pre>{code}</pre>\n"


def _quoted(text: str) -> str:
    """As one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _program(subject: Subject) -> str:
    """Python that predicts one row: means and most frequent values, of many columns the first ones alone."""
    inputs = subject.artifact["signature"]["inputs"]
    statistics = {c["name"]: c.get("statistics", {}) for c in subject.artifact["columns"]}
    lines = [
        f"    {json.dumps(given['name'])}: [{_cell(given, statistics)}]," for given in inputs[:_INPUTS_SHOWN]
    ]
    missing = list(_missing(inputs[_INPUTS_SHOWN:]))
    return "\n".join(
        [
            "import json",
            "",
            "from shared.model.predictor import predict",
            "",
            'with open("model.json", encoding="utf-8") as file:',
            "    artifact = json.load(file)",
            "columns = {",
            *lines,
            "}",
            *missing,
            "prediction = predict(artifact, columns)",
            "print(prediction.labels)",
            'print(dict(zip(artifact["model"]["classes"], prediction.probabilities)))',
        ]
    )


def _cell(given: Json, statistics: dict[str, Json]) -> str:
    """A value of the kind that the column has: no row's own."""
    kind, found = given.get("kind", "number"), statistics.get(given["name"], {})
    if kind in ("flag", "category"):
        return json.dumps((given.get("values") or [""])[0])
    if kind == "date":
        return f"{found.get('min', 0.0):.1f}"  # seconds since 1970-01-01 UTC
    return repr(_rounded(found.get("mean", 0.0)))


def _rounded(value: float) -> float:
    """With four digits."""
    return float(f"{value:.4g}") if math.isfinite(value) else 0.0


def _missing(inputs: list[Json]) -> Iterator[str]:
    """The columns that are not shown, as missing cells."""
    if inputs:
        yield f'for column in artifact["signature"]["inputs"][{_INPUTS_SHOWN}:]:  # as missing cells'
        yield '    coded = column.get("kind") in ("flag", "category")'
        yield '    columns[column["name"]] = [""] if coded else [float("nan")]'


def _purpose(subject: Subject) -> list[str]:
    artifact = subject.artifact
    return [
        f"It predicts which of {len(subject.classes)} classes of {name_of(artifact['request']['label_column'])} a row "
        f"belongs to, from {count_of(len(artifact['signature']['inputs']), 'column')}, for rows that come about as the "
        "rows of this file did.",
        "It answers only with classes that it was trained on, and with a probability for each of them.",
        f"It is {escape(subject.explanation['description'])}.",
    ]
