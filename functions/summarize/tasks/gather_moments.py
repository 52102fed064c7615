"""The task GatherShardMoments: count, mean and scatter of each class in one range, for the Gaussian.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from shared.errors import InvalidRequestError
from shared.event_fields import Json
from shared.object_store import ObjectStore
from summarize.choosing.model_choice import gaussian_options
from summarize.rows.planned_data import PlannedData, encoding_in
from summarize.rows.range_moments import RangeMoments
from summarize.rows.range_task import DoneRange, RangeTask
from summarize.rows.training_data import RangeRows

_TASK = "GatherShardMoments"


def gather_shard_moments(task: RangeTask, store: ObjectStore) -> DoneRange:
    """Writes the range's moments; what is wrong with the data is in the result.

    Raises InvalidRequestError for a range that the plan does not have, or before LearnColumns.
    """
    about = PlannedData.of(task.dataset, store)
    wanted = about.data.plan.range_in(task.wanted)
    place, results = about.files.range_moments(wanted.index), about.moments()
    if not task.run.conditions.force and results.find(place):
        return DoneRange(task.run.found_done(_TASK), wanted.index, wanted.rows)
    encoding, options = encoding_in(about.columns()), gaussian_options(about.request)
    if options is None:
        raise InvalidRequestError(f"model {about.request['model']!r} is not fitted to moments of ranges")

    def made() -> Json:
        rows = RangeRows(about.data, wanted)
        return {"moments": RangeMoments.of(rows, encoding, options, about.request["refit_all"]).to_state()}

    results.write(place, made)
    return DoneRange(task.run, wanted.index, wanted.rows)
