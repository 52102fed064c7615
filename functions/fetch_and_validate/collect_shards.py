"""The task CollectShards: the results of a plan's shards, merged in order, become the manifest."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validate_shard import planned
from fetch_and_validate.validation import ShardResult
from shared.conditions import Conditions
from shared.contracts import ValidatedDataset, canonical_json
from shared.csv_file.columns import Schema
from shared.documents import MANIFEST_VERSION
from shared.errors import DatasetChangedError, InvalidDatasetError
from shared.event_fields import Json
from shared.object_store import ObjectStore, check_still_newest
from shared.run_files import RunFiles
from shared.shards import Shard, ShardTask
from shared.work import Work

_RESULTS_AT_ONCE = 16


def collect_shards(task: ShardTask, store: ObjectStore) -> ValidatedDataset:
    """The validated dataset of a plan whose shards are all validated.

    Raises the first shard's error, with its line in the whole file; InvalidDatasetError for the whole;
    DatasetChangedError when a shard's result is missing or is of another shard.
    """
    work, files, plan = planned(task, store)
    shards = map(Shard.from_json, json.loads(store.read(files.shards)))

    def result_of(shard: Shard) -> ShardResult:
        reference = files.shard_result(shard.index)
        value = json.loads(store.read(reference, missing=DatasetChangedError))
        result = ShardResult.from_json(value)
        if result.shard != shard:
            raise DatasetChangedError(f"{reference} is the result of another shard than {shard}")
        return result

    with ThreadPoolExecutor(_RESULTS_AT_ONCE) as pool:
        results = pool.map(result_of, shards)
        return conclude(store, work, files, task.execution_arn, task.conditions, plan, results)


def conclude(
    store: ObjectStore,
    work: Work,
    files: RunFiles,
    execution_arn: str | None,
    conditions: Conditions,
    plan: Plan,
    results: Iterable[ShardResult],
) -> ValidatedDataset:
    """Merges the shards' results in order and writes the manifest; last of all, so that it never lies.

    Of a rejected dataset the manifest is written too, with the report and without parts.
    """
    report = ValidationReport(plan.schema.feature_names, lines=plan.header_lines)
    parts: list[Json] = []
    request = work.request
    try:
        for result in results:
            lines = report.lines
            report = report.merge(result.report)
            parts += result.parts
            if isinstance(result.error, InvalidDatasetError):
                line = result.error.line
                raise InvalidDatasetError(result.error.text, None if line is None else line + lines)
            if result.error:
                raise result.error
        report.check(request["label_column"], request["max_invalid_rows"])
    except InvalidDatasetError as error:
        write_rejection(store, work, files, plan.schema, report, error)
        raise
    if conditions.newest:
        check_still_newest(store, work.source)
    _write_manifest(store, work, files, plan.schema, report, {"status": "valid", "parts": parts})
    return dataset_of(work, files, execution_arn, conditions, report.to_json())


def dataset_of(
    work: Work,
    files: RunFiles,
    execution_arn: str | None,
    conditions: Conditions,
    report: Json,
    cached: tuple[str, ...] = (),
) -> ValidatedDataset:
    """The step's output for a work whose manifest is written."""
    return ValidatedDataset(
        run_id=work.run_id,
        execution_arn=execution_arn,
        dataset=work.source.identity() | {name: report[name] for name in ("rows", "invalid_rows")},
        manifest=files.manifest,
        conditions=conditions,
        cached=cached,
    )


def write_rejection(
    store: ObjectStore,
    work: Work,
    files: RunFiles,
    schema: Schema,
    report: ValidationReport,
    error: InvalidDatasetError,
) -> None:
    """The manifest of a dataset that cannot be trained on: the report and why, no parts."""
    outcome = {"status": "rejected", "error": str(error), "parts": []}
    _write_manifest(store, work, files, schema, report, outcome)


def _write_manifest(
    store: ObjectStore, work: Work, files: RunFiles, schema: Schema, report: ValidationReport, outcome: Json
) -> None:
    document = work.to_json() | {
        "manifest_version": MANIFEST_VERSION,
        "columns": [column.to_json() for column in schema.columns],
        "features": list(schema.feature_names),
        "report": report.to_json(),
        **outcome,
    }
    store.write(files.manifest, canonical_json(document), "application/json")
