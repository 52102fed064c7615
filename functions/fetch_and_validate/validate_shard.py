"""The task ValidateShard: one shard of a plan becomes parts and a result, which CollectShards merges."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fetch_and_validate.decision_check import check_decision
from fetch_and_validate.plan import Plan
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.settled_columns import settled
from fetch_and_validate.stretches import Stretch, of_folder, of_object
from fetch_and_validate.validation import ShardResult, read_shard
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import FileReference, Json, S3Reference
from shared.folder import PinnedFolder, read_objects
from shared.manifest_parts import part_entries
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, find_document, read_document, write_document
from shared.shards import Shard, ShardTask, ValidatedShard
from shared.work import Work

_TASK = "ValidateShard"
_AT_ONCE = 16


def validate_shard(task: ShardTask, store: ObjectStore) -> ValidatedShard:
    """Validates one shard of a plan and writes its result beside its parts.

    What is wrong with the data is part of the result, so that `collect_shards` can tell it with the line in
    the whole file. Raises InvalidRequestError for a plan or shard that does not exist.
    """
    run, shard = task.run, task.shard
    work, plan = planned(store, task.plan, run.run_id)
    if shard.index >= plan.shard_count:
        raise InvalidRequestError(f"shard.index is {shard.index}; {task.plan} has {plan.shard_count} shards")
    result = None if run.conditions.force else _finished(store, work, shard)
    if result:
        run = run.found_done(_TASK)
    else:
        result = validated(store, work, plan, shard)
        document = {"shard_version": VERSIONS["shard"], "run_id": run.run_id, **result.to_json()}
        write_document(store, work.files.shard_result(shard.index), document)
    return ValidatedShard(
        run,
        shard.index,
        shard.size_in(work.source.bytes),
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


def all_there(store: ObjectStore, work: Work, manifest: Json) -> bool:
    """Whether all parts that a valid manifest leads to are there."""
    shards = range(len(manifest["shards"]))
    if not shards:
        return are_there(store, manifest["parts"], work.files.dataset)

    def is_whole(shard: int) -> bool:
        try:
            parts = list(part_entries(manifest, work.files.bucket, store, range(shard, shard + 1)))
        except (
            InvalidRequestError,
            DatasetChangedError,
        ):  # its result is gone, or another run has altered it
            return False
        return are_there(store, parts, work.files.shard(shard))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return all(pool.map(is_whole, shards))


def _finished(store: ObjectStore, work: Work, shard: Shard) -> ShardResult | None:
    found = find_document(store, work.files.shard_result(shard.index), "shard", work.run_id)
    if found is None:
        return None
    result = ShardResult.from_json(found[1])
    same = result.shard == shard and result.error is None
    return result if same and are_there(store, result.parts, work.files.shard(shard.index)) else None


def _stretches(store: ObjectStore, work: Work, plan: Plan, shard: Shard) -> Iterator[Stretch]:
    if isinstance(work.source, PinnedFolder):
        objects = read_objects(store, work.files, work.source)
        return of_folder(store, objects, plan, shard, work.request["skip_lines"])
    return of_object(store, work.source, plan, shard)


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
            check_decision(request, report.classes)
            settled(plan.schema, report, request)
        except InvalidDatasetError:
            return False
        return True

    place = partial(work.files.part, shard.index)
    try:
        return read_shard(
            _stretches(store, work, plan, shard),
            store,
            plan,
            shard,
            place,
            request["label_column"],
            keep_valid,
            is_wanted,
        )
    except DatasetChangedError as error:
        return ShardResult(shard, error, [], ValidationReport.of(plan.schema))
