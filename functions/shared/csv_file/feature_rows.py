"""The rows of an existing model's features, from any CSV that has those columns: what predict reads.

No sample and no guess: the model says what its columns are. Every row is read, or the file is refused. A label is read
only where it is asked for and there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.csv_file.cells import MissingTokens, as_text
from shared.csv_file.columns import Column, features_of
from shared.csv_file.compression import gunzipped, is_gzip
from shared.csv_file.dialect import DELIMITERS, HEAD_BYTES, Dialect, detect_dialect
from shared.csv_file.records import peek, read_blocks, skip
from shared.csv_file.typed_rows import RowTyper
from shared.errors import InvalidDatasetError
from shared.typed_columns import TypedColumn


@dataclass(frozen=True)
class FeatureFile:
    """What is known of a file before it is read, from the request that its model was trained with.

    features: the columns to read, in order; delimiter: tried first; missing: as in Schema; label: the class column,
    which is read too where the header has it once.
    """

    features: tuple[Column, ...]
    delimiter: str | None = None
    escape: str | None = None
    skip_lines: int = 0
    missing: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True)
class FeatureRows:
    """A block of rows: a column per feature, and the line that each row starts at.

    header: all columns of the file; labels: of each row, "" where it has none; None where the file has no label.
    """

    columns: list[TypedColumn]
    lines: Sequence[int]
    header: tuple[str, ...]
    labels: list[str] | None


def feature_rows(chunks: Iterable[bytes], file: FeatureFile, name: str = "") -> Iterator[FeatureRows]:
    """The rows in blocks, in order. name: of the file; one that ends in .gz is gzip, and so is what begins like it.

    Raises InvalidDatasetError with the line, and the column where there is one, of the first thing that is wrong: a
    column that is not there, or a cell that contradicts its column's kind. A missing cell is a value.
    """
    start, _, chunks = peek(iter(chunks), HEAD_BYTES)
    if is_gzip(name, None, start):
        chunks = gunzipped(chunks)
    head, complete, chunks = peek(iter(chunks), HEAD_BYTES)
    if complete and not head.strip():
        raise InvalidDatasetError("the file is empty: a header line is needed")
    dialect = _dialect_with(file, head, complete)
    width = len(dialect.header)
    typer = RowTyper(features_of(dialect.header, file.features, file.missing))
    label = dialect.header.index(file.label) if dialect.header.count(file.label or "") == 1 else None
    no_label = MissingTokens(file.missing).label_tokens
    body = skip(chunks, dialect.body_offset)
    for block in read_blocks(body, dialect.delimiter, width, dialect.body_line, escape=dialect.escape):
        rows = typer.rows_of(block)
        if rows.problems:
            raise InvalidDatasetError(str(rows.problems[0]))
        labels = None
        if label is not None:
            cells = (as_text(cell).strip() for cell in block.columns[label])
            labels = ["" if cell.lower() in no_label else cell for cell in cells]
        yield FeatureRows(rows.features, block.lines, dialect.header, labels)


def _dialect_with(file: FeatureFile, head: bytes, complete: bool) -> Dialect:
    """The dialect under which the header has the features: knowing their names beats guessing."""
    names = {column.name for column in file.features}
    best: Dialect | None = None
    for skipped in dict.fromkeys((0, file.skip_lines)):
        for delimiter in dict.fromkeys((file.delimiter or ",", *DELIMITERS)):
            try:
                dialect = detect_dialect(head, complete, delimiter, file.escape, skipped)
            except InvalidDatasetError:  # this delimiter does not fit; the last look says what is wrong
                continue
            if names <= set(dialect.header):
                return dialect
            if best is None or len(dialect.header) > len(best.header):
                best = dialect
    return best or detect_dialect(head, complete, None, file.escape)
