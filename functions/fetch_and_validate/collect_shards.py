"""The task CollectShards: the results of a plan's shards, merged in order, become the manifest."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fetch_and_validate.decision_check import check_decision
from fetch_and_validate.overview import overview
from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.settled_columns import settled, time_order
from fetch_and_validate.validate_shard import planned
from fetch_and_validate.validation import ShardResult
from shared.contracts import ValidatedDataset
from shared.csv_file.columns import Schema
from shared.errors import DatasetChangedError, InvalidDatasetError
from shared.event_fields import FileReference, Json
from shared.folds import folds_of
from shared.object_store import ObjectStore
from shared.run import Run
from shared.run_files import VERSIONS, find_document, read_file, write_document
from shared.shards import CollectTask, Shard
from shared.source import check_still_newest
from shared.spread import Spread
from shared.work import Work

_RESULTS_AT_ONCE = 16


def collect_shards(task: CollectTask, store: ObjectStore) -> ValidatedDataset:
    """The validated dataset of a plan whose shards are all validated.

    Raises the first shard's error, with its line in the whole file; InvalidDatasetError for the whole;
    DatasetChangedError when a shard's result is missing or is of another shard.
    """
    work, plan = planned(store, task.plan, task.run.run_id)
    shards = map(Shard.from_json, json.loads(read_file(store, task.shards)))

    def result_of(shard: Shard) -> tuple[ShardResult, FileReference | None]:
        place = work.files.shard_result(shard.index)
        found = find_document(store, place, "shard", work.run_id)
        if found is None:
            raise DatasetChangedError(f"{place} is gone, or not as the run wrote it: start again with force")
        result = ShardResult.from_json(found[1])
        if result.shard != shard:
            raise DatasetChangedError(f"{place} is the result of another shard than {shard}")
        return result, found[0]

    with ThreadPoolExecutor(_RESULTS_AT_ONCE) as pool:
        return conclude(store, work, task.run, plan, pool.map(result_of, shards))


def conclude(
    store: ObjectStore,
    work: Work,
    run: Run,
    plan: Plan,
    results: Iterable[tuple[ShardResult, FileReference | None]],
) -> ValidatedDataset:
    """Merges the shards' results in order and writes the manifest; last of all, so that it never lies.

    results: each with where it lies, None where it lies nowhere: then its parts stand in the manifest. Else the
    manifest leads to them, since a list of all parts grows with the data.
    Of a rejected dataset the manifest is written too, with the report and without parts.
    """
    report = ValidationReport.of(plan.schema, lines=plan.header_lines)
    parts: list[Json] = []
    shards: list[Json] = []
    request = work.request
    try:
        for result, place in results:
            lines = report.lines
            report = report.merge(result.report)
            if place is None:
                parts += result.parts
            else:
                shards.append(_entry(place, result.report))
            if isinstance(result.error, InvalidDatasetError):
                line, key = result.error.line, result.error.key
                if line is not None and key == result.report.continued:
                    line += lines
                raise InvalidDatasetError(result.error.text, line, key)
            if result.error:
                raise result.error
        report.check(request["label_column"], request["max_invalid_rows"])
        check_decision(request, report.classes)
        columns = settled(plan.schema, report, request)
    except InvalidDatasetError as error:
        write_rejection(store, work, plan.schema, report, error)
        raise
    if run.conditions.newest:
        check_still_newest(store, work.source)
    order = time_order(columns, report, request)
    outcome = {"status": "valid", "time_order": order, "parts": parts, "shards": shards}
    document = _manifest(work, replace(plan.schema, columns=columns), report, outcome)
    return dataset_of(work, run, write_document(store, work.files.manifest, document), document)


def _entry(place: FileReference, report: ValidationReport) -> Json:
    """How a manifest of several shards leads to one's result, and so to its parts."""
    classes = dict(sorted(report.classes.items()))
    return {"key": place.key, "sha256": place.sha256, "rows": report.rows, "classes": classes}


def dataset_of(work: Work, run: Run, reference: FileReference, manifest: Json) -> ValidatedDataset:
    """The step's output for a work whose manifest is written."""
    folds = folds_of(work.request, manifest["report"]["rows"])
    spread = Spread.for_manifest(manifest)
    return ValidatedDataset(run, work.source.identity() | overview(manifest), reference, folds, spread)


def write_rejection(
    store: ObjectStore, work: Work, schema: Schema, report: ValidationReport, error: InvalidDatasetError
) -> None:
    """The manifest of a dataset that cannot be trained on: the report and why, no parts."""
    outcome: Json = {"status": "rejected", "error": str(error), "time_order": None, "parts": [], "shards": []}
    write_document(store, work.files.manifest, _manifest(work, schema, report, outcome))


def _manifest(work: Work, schema: Schema, report: ValidationReport, outcome: Json) -> Json:
    return work.to_json() | {
        "manifest_version": VERSIONS["manifest"],
        "columns": [column.to_json() for column in schema.columns],
        "features": list(schema.feature_names),
        "report": report.to_json(),
        **outcome,
    }
