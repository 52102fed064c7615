"""Predict the rows of a CSV from a published artifact alone: labels and class probabilities, as CSV on stdout.

    python -m model_service_cli predict --data new.csv [--model NAME|KEY|FILE|s3://...] [--json]

Where the rows have a label, the figures on them follow on stderr, and how the data differs from what the model was
trained on; --json prints those alone, on stdout.

The header is `label,probability_<class>,...`; every data row has its line, in order. A missing cell is a value, as it
was in training, and so is a text that training did not have. A cell that contradicts its column's kind, such as a
text where a number belongs, refuses the whole file, and nothing is printed. Columns are found by name, so their order
does not matter, and those that the model does not read are ignored.
"""

import csv
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console

from model_service_cli.door import CommandError
from model_service_cli.models.artifact_reader import load, model_option
from model_service_cli.predict.scored_text import scored_lines, to_json
from model_service_cli.predict.scoring import CONTRADICTIONS, Scoring
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lines import printable_lines
from shared.csv_file.columns import Column
from shared.csv_file.feature_rows import FeatureFile, feature_rows
from shared.csv_file.kinds import Kind
from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.predictor import InvalidArtifactError, Predictor, UnpredictableRowError
from shared.request_fields import REQUEST_FIELDS, InvalidValue

_CHUNK_BYTES = 1 << 20


def write_predictions(
    predictor: Predictor,
    chunks: Iterable[bytes],
    output: TextIO,
    request: Json,
    name: str = "",
    scoring: Scoring | None = None,
) -> int:
    """Predicts the CSV in the chunks, block by block, into `output`; returns the number of rows.

    request: the one that the model was trained with, which says how the data is written; scoring: is given every
    block. Raises InvalidDatasetError with the line, and the column where there is one, of the first thing that is
    wrong.
    """
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["label", *(f"probability_{name}" for name in predictor.classes)])
    count = 0
    for rows in feature_rows(chunks, _file_of(predictor, request), name):
        try:
            prediction = predictor.predict(rows.columns)
        except UnpredictableRowError as error:
            raise InvalidDatasetError(
                f"line {rows.lines[error.row]}: the row is too far from the training rows for float64 to tell the "
                "classes apart"
            ) from error
        writer.writerows(zip(prediction.labels, *prediction.probabilities, strict=True))
        if scoring:
            scoring.add(rows, prediction)
        count += len(rows.lines)
    return count


def _file_of(predictor: Predictor, request: Json) -> FeatureFile:
    """How the model's columns are read. Raises InvalidArtifactError for what no request may say."""
    try:
        features = tuple(
            Column(
                given.name,
                "feature",
                kind=Kind.from_text(given.kind, given.notation),
                known=frozenset(given.values) if given.is_coded else None,
            )
            for given in predictor.inputs
        )
    except ValueError as error:
        raise InvalidArtifactError(f"the signature is damaged: {error}") from error
    return FeatureFile(
        features=features,
        delimiter=_field(request, "delimiter"),
        escape=_field(request, "escape"),
        skip_lines=_field(request, "skip_lines") or 0,
        missing=tuple(_field(request, "missing_values") or ()),
        label=_field(request, "label_column"),
    )


def _field(request: Json, name: str) -> Any:
    field = REQUEST_FIELDS[name]
    try:
        return field.read(request.get(name, field.default))
    except InvalidValue:
        raise InvalidArtifactError(f"the request is damaged: {name} is not {field.allowed}") from None


def _chunks(path: Path, digest: Any) -> Iterator[bytes]:
    """digest: is given what is read."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error


def print_predictions(data: Path, artifact: Json, where: str, as_json: bool = False) -> None:
    """Prints the predictions, all of them or none: they are gathered in a file first. as_json: the figures alone."""
    content = hashlib.md5(
        usedforsecurity=False
    )  # what S3's ETag is, of a file that was uploaded in one piece
    try:
        predictor = Predictor(artifact)
        scoring = Scoring(predictor, artifact)
    except InvalidArtifactError as error:
        raise CommandError(f"{where}: {error}", exit_status=2) from error
    except CONTRADICTIONS as error:
        raise _contradiction(where, error) from error
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as gathered:
        try:
            chunks = _chunks(data, content)
            write_predictions(predictor, chunks, gathered, artifact["request"], data.name, scoring)
            gathered.flush()
        except InvalidArtifactError as error:
            raise CommandError(f"{where}: {error}", exit_status=2) from error
        except InvalidDatasetError as error:
            raise CommandError(f"DATA {data}: {error}", exit_status=2) from error
        except OSError as error:
            raise CommandError(f"the predictions cannot be gathered: {error.strerror}") from error
        if not as_json:
            _print(gathered)
    try:
        scored = scoring.result()
    except CONTRADICTIONS as error:
        raise _contradiction(where, error) from error
    same_file = content.hexdigest() == artifact["dataset"]["etag"]
    if as_json:
        print_json(to_json(scored, where, same_file))
    rows = f"{scored.rows} {'row' if scored.rows == 1 else 'rows'}"
    print(f"predict: {rows} predicted, from {where}", file=sys.stderr)
    if not as_json:
        console = Console(stderr=True, highlight=False)
        for line in scored_lines(scored, same_file):
            console.print(line, soft_wrap=True)


def _contradiction(where: str, error: Exception) -> CommandError:
    what = f"{where} contradicts itself, so nothing can be told by it"
    return CommandError(f"{what} ({type(error).__name__}: {error})", exit_status=2)


def _print(gathered: TextIO) -> None:
    if (
        sys.stdout.isatty()
    ):  # a program is given the labels as they are, a person those that a terminal can show
        gathered.seek(0)
        print(printable_lines(gathered.read()), end="")
        return
    gathered.buffer.seek(0)
    sys.stdout.flush()
    try:
        shutil.copyfileobj(gathered.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has seen enough
        raise
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left is not tried again at exit
        raise CommandError(f"standard output cannot be written: {error.strerror}") from error


@click.command()
@click.option("--data", default="", metavar="PATH", help="The CSV, gzip or not.")
@model_option
@json_option
def predict(data: str, wanted: str, as_json: bool) -> None:
    """Labels and class probabilities of a CSV's rows, as CSV; of labelled rows also the figures on them."""
    if not data:
        raise CommandError("DATA is missing; for example: make predict DATA=new.csv", exit_status=2)
    path = Path(data).expanduser()
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error
    artifact, where = load(wanted)
    print_predictions(path, artifact, where, as_json)
