"""The task ValidateShard: one shard of a plan becomes parts and a result, which CollectShards merges."""

import json

from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.validation import ShardResult, read_shard
from shared.contracts import canonical_json
from shared.documents import read_plan
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.run_files import RunFiles
from shared.shards import Shard, ShardTask, ValidatedShard
from shared.work import Work


def validate_shard(task: ShardTask, store: ObjectStore) -> ValidatedShard:
    """Validates one shard of a plan and writes its result beside its parts.

    What is wrong with the data is part of the result, so that `collect_shards` can tell it with the line in
    the whole file. Raises InvalidRequestError for a plan or shard that does not exist.
    """
    work, files, plan = planned(task, store)
    shard = task.shard
    if shard.index >= plan.shard_count:
        raise InvalidRequestError(f"shard.index is {shard.index}; {task.plan} has {plan.shard_count} shards")
    found = None if task.conditions.force else _finished(store, files, shard)
    result = found or validated(store, work, files, plan, shard)
    if not found:
        store.write(files.shard_result(shard.index), canonical_json(result.to_json()), "application/json")
    return ValidatedShard(
        work.run_id,
        shard.index,
        shard.end - shard.start,
        result.report.rows,
        result.report.invalid_rows,
        cached=found is not None,
    )


def planned(task: ShardTask, store: ObjectStore) -> tuple[Work, RunFiles, Plan]:
    """What a task is about: its work, where the run's files lie, and the plan."""
    document = read_plan(store, task.plan, task.run_id)
    work = Work.from_document(document)
    return work, RunFiles(work.request["artifact_bucket"], work.run_id), Plan.from_json(document["plan"])


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


def validated(store: ObjectStore, work: Work, files: RunFiles, plan: Plan, shard: Shard) -> ShardResult:
    """One shard read, its parts written; what is wrong with the data is in the result."""
    alone = plan.shard_count == 1
    request = work.request
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

    folder = files.dataset if alone else files.shard(shard.index)
    try:
        return read_shard(
            store, work.source, plan, shard, folder, request["label_column"], keep_valid, is_wanted
        )
    except DatasetChangedError as error:
        if alone:
            raise
        return ShardResult(shard, error, [], ValidationReport(plan.schema.feature_names))
