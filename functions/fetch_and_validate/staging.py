"""Step 1 as a whole: the pinned CSV becomes parts and a manifest under `runs/<run_id>/dataset/`.

A CSV of one shard is validated in place. A larger one is planned (`stage`), its shards are validated side by
side, each by an invocation of its own (`stage_shard`), and their results become the manifest (`collect`).
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fetch_and_validate.columns import Schema
from fetch_and_validate.plan import Plan, Shard, make_plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validation import ShardResult, validate_shard
from shared.config import Config
from shared.contracts import (
    Json,
    PlannedDataset,
    S3Reference,
    ShardTask,
    TrainingRequest,
    ValidatedDataset,
    ValidatedShard,
    canonical_json,
    run_id_of,
)
from shared.documents import MANIFEST_VERSION, PLAN_VERSION, read_plan
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.object_store import ObjectStore, PinnedObject

_JSON = "application/json"
_RESULTS_AT_ONCE = 16


def stage(request: TrainingRequest, store: ObjectStore, config: Config) -> ValidatedDataset | PlannedDataset:
    """The validated dataset of a request, or for a CSV of several shards its plan.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written, or for several shards outside the state machine.
    """
    source = store.pin(request.bucket, request.key, request.version_id)
    parameters = request.parameters() | {"version_id": source.version_id}
    identity = parameters | {"shard_bytes": config.shard_bytes}  # parts follow from it too
    run = {
        "run_id": run_id_of(identity, source.identity(), config.code_version),
        "code_version": config.code_version,
        "request": parameters,
        "source": source.identity(),
    }
    try:
        plan = make_plan(store, source, request, config.shard_bytes)
    except InvalidDatasetError as error:
        outcome = {"status": "rejected", "error": str(error), "parts": []}
        _write_manifest(store, run, Schema((), (), -1), ValidationReport(()), outcome)
        raise
    if len(plan.shards) == 1:
        result = _validate(store, run, plan, 0)
        return _conclude(store, run, request.execution_arn, plan, [result])
    if request.execution_arn is None:
        raise InvalidRequestError(
            f"the CSV has {source.bytes:,} bytes, {len(plan.shards)} shards of about {config.shard_bytes:,}: one "
            "invocation validates one shard. Start the state machine, which validates them side by side "
            "(stepfunctions start-execution)"
        )
    folder = _folder(run)
    references = [S3Reference(folder.bucket, f"{folder.key}{name}.json") for name in ("plan", "shards")]
    store.write(
        references[0], canonical_json(run | {"plan_version": PLAN_VERSION, "plan": plan.to_json()}), _JSON
    )
    store.write(references[1], canonical_json([shard.to_json() for shard in plan.shards]), _JSON)
    return PlannedDataset(run["run_id"], request.execution_arn, run["source"], *references, len(plan.shards))


def stage_shard(task: ShardTask, store: ObjectStore) -> ValidatedShard:
    """Validates one shard of a plan and writes its result beside its parts.

    What is wrong with the data is part of the result, so that `collect` can tell it with the line in the
    whole file. Raises InvalidRequestError for a plan or shard that does not exist.
    """
    run, plan = _planned(task, store)
    if task.shard >= len(plan.shards):
        raise InvalidRequestError(f"shard.index is {task.shard}; {task.plan} has {len(plan.shards)} shards")
    result = _validate(store, run, plan, task.shard)
    store.write(_result_reference(run, task.shard), canonical_json(result.to_json()), _JSON)
    shard = result.shard
    return ValidatedShard(
        run["run_id"], shard.index, shard.end - shard.start, result.report.rows, result.report.invalid_rows
    )


def collect(task: ShardTask, store: ObjectStore) -> ValidatedDataset:
    """The validated dataset of a plan whose shards are all validated.

    Raises the first shard's error, with its line in the whole file; InvalidDatasetError for the whole;
    DatasetChangedError when a shard's result is missing or is of another shard.
    """
    run, plan = _planned(task, store)

    def result_of(shard: Shard) -> ShardResult:
        reference = _result_reference(run, shard.index)
        value = json.loads(store.read(reference, missing=DatasetChangedError))
        result = ShardResult.from_json(plan.schema.feature_names, value)
        if result.shard != shard:
            raise DatasetChangedError(f"{reference} is the result of another shard than {shard}")
        return result

    with ThreadPoolExecutor(_RESULTS_AT_ONCE) as pool:
        return _conclude(store, run, task.execution_arn, plan, pool.map(result_of, plan.shards))


def _planned(task: ShardTask, store: ObjectStore) -> tuple[Json, Plan]:
    document = read_plan(store, task.plan, task.run_id)
    plan = Plan.from_json(document["plan"])
    return {name: document[name] for name in ("run_id", "code_version", "request", "source")}, plan


def _validate(store: ObjectStore, run: Json, plan: Plan, index: int) -> ShardResult:
    shard = plan.shards[index]
    alone = len(plan.shards) == 1
    folder = _folder(run) if alone else _shard_folder(run, index)
    request = run["request"]
    source = PinnedObject.from_identity(run["source"])
    keep_valid = request["max_invalid_rows"] > 0  # else one invalid row rejects the dataset

    def is_wanted(report: ValidationReport) -> bool:
        """A rejected dataset leaves no parts behind, as far as one shard can tell."""
        if not alone:
            return keep_valid or not report.invalid_rows
        try:
            report.check(request["label_column"], request["max_invalid_rows"])
        except InvalidDatasetError:
            return False
        return True

    try:
        return validate_shard(
            store, source, plan, shard, folder, request["label_column"], keep_valid, is_wanted
        )
    except DatasetChangedError as error:
        if alone:
            raise
        return ShardResult(shard, 0, error, [], ValidationReport(plan.schema.feature_names))


def _conclude(
    store: ObjectStore, run: Json, execution_arn: str | None, plan: Plan, results: Iterable[ShardResult]
) -> ValidatedDataset:
    """Merges the shards' results in order and writes the manifest; last of all, so that it never lies.

    Of a rejected dataset the manifest is written too, with the report and without parts.
    """
    report = ValidationReport(plan.schema.feature_names)
    parts: list[Json] = []
    lines = plan.header_lines
    request = run["request"]
    try:
        for result in results:
            report.merge(result.report, lines)
            parts += result.parts
            if isinstance(result.error, InvalidDatasetError):
                line = result.error.line
                raise InvalidDatasetError(result.error.text, None if line is None else line + lines)
            if result.error:
                raise result.error
            lines += result.lines
        report.check(request["label_column"], request["max_invalid_rows"])
    except InvalidDatasetError as error:
        outcome = {"status": "rejected", "error": str(error), "parts": []}
        _write_manifest(store, run, plan.schema, report, outcome)
        raise
    manifest = _write_manifest(store, run, plan.schema, report, {"status": "valid", "parts": parts})
    return ValidatedDataset(
        run_id=run["run_id"],
        execution_arn=execution_arn,
        dataset=run["source"] | {"rows": report.rows, "invalid_rows": report.invalid_rows},
        manifest=manifest,
    )


def _write_manifest(
    store: ObjectStore, run: Json, schema: Schema, report: ValidationReport, outcome: Json
) -> S3Reference:
    folder = _folder(run)
    manifest = S3Reference(folder.bucket, folder.key + "manifest.json")
    document = run | {
        "manifest_version": MANIFEST_VERSION,
        "columns": [column.to_json() for column in schema.columns],
        "features": list(schema.feature_names),
        "report": report.to_json(),
        **outcome,
    }
    store.write(manifest, canonical_json(document), _JSON)
    return manifest


def _folder(run: Json) -> S3Reference:
    return S3Reference(run["request"]["artifact_bucket"], f"runs/{run['run_id']}/dataset/")


def _shard_folder(run: Json, index: int) -> S3Reference:
    folder = _folder(run)
    return S3Reference(folder.bucket, f"{folder.key}shard-{index:05d}/")


def _result_reference(run: Json, index: int) -> S3Reference:
    folder = _shard_folder(run, index)
    return S3Reference(folder.bucket, folder.key + "result.json")
