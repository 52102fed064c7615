"""The task FetchAndValidate: pins the CSV, or each of a folder, and plans its shards; one shard is validated in place.

What an earlier run of the same work has finished is found and not done again, unless the request says force.
"""

from fetch_and_validate.collect_shards import conclude, dataset_of, write_rejection
from fetch_and_validate.current_model import current_model
from fetch_and_validate.folder_plan import make_folder_plan
from fetch_and_validate.plan import make_plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validate_shard import all_there, validated
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from shared.csv_file.columns import Schema
from shared.errors import DatasetNotFoundError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import S3Reference
from shared.folder import PinnedFolder, is_folder, objects_in, write_objects
from shared.object_store import ObjectStore, PinnedObject
from shared.run import Conditions, Run
from shared.run_files import VERSIONS, find_document, write_document, write_json
from shared.shards import PlannedDataset
from shared.source import Source
from shared.work import Work, run_id_of

_TASK = "FetchAndValidate"
_LISTED = 1000  # objects of a folder that are looked for
_NAMED = 5


def stage(request: TrainingRequest, store: ObjectStore, config: Config) -> ValidatedDataset | PlannedDataset:
    """The validated dataset of a request, or for data of several shards its plan.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written, or for several shards outside the state machine.
    """
    source, objects = _pinned(store, request)
    parameters = request.parameters() | {"version_id": source.version_id}
    # Parts and sums follow from these too.
    identity = parameters | {"shard_bytes": config.shard_bytes, "range_cells": config.range_cells}
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
        if isinstance(source, PinnedFolder):
            write_objects(store, work.files, objects)
            plan, shards = make_folder_plan(store, objects, request, config.shard_bytes)
        else:
            plan, shards = make_plan(store, source, request, config.shard_bytes)
    except InvalidDatasetError as error:
        write_rejection(store, work, Schema((), (), -1), ValidationReport(()), error)
        raise
    if len(shards) == 1:
        return conclude(store, work, run, plan, [(validated(store, work, plan, shards[0]), None)])
    if run.execution_arn is None:
        raise InvalidRequestError(
            f"the data has {source.bytes:,} bytes, {len(shards)} shards of about {config.shard_bytes:,}: one "
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
    if manifest["status"] != "valid" or not all_there(store, work, manifest):
        return None
    return dataset_of(work, run.found_done(_TASK), reference, manifest)


def _pinned(store: ObjectStore, request: TrainingRequest) -> tuple[Source, list[PinnedObject]]:
    """The CSV's object, or a folder with its objects; raises DatasetNotFoundError, which tells of a missing slash."""
    if is_folder(request.key):
        objects = objects_in(store, request.bucket, request.key)
        folder = PinnedFolder.of(request.bucket, request.key, objects)
        if not objects:
            raise DatasetNotFoundError(
                f"{folder} has no object with data: none but empty ones and those under names that begin with _ or ."
            )
        return folder, objects
    try:
        source = store.pin(request.bucket, request.key, request.version_id)
    except DatasetNotFoundError as error:
        folder_key = S3Reference(request.bucket, f"{request.key}/")
        if keys := list(store.sizes(folder_key, at_most=_LISTED)):
            raise _is_folder(folder_key, keys) from error
        raise
    return source, [source]


def _is_folder(folder: S3Reference, keys: list[str]) -> DatasetNotFoundError:
    count = f"{_LISTED:,} objects or more" if len(keys) >= _LISTED else f"{len(keys)} objects"
    named = ", ".join(map(repr, keys[:_NAMED])) + (", ..." if len(keys) > _NAMED else "")
    return DatasetNotFoundError(
        f"{folder} is a folder, which holds {count}: {named}; a key that ends in / means all of them together"
    )
