"""Predict the rows of a CSV from a published artifact alone: labels and class probabilities, as CSV on stdout.

    python -m model_service_cli predict --data new.csv [--artifact FILE|SHA256|s3://...]

The header is `label,probability_<class>,...`; every data row has its line, in order. A row in which a feature is
missing (an empty cell, NA, null, ?) has a line of empty cells. Anything else that is wrong with a row, such as
a text where a number belongs, refuses the whole file, and nothing is printed. Columns are found by name, so
their order does not matter, and those that the model does not read are ignored.
"""

import csv
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from math import isnan
from pathlib import Path
from typing import TextIO

import click

from model_service_cli.door import CommandError
from model_service_cli.models.artifact_reader import load
from shared.csv_file.cells import as_text, is_missing, number
from shared.csv_file.compression import gunzipped
from shared.csv_file.dialect import DELIMITERS, HEAD_BYTES, Dialect, detect_dialect
from shared.csv_file.problems import Problem
from shared.csv_file.records import Block, peek, read_blocks, skip
from shared.csv_file.typed_rows import LARGEST_NUMBER
from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.predictor import InvalidArtifactError, Predictor, UnpredictableRowError

MISSING = "missing value"
_CHUNK_BYTES = 1 << 20


@dataclass
class Outcome:
    """Data rows read, how many of them have a feature missing, and the first such cell."""

    rows: int = 0
    incomplete: int = 0
    first_missing: Problem | None = None


def write_predictions(
    predictor: Predictor, chunks: Iterable[bytes], output: TextIO, delimiter: str | None = None
) -> Outcome:
    """Predicts the CSV in the chunks, block by block, into `output`.

    delimiter: the one that the training data was read with, tried first. Raises InvalidDatasetError with the
    line, and the column where there is one, of the first thing that is wrong.
    """
    head, complete, chunks = peek(iter(chunks), HEAD_BYTES)
    if complete and not head.strip():
        raise InvalidDatasetError("the file is empty: a header line is needed")
    names = tuple(given.name for given in predictor.inputs)
    dialect = _dialect_with(names, head, complete, delimiter)
    indices = [dialect.header.index(name) for name in names]
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["label", *(f"probability_{name}" for name in predictor.classes)])
    outcome = Outcome()
    body = skip(chunks, dialect.body_offset)
    for block in read_blocks(body, dialect.delimiter, len(dialect.header), dialect.body_line):
        writer.writerows(_predicted(predictor, block, indices, len(dialect.header), outcome))
    return outcome


def _dialect_with(features: tuple[str, ...], head: bytes, complete: bool, hint: str | None) -> Dialect:
    """The dialect under which the header has the model's features: knowing their names beats guessing."""
    best = None
    for delimiter in dict.fromkeys((hint or ",", *DELIMITERS)):
        try:
            dialect = detect_dialect(head, complete, delimiter)
        except (
            InvalidDatasetError
        ):  # a header that this delimiter does not fit; the last look says what is wrong
            continue
        if set(features) <= set(dialect.header):
            best = dialect
            break
        if best is None or len(dialect.header) > len(best.header):
            best = dialect
    best = best or detect_dialect(head, complete)
    times = Counter(best.header)
    if missing := [name for name in features if not times[name]]:
        columns = "column" if len(missing) == 1 else "columns"
        raise InvalidDatasetError(
            f"the header has no {columns} {_listed(missing)}, which the model reads; it has {_listed(best.header)}"
        )
    if twice := [name for name in features if times[name] > 1]:
        raise InvalidDatasetError(
            f"the header names column {twice[0]!r} {times[twice[0]]} times; the model reads it"
        )
    return best


def _predicted(
    predictor: Predictor, block: Block, indices: list[int], width: int, outcome: Outcome
) -> Iterator[list[str | float]]:
    """A line for each of the block's rows."""
    columns = [_numbers(block.columns[j], block.plain) for j in indices]
    problems = [
        Problem("ragged row", line, None, f"{cells} cells where the header has {width}")
        for line, cells in block.ragged
    ]
    whole = [True] * block.rows
    for given, j, values in zip(predictor.inputs, indices, columns, strict=True):
        for i, value in enumerate(values):
            if abs(value) <= LARGEST_NUMBER:
                continue
            cell = block.columns[j][i]
            kind = "not a number" if isnan(value) else "number out of range"
            if is_missing(cell):
                kind, whole[i] = MISSING, False
            problems.append(Problem(kind, block.lines[i], given.name, as_text(cell)))
    problems.sort(key=lambda problem: problem.line)
    if worse := next((problem for problem in problems if problem.kind != MISSING), None):
        raise InvalidDatasetError(str(worse))
    if problems:
        columns = [list(compress(values, whole)) for values in columns]
        outcome.first_missing = outcome.first_missing or problems[0]
        outcome.incomplete += whole.count(False)
    outcome.rows += block.rows
    try:
        prediction = predictor.predict(columns)
    except UnpredictableRowError as error:
        line = list(compress(block.lines, whole))[error.row]
        raise InvalidDatasetError(
            f"line {line}: the row is too far from the training rows for float64 to tell the classes apart"
        ) from error
    predicted = map(list, zip(prediction.labels, *prediction.probabilities, strict=True))
    empty: list[str | float] = [""] * (1 + len(predictor.classes))
    return (next(predicted) if predictable else empty for predictable in whole)


def _numbers(cells: list[bytes] | list[str], plain: bool) -> list[float]:
    """The cells as numbers, NaN for what is none; all at once where every cell is one."""
    if plain:
        try:
            return list(map(float, cells))
        except ValueError:
            pass  # one at least is no number: look at each
    return list(map(number, cells))


def _listed(names: Iterable[str]) -> str:
    shown = list(map(repr, names))
    return ", ".join(shown[:20]) + (", ..." if len(shown) > 20 else "")


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error


def print_predictions(data: Path, artifact: Json, where: str) -> None:
    """Prints the predictions, all of them or none: they are gathered in a file first."""
    try:
        predictor = Predictor(artifact)
    except InvalidArtifactError as error:
        raise CommandError(f"{where}: {error}", exit_status=2) from error
    chunks = _chunks(data)
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as gathered:
        try:
            chunks = gunzipped(chunks) if data.suffix == ".gz" else chunks
            outcome = write_predictions(predictor, chunks, gathered, artifact["request"]["delimiter"])
            gathered.flush()
        except InvalidDatasetError as error:
            raise CommandError(f"DATA {data}: {error}", exit_status=2) from error
        except OSError as error:
            raise CommandError(f"the predictions cannot be gathered: {error.strerror}") from error
        _print(gathered)
    print(
        f"predict: {outcome.rows - outcome.incomplete} of {outcome.rows} rows predicted, from {where}",
        file=sys.stderr,
    )
    if outcome.first_missing:
        rows = "1 row has" if outcome.incomplete == 1 else f"{outcome.incomplete} rows have"
        print(
            f"predict: {rows} an empty line, as a feature is missing; the first: {outcome.first_missing}",
            file=sys.stderr,
        )


def _print(gathered: TextIO) -> None:
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
@click.option("--data", default="", metavar="PATH", help="The CSV; a name that ends in .gz is gzip.")
@click.option(
    "--artifact",
    "wanted",
    default="",
    metavar="WHICH",
    help="A file, an s3:// address or a version's SHA-256; by default the published one.",
)
def predict(data: str, wanted: str) -> None:
    """Labels and class probabilities of a CSV's rows, as CSV."""
    if not data:
        raise CommandError("DATA is missing; for example: make predict DATA=new.csv", exit_status=2)
    path = Path(data).expanduser()
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error
    artifact, where = load(wanted)
    print_predictions(path, artifact, where)
