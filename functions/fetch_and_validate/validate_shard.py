"""The task ValidateShard: one shard of a plan becomes parts and a result, which CollectShards merges."""

import json
from functools import partial

from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.settled_columns import settled
from fetch_and_validate.validation import ShardResult, read_shard
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import FileReference, Json, S3Reference
from shared.object_store import ObjectStore
from shared.run_files import RunFiles, read_document, write_json
from shared.shards import Shard, ShardTask, ValidatedShard
from shared.work import Work

_TASK = "ValidateShard"


def validate_shard(task: ShardTask, store: ObjectStore) -> ValidatedShard:
    """Validates one shard of a plan and writes its result beside its parts.

    What is wrong with the data is part of the result, so that `collect_shards` can tell it with the line in
    the whole file. Raises InvalidRequestError for a plan or shard that does not exist.
    """
    run, shard = task.run, task.shard
    work, plan = planned(store, task.plan, run.run_id)
    if shard.index >= plan.shard_count:
        raise InvalidRequestError(f"shard.index is {shard.index}; {task.plan} has {plan.shard_count} shards")
    result = None if run.conditions.force else _finished(store, work.files, shard)
    if result:
        run = run.found_done(_TASK)
    else:
        result = validated(store, work, plan, shard)
        write_json(store, work.files.shard_result(shard.index), result.to_json())
    return ValidatedShard(
        run,
        shard.index,
        (shard.end or work.source.bytes) - shard.start,
        result.report.rows,
        result.report.invalid_rows,
    )


def planned(store: ObjectStore, reference: FileReference, run_id: str) -> tuple[Work, Plan]:
    """A run's work and the plan for it."""
    document = read_document(store, reference, "plan", run_id)
    return Work.from_document(document), Plan.from_json(document["plan"])


def are_there(store: ObjectStore, parts: list[Json], folder: S3Reference) -> bool:
    """Whether all parts lie in the folder; Summarize compares their contents."""
    sizes = store.sizes(folder)
    return all(sizes.get(part["key"]) == part["bytes"] for part in parts)


def _finished(store: ObjectStore, files: RunFiles, shard: Shard) -> ShardResult | None:
    found = store.find(files.shard_result(shard.index))
    try:
        value = json.loads(found.content) if found else None
    except ValueError:  # damaged, or put there by somebody else
        return None
    if not isinstance(value, dict):
        return None
    result = ShardResult.from_json(value)
    same = result.shard == shard and result.error is None
    return result if same and are_there(store, result.parts, files.shard(shard.index)) else None


def validated(store: ObjectStore, work: Work, plan: Plan, shard: Shard) -> ShardResult:
    """One shard read, its parts written; what is wrong with the data is in the result."""
    request = work.request
    keep_valid = request["max_invalid_rows"] > 0  # else one invalid row rejects the dataset

    def is_wanted(report: ValidationReport) -> bool:
        """A rejected dataset leaves no parts behind, as far as one shard can tell."""
        if plan.shard_count > 1:
            return keep_valid or not report.invalid_rows
        try:
            report.check(request["label_column"], request["max_invalid_rows"])
            settled(plan.schema, report, request)
        except InvalidDatasetError:
            return False
        return True

    place = partial(work.files.part, shard.index)
    try:
        return read_shard(
            store, work.source, plan, shard, place, request["label_column"], keep_valid, is_wanted
        )
    except DatasetChangedError as error:
        return ShardResult(shard, error, [], ValidationReport.of(plan.schema))
