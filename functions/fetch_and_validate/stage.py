"""The task FetchAndValidate: pins the CSV and plans its shards; a CSV of one is validated in place.

What an earlier run of the same work has finished is found and not done again, unless the request says force.
"""

from fetch_and_validate.collect_shards import conclude, dataset_of, write_rejection
from fetch_and_validate.current_model import current_model
from fetch_and_validate.plan import make_plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validate_shard import are_there, validated
from shared import telemetry
from shared.conditions import Conditions
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset, canonical_json, run_id_of
from shared.csv_file.columns import Schema
from shared.documents import PLAN_VERSION, find_manifest
from shared.errors import InvalidDatasetError, InvalidRequestError
from shared.event_fields import S3Reference
from shared.object_store import ObjectStore
from shared.run_files import RunFiles
from shared.shards import PlannedDataset
from shared.work import Work

_STEP = "FetchAndValidate"
_JSON = "application/json"


def stage(request: TrainingRequest, store: ObjectStore, config: Config) -> ValidatedDataset | PlannedDataset:
    """The validated dataset of a request, or for a CSV of several shards its plan.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written, or for several shards outside the state machine.
    """
    source = store.pin(request.bucket, request.key, request.version_id)
    parameters = request.parameters() | {"version_id": source.version_id}
    identity = parameters | {"shard_bytes": config.shard_bytes}  # parts follow from it too
    run_id = run_id_of(identity, source.identity(), config.code_version)
    work = Work(run_id, config.code_version, parameters, source)
    files = RunFiles(request.artifact_bucket, run_id)
    telemetry.bind(run_id=run_id)
    conditions = Conditions(
        request.force,
        newest=request.version_id is None,
        current_model=current_model(store, S3Reference(request.artifact_bucket, request.artifact_key)),
    )
    execution_arn = request.execution_arn
    if not request.force and (done := _finished(store, work, files, execution_arn, conditions)):
        return done
    try:
        plan, shards = make_plan(store, source, request, config.shard_bytes)
    except InvalidDatasetError as error:
        write_rejection(store, work, files, Schema((), (), -1), ValidationReport(()), error)
        raise
    if len(shards) == 1:
        result = validated(store, work, files, plan, shards[0])
        return conclude(store, work, files, execution_arn, conditions, plan, [result])
    if execution_arn is None:
        raise InvalidRequestError(
            f"the CSV has {source.bytes:,} bytes, {len(shards)} shards of about {config.shard_bytes:,}: one "
            "invocation validates one shard. Start the state machine, which validates them side by side "
            "(stepfunctions start-execution)"
        )
    document = work.to_json() | {"plan_version": PLAN_VERSION, "plan": plan.to_json()}
    store.write(files.plan, canonical_json(document), _JSON)
    store.write(files.shards, canonical_json([shard.to_json() for shard in shards]), _JSON)
    return PlannedDataset(
        run_id, execution_arn, source.identity(), files.plan, files.shards, len(shards), conditions
    )


def _finished(
    store: ObjectStore, work: Work, files: RunFiles, execution_arn: str | None, conditions: Conditions
) -> ValidatedDataset | None:
    """What an earlier run of the same work has left, where it is valid and its parts are still there."""
    manifest = find_manifest(store, files.manifest, work.run_id)
    if (
        manifest is None
        or manifest["status"] != "valid"
        or not are_there(store, manifest["parts"], files.dataset)
    ):
        return None
    return dataset_of(work, files, execution_arn, conditions, manifest["report"], cached=(_STEP,))
