"""One shard validated: its rows written as parts, and a result that merges with its neighbours'."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from fetch_and_validate.part_writer import PartWriter
from fetch_and_validate.plan import Plan
from fetch_and_validate.report import Place, ValidationReport
from fetch_and_validate.stretches import Stretch
from shared.csv_file.cells import LabelCodes, MissingTokens
from shared.csv_file.problems import Problem
from shared.csv_file.records import Block
from shared.csv_file.typed_rows import RowTyper, TypedRows
from shared.errors import DatasetChangedError, InvalidDatasetError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.shards import Shard


@dataclass(frozen=True)
class ShardResult:
    """What became of a shard. Lines are counted from the shard's first one, which is line 1; of the objects of a
    folder that begin in it, from their own.

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
            "key": getattr(self.error, "key", None),
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
    return InvalidDatasetError(value["text"], value["line"], value["key"])


def read_shard(
    stretches: Iterator[Stretch],
    store: ObjectStore,
    plan: Plan,
    shard: Shard,
    place: Callable[[int], S3Reference],
    label_column: str,
    keep_valid: bool,
    last_part_if: Callable[[ValidationReport], bool],
) -> ShardResult:
    """Reads the stretches of a shard to their end and writes its valid rows as parts, the first at `place(0)`.

    keep_valid: whether parts are still written once a row was invalid; last_part_if: whether the last one
    is, now that the report is whole. The reading proves the plan: the first shard begins at a record, and a
    shard that begins at a record and has no record open at its end shows that the next one begins at one.
    """
    schema = plan.schema
    labels = LabelCodes(label_column, MissingTokens(schema.missing).label_tokens)
    typer = RowTyper(schema, labels)
    report = ValidationReport.of(schema)
    writer = PartWriter(store, place, len(schema.features), typer, labels)
    error = None
    try:
        for stretch in stretches:
            report.begin(stretch.name, stretch.lines)
            for end_line, rows in map(partial(_typed, typer=typer), stretch.blocks):
                report.lines = end_line - 1
                classes = labels.count(rows.codes)
                report.add(rows.statistics, classes, _named(rows.problems, stretch.name))
                if keep_valid or not report.invalid_rows:
                    writer.add(rows, classes)
                del rows  # before the next block is read
            for name, line in typer.filled.items():
                report.filled.setdefault(name, Place(line, stretch.name))
        report.add(typer.counts(), Counter(), [])
        report.check_texts()
        if last_part_if(report):
            writer.flush()
    except InvalidDatasetError as invalid:
        error = invalid
    return ShardResult(shard, error, writer.parts, report)


def _named(problems: list[Problem], key: str | None) -> list[Problem]:
    return problems if key is None else [replace(problem, key=key) for problem in problems]


def _typed(block: Block, typer: RowTyper) -> tuple[int, TypedRows]:
    return block.end_line, typer.rows_of(block)
