"""Step 1 as a whole: the pinned CSV becomes parts and a manifest under `runs/<run_id>/dataset/`.

A CSV of one shard is validated in place. A larger one is planned (`stage`), its shards are validated side by
side, each by an invocation of its own (`stage_shard`), and their results become the manifest (`collect`).
What an earlier run of the same work has finished is found and not done again, unless the request says force.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fetch_and_validate.current_model import current_model
from fetch_and_validate.plan import Plan, make_plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validation import ShardResult, validate_shard
from shared import telemetry
from shared.conditions import Conditions
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset, canonical_json, run_id_of
from shared.csv_file.columns import Schema
from shared.documents import MANIFEST_VERSION, PLAN_VERSION, find_manifest, read_plan
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore, PinnedObject, check_still_newest
from shared.shards import PlannedDataset, Shard, ShardTask, ValidatedShard

_STEP = "FetchAndValidate"
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
    telemetry.bind(run_id=run["run_id"])
    conditions = Conditions(
        request.force,
        newest=request.version_id is None,
        current_model=current_model(store, S3Reference(request.artifact_bucket, request.artifact_key)),
    )
    execution_arn = request.execution_arn
    if not request.force and (done := _finished(store, run, execution_arn, conditions)):
        return done
    try:
        plan, shards = make_plan(store, source, request, config.shard_bytes)
    except InvalidDatasetError as error:
        outcome = {"status": "rejected", "error": str(error), "parts": []}
        _write_manifest(store, run, Schema((), (), -1), ValidationReport(()), outcome)
        raise
    if len(shards) == 1:
        result = _validate(store, run, plan, shards[0])
        return _conclude(store, run, execution_arn, conditions, plan, [result])
    if execution_arn is None:
        raise InvalidRequestError(
            f"the CSV has {source.bytes:,} bytes, {len(shards)} shards of about {config.shard_bytes:,}: one "
            "invocation validates one shard. Start the state machine, which validates them side by side "
            "(stepfunctions start-execution)"
        )
    references = [_in_folder(run, "plan.json"), _in_folder(run, "shards.json")]
    document = run | {"plan_version": PLAN_VERSION, "plan": plan.to_json()}
    store.write(references[0], canonical_json(document), _JSON)
    store.write(references[1], canonical_json([shard.to_json() for shard in shards]), _JSON)
    return PlannedDataset(run["run_id"], execution_arn, run["source"], *references, len(shards), conditions)


def stage_shard(task: ShardTask, store: ObjectStore) -> ValidatedShard:
    """Validates one shard of a plan and writes its result beside its parts.

    What is wrong with the data is part of the result, so that `collect` can tell it with the line in the
    whole file. Raises InvalidRequestError for a plan or shard that does not exist.
    """
    run, plan = _planned(task, store)
    shard = task.shard
    if shard.index >= plan.shard_count:
        raise InvalidRequestError(f"shard.index is {shard.index}; {task.plan} has {plan.shard_count} shards")
    found = None if task.conditions.force else _finished_shard(store, run, plan, shard)
    result = found or _validate(store, run, plan, shard)
    if not found:
        store.write(_result_reference(run, shard.index), canonical_json(result.to_json()), _JSON)
    return ValidatedShard(
        run["run_id"],
        shard.index,
        shard.end - shard.start,
        result.report.rows,
        result.report.invalid_rows,
        cached=found is not None,
    )


def collect(task: ShardTask, store: ObjectStore) -> ValidatedDataset:
    """The validated dataset of a plan whose shards are all validated.

    Raises the first shard's error, with its line in the whole file; InvalidDatasetError for the whole;
    DatasetChangedError when a shard's result is missing or is of another shard.
    """
    run, plan = _planned(task, store)
    shards = map(Shard.from_json, json.loads(store.read(_in_folder(run, "shards.json"))))

    def result_of(shard: Shard) -> ShardResult:
        reference = _result_reference(run, shard.index)
        value = json.loads(store.read(reference, missing=DatasetChangedError))
        result = ShardResult.from_json(value)
        if result.shard != shard:
            raise DatasetChangedError(f"{reference} is the result of another shard than {shard}")
        return result

    with ThreadPoolExecutor(_RESULTS_AT_ONCE) as pool:
        results = pool.map(result_of, shards)
        return _conclude(store, run, task.execution_arn, task.conditions, plan, results)


def _finished(
    store: ObjectStore, run: Json, execution_arn: str | None, conditions: Conditions
) -> ValidatedDataset | None:
    """What an earlier run of the same work has left, where it is valid and its parts are still there."""
    manifest = find_manifest(store, _in_folder(run, "manifest.json"), run["run_id"])
    if manifest is None or manifest["status"] != "valid" or not _are_there(store, run, manifest["parts"]):
        return None
    return _dataset(run, execution_arn, conditions, manifest["report"], cached=(_STEP,))


def _finished_shard(store: ObjectStore, run: Json, plan: Plan, shard: Shard) -> ShardResult | None:
    found = store.find(_result_reference(run, shard.index))
    try:
        value = json.loads(found.content) if found else None
    except ValueError:  # damaged, or put there by somebody else
        return None
    if not isinstance(value, dict):
        return None
    result = ShardResult.from_json(value)
    same = result.shard == shard and result.error is None
    return result if same and _are_there(store, run, result.parts, _shard_folder(run, shard.index)) else None


def _are_there(store: ObjectStore, run: Json, parts: list[Json], folder: S3Reference | None = None) -> bool:
    """Whether all parts lie in the folder; Summarize compares their contents."""
    sizes = store.sizes(folder or _folder(run))
    return all(sizes.get(part["key"]) == part["bytes"] for part in parts)


def _planned(task: ShardTask, store: ObjectStore) -> tuple[Json, Plan]:
    document = read_plan(store, task.plan, task.run_id)
    plan = Plan.from_json(document["plan"])
    return {name: document[name] for name in ("run_id", "code_version", "request", "source")}, plan


def _validate(store: ObjectStore, run: Json, plan: Plan, shard: Shard) -> ShardResult:
    alone = plan.shard_count == 1
    folder = _folder(run) if alone else _shard_folder(run, shard.index)
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
        return ShardResult(shard, error, [], ValidationReport(plan.schema.feature_names))


def _conclude(
    store: ObjectStore,
    run: Json,
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
    request = run["request"]
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
        outcome = {"status": "rejected", "error": str(error), "parts": []}
        _write_manifest(store, run, plan.schema, report, outcome)
        raise
    if conditions.newest:
        check_still_newest(store, PinnedObject.from_identity(run["source"]))
    _write_manifest(store, run, plan.schema, report, {"status": "valid", "parts": parts})
    return _dataset(run, execution_arn, conditions, report.to_json())


def _dataset(
    run: Json, execution_arn: str | None, conditions: Conditions, report: Json, cached: tuple[str, ...] = ()
) -> ValidatedDataset:
    return ValidatedDataset(
        run_id=run["run_id"],
        execution_arn=execution_arn,
        dataset=run["source"] | {name: report[name] for name in ("rows", "invalid_rows")},
        manifest=_in_folder(run, "manifest.json"),
        conditions=conditions,
        cached=cached,
    )


def _write_manifest(
    store: ObjectStore, run: Json, schema: Schema, report: ValidationReport, outcome: Json
) -> None:
    document = run | {
        "manifest_version": MANIFEST_VERSION,
        "columns": [column.to_json() for column in schema.columns],
        "features": list(schema.feature_names),
        "report": report.to_json(),
        **outcome,
    }
    store.write(_in_folder(run, "manifest.json"), canonical_json(document), _JSON)


def _folder(run: Json) -> S3Reference:
    return S3Reference(run["request"]["artifact_bucket"], f"runs/{run['run_id']}/dataset/")


def _in_folder(run: Json, name: str) -> S3Reference:
    folder = _folder(run)
    return S3Reference(folder.bucket, folder.key + name)


def _shard_folder(run: Json, index: int) -> S3Reference:
    return _in_folder(run, f"shard-{index:05d}/")


def _result_reference(run: Json, index: int) -> S3Reference:
    return _in_folder(run, f"shard-{index:05d}/result.json")
