"""The task PlanRanges: how the rows are split and cut into ranges, and the list of ranges that the Maps go over.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from dataclasses import replace

from shared.canonical_json import canonical_json
from shared.config import Config
from shared.contracts import ValidatedDataset
from shared.event_fields import FileReference, Json, S3Reference
from shared.object_store import ObjectStore
from shared.run_files import RunFiles, find_document, sealed, write_document, write_json
from shared.spread import Spread
from summarize.choosing.model_choice import gaussian_options
from summarize.rows.range_plan import RangePlan, is_newest_first
from summarize.rows.ranges import Range, ranges_of
from summarize.rows.stored_rows import StoredRows
from summarize.rows.training_data import read_manifest

_TASK = "PlanRanges"


def plan_ranges(dataset: ValidatedDataset, storage: ObjectStore, config: Config) -> ValidatedDataset:
    """The dataset with the plan and the list of its ranges.

    Raises InvalidRequestError (no such run), InvalidDatasetError (no row is left to train on) and
    DatasetChangedError (a file of the run is gone or altered).
    """
    run = dataset.run
    manifest = read_manifest(dataset, storage)
    stored = StoredRows(manifest, dataset.manifest.bucket, storage, is_newest_first(manifest))
    files = RunFiles(dataset.manifest.bucket, run.run_id)
    found = (
        None if run.conditions.force else find_document(storage, files.range_plan, "range_plan", run.run_id)
    )
    if found and found[1]["manifest"] == dataset.manifest.to_event():
        run = run.found_done(_TASK)
        reference, plan = found[0], RangePlan.from_json(found[1])
    else:
        plan = RangePlan.of(manifest, stored, config.range_cells)
        reference = write_document(storage, files.range_plan, plan.to_json(run.run_id, dataset.manifest))
    spread = Spread(
        plan=reference,
        ranges=_written(
            storage, files.ranges, [_listed(one, stored) for one in ranges_of(plan.rows, plan.size)]
        ),
        count=plan.count,
        moments=gaussian_options(manifest["request"]) is not None,
    )
    return replace(dataset, run=run, spread=spread)


def _written(storage: ObjectStore, place: S3Reference, listed: list[Json]) -> FileReference:
    """The list, written unless it is there."""
    content = canonical_json(listed)
    there = storage.find(place)
    return (
        sealed(place, content) if there and there.content == content else write_json(storage, place, listed)
    )


def _listed(one: Range, stored: StoredRows) -> Json:
    """What the Map's item is given; the shards that hold the rows are said for people."""
    return one.to_json() | {"shards": list(stored.shards_of(one))}
