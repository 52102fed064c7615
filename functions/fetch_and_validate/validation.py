"""One shard validated: its rows written as parts, and a result that merges with its neighbours'."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from fetch_and_validate.part_writer import PartWriter
from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from shared.csv_file.cells import LabelCodes, MissingTokens
from shared.csv_file.compression import gunzipped
from shared.csv_file.records import Block, read_blocks, skip
from shared.csv_file.typed_rows import RowTyper, TypedRows
from shared.errors import DatasetChangedError, InvalidDatasetError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore, PinnedObject
from shared.shards import Shard


@dataclass(frozen=True)
class ShardResult:
    """What became of a shard. Lines are counted from the shard's first one, which is line 1.

    error: what ends the whole run, whatever the other shards are like.
    """

    shard: Shard
    error: InvalidDatasetError | DatasetChangedError | None
    parts: list[Json]
    report: ValidationReport

    def to_json(self) -> Json:
        error = self.error and {
            "type": type(self.error).__name__,
            "text": getattr(self.error, "text", str(self.error)),
            "line": getattr(self.error, "line", None),
        }
        return {
            "shard": self.shard.to_json(),
            "error": error,
            "parts": self.parts,
            "report": self.report.to_state(),
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        error = value["error"]
        return cls(
            shard=Shard.from_json(value["shard"]),
            error=error and _error(error),
            parts=value["parts"],
            report=ValidationReport.from_state(value["report"]),
        )


def _error(value: Json) -> InvalidDatasetError | DatasetChangedError:
    if value["type"] == DatasetChangedError.__name__:
        return DatasetChangedError(value["text"])
    return InvalidDatasetError(value["text"], value["line"])


def read_shard(
    store: ObjectStore,
    source: PinnedObject,
    plan: Plan,
    shard: Shard,
    place: Callable[[int], S3Reference],
    label_column: str,
    keep_valid: bool,
    last_part_if: Callable[[ValidationReport], bool],
) -> ShardResult:
    """Reads a shard to its end and writes its valid rows as parts, the first at `place(0)`.

    keep_valid: whether parts are still written once a row was invalid; last_part_if: whether the last one
    is, now that the report is whole. The reading proves the plan: the first shard begins at a record, and a
    shard that begins at a record and has no record open at its end shows that the next one begins at one.
    """
    schema = plan.schema
    labels = LabelCodes(label_column, MissingTokens(schema.missing).label_tokens)
    typer = RowTyper(schema, labels)
    report = ValidationReport.of(schema)
    writer = PartWriter(store, place, len(schema.features), typer, labels)
    if plan.compressed:
        chunks = skip(gunzipped(store.stream(source)), shard.start)
    else:
        chunks = store.stream(source, shard.start, shard.end)
    error = None
    try:
        blocks = read_blocks(
            chunks, plan.delimiter, len(schema.columns), 1, _never_closed(plan, shard), plan.escape
        )
        for end_line, rows in map(partial(_typed, typer=typer), blocks):
            report.lines = end_line - 1
            report.add(rows.statistics, labels.count(rows.codes), rows.problems)
            if keep_valid or not report.invalid_rows:
                writer.add(rows)
            del rows  # before the next block is read
        report.add(typer.counts(), Counter(), [])
        report.filled = typer.filled
        report.check_texts()
        if last_part_if(report):
            writer.flush()
    except InvalidDatasetError as invalid:
        error = invalid
    return ShardResult(shard, error, writer.parts, report)


def _never_closed(plan: Plan, shard: Shard) -> str:
    if shard.index == plan.shard_count - 1:
        return "a quote that is never closed"
    return (
        f"a quote that is never closed, or that is open at byte {shard.end:,}, where the file was cut into shards: "
        "then larger shards or fewer quotes help"
    )


def _typed(block: Block, typer: RowTyper) -> tuple[int, TypedRows]:
    return block.end_line, typer.rows_of(block)
