"""The task FetchAndValidate: pins the CSV and plans its shards; a CSV of one is validated in place.

What an earlier run of the same work has finished is found and not done again, unless the request says force.
"""

from fetch_and_validate.collect_shards import conclude, dataset_of, write_rejection
from fetch_and_validate.current_model import current_model
from fetch_and_validate.plan import make_plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validate_shard import are_there, validated
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from shared.csv_file.columns import Schema
from shared.errors import InvalidDatasetError, InvalidRequestError
from shared.event_fields import S3Reference
from shared.object_store import ObjectStore
from shared.run import Conditions, Run
from shared.run_files import VERSIONS, find_document, write_json
from shared.shards import PlannedDataset
from shared.work import Work, run_id_of

_TASK = "FetchAndValidate"


def stage(request: TrainingRequest, store: ObjectStore, config: Config) -> ValidatedDataset | PlannedDataset:
    """The validated dataset of a request, or for a CSV of several shards its plan.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written, or for several shards outside the state machine.
    """
    source = store.pin(request.bucket, request.key, request.version_id)
    parameters = request.parameters() | {"version_id": source.version_id}
    identity = parameters | {"shard_bytes": config.shard_bytes}  # parts follow from it too
    run_id = run_id_of(identity, source.identity(), config.code_version)
    telemetry.bind(run_id=run_id)
    work = Work(run_id, config.code_version, parameters, source)
    conditions = Conditions(
        request.force,
        newest=request.version_id is None,
        current_model=current_model(store, S3Reference(request.artifact_bucket, request.artifact_key)),
    )
    run = Run(run_id, request.execution_arn, conditions)
    if not request.force and (done := _finished(store, work, run)):
        return done
    try:
        plan, shards = make_plan(store, source, request, config.shard_bytes)
    except InvalidDatasetError as error:
        write_rejection(store, work, Schema((), (), -1), ValidationReport(()), error)
        raise
    if len(shards) == 1:
        return conclude(store, work, run, plan, [validated(store, work, plan, shards[0])])
    if run.execution_arn is None:
        raise InvalidRequestError(
            f"the CSV has {source.bytes:,} bytes, {len(shards)} shards of about {config.shard_bytes:,}: one "
            "invocation validates one shard. Start the state machine, which validates them side by side "
            "(stepfunctions start-execution)"
        )
    document = work.to_json() | {"plan_version": VERSIONS["plan"], "plan": plan.to_json()}
    return PlannedDataset(
        run=run,
        dataset=source.identity(),
        plan=write_json(store, work.files.plan, document),
        shards=write_json(store, work.files.shards, [shard.to_json() for shard in shards]),
        shard_count=len(shards),
    )


def _finished(store: ObjectStore, work: Work, run: Run) -> ValidatedDataset | None:
    """What an earlier run of the same work has left, where it is valid and its parts are still there."""
    found = find_document(store, work.files.manifest, "manifest", work.run_id)
    if found is None:
        return None
    reference, manifest = found
    if manifest["status"] != "valid" or not are_there(store, manifest["parts"], work.files.dataset):
        return None
    return dataset_of(work, run.found_done(_TASK), reference, manifest["report"])
