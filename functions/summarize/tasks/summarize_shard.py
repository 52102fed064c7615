"""The task SummarizeShard: what the columns hold in one range's train rows, and the rows of it that are drawn.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from shared.event_fields import Json
from shared.object_store import ObjectStore
from shared.run_files import write_file
from summarize.rows.draws import Draws
from summarize.rows.planned_data import PlannedData
from summarize.rows.range_summary import RangeSummary
from summarize.rows.range_task import DoneRange, RangeTask
from summarize.rows.training_data import RangeRows

_TASK = "SummarizeShard"
_NPZ = "application/zip"


def summarize_shard(task: RangeTask, store: ObjectStore) -> DoneRange:
    """Writes the range's counts and its drawn rows; what is wrong with the data is in the result.

    Raises InvalidRequestError for a range that the plan does not have.
    """
    about = PlannedData.of(task.dataset, store)
    wanted = about.data.plan.range_in(task.wanted)
    sample = about.files.range_sample(wanted.index)
    place, results = about.files.range_summary(wanted.index), about.summaries()
    found = None if task.run.conditions.force else results.find(place)
    # Whoever reads the sample compares its content.
    if found and store.sizes(sample).get(sample.key) == found["sample"]["bytes"]:
        return DoneRange(task.run.found_done(_TASK), wanted.index, wanted.rows)

    def made() -> Json:
        found = RangeSummary.of(RangeRows(about.data, wanted), Draws.of(about.data, about.request))
        content = found.sample.to_npz()
        reference = write_file(store, sample, content, _NPZ)
        return {
            "counts": found.counts.to_state(),
            "sample": {"sha256": reference.sha256, "bytes": len(content)},
        }

    results.write(place, made)
    return DoneRange(task.run, wanted.index, wanted.rows)
