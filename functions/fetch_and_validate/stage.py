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
from shared.errors import DatasetNotFoundError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import S3Reference
from shared.object_store import ObjectStore, PinnedObject
from shared.run import Conditions, Run
from shared.run_files import VERSIONS, find_document, write_document, write_json
from shared.shards import PlannedDataset
from shared.work import Work, run_id_of

_TASK = "FetchAndValidate"
_LISTED = 1000  # objects of a folder that are looked for
_NAMED = 5


def stage(request: TrainingRequest, store: ObjectStore, config: Config) -> ValidatedDataset | PlannedDataset:
    """The validated dataset of a request, or for a CSV of several shards its plan.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written, or for several shards outside the state machine.
    """
    source = _pinned(store, request)
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
        plan=write_document(store, work.files.plan, document),
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
    return dataset_of(work, run.found_done(_TASK), reference, manifest)


def _pinned(store: ObjectStore, request: TrainingRequest) -> PinnedObject:
    """The CSV's object; raises DatasetNotFoundError, which tells a folder from nothing at all."""
    folder = S3Reference(request.bucket, request.key.rstrip("/") + "/")
    try:
        source = store.pin(request.bucket, request.key, request.version_id)
    except DatasetNotFoundError as error:
        if keys := list(store.sizes(folder, at_most=_LISTED)):
            raise _is_folder(folder, keys) from error
        raise
    if source.key.endswith("/") and not source.bytes:  # the console's mark of a folder
        keys = [key for key in store.sizes(folder, at_most=_LISTED) if key != source.key]
        raise _is_folder(folder, keys)
    return source


def _is_folder(folder: S3Reference, keys: list[str]) -> DatasetNotFoundError:
    count = f"{_LISTED:,} objects or more" if len(keys) >= _LISTED - 1 else f"{len(keys)} objects"
    named = ", ".join(map(repr, keys[:_NAMED])) + (", ..." if len(keys) > _NAMED else "")
    return DatasetNotFoundError(
        f"{folder} is a folder, not an object; it holds {count}{': ' if named else ''}{named}; key names one object"
    )
