"""The task EvaluateShard: what the model says of one range's test rows; and the current one, where both are compared.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from shared.event_fields import Json
from shared.object_store import ObjectStore
from shared.run_files import write_file
from shared.test_rows import CONTENT_TYPE
from summarize.choosing.model_choice import ModelChoice
from summarize.judging.regression import Compared, score_current
from summarize.rows.planned_data import PlannedData, encoding_in
from summarize.rows.range_task import DoneRange, RangeTask
from summarize.rows.training_data import RangeRows
from summarize.scoring.range_evaluation import RangeEvaluation
from summarize.tasks.range_comparison import compared_in_ranges, scored_to_json

_TASK = "EvaluateShard"


def evaluate_shard(task: RangeTask, store: ObjectStore) -> DoneRange:
    """Writes what was counted of the range's test rows, and what was said of each; errors of the data are in the
    results.

    Raises InvalidRequestError for a range that the plan does not have, or before ChooseModel.
    """
    about = PlannedData.of(task.dataset, store)
    rows = RangeRows(about.data, about.data.plan.range_in(task.wanted))
    choice, wanted = about.choice(), rows.extent
    compared = compared_in_ranges(about, choice)
    is_found = [_evaluated(about, rows, choice), compared is None or _compared(about, rows, choice, compared)]
    run = task.run.found_done(_TASK) if all(is_found) else task.run
    return DoneRange(run, wanted.index, wanted.rows)


def _evaluated(about: PlannedData, rows: RangeRows, choice: Json) -> bool:
    """The model on the rows, written unless it is there: whether it was."""
    index = rows.extent.index
    place, rows_place, results = (
        about.files.range_evaluation(index),
        about.files.range_test_rows(index),
        about.evaluations(),
    )
    found = None if about.dataset.run.conditions.force else results.find(place)
    # Whoever reads the rows compares their content.
    if found and about.store.sizes(rows_place).get(rows_place.key) == found["rows"]["bytes"]:
        return True

    def made() -> Json:
        encoding = encoding_in(about.columns())
        chosen = ModelChoice.from_json(choice, encoding.features)
        sensitive = about.request["sensitive_columns"] or ()
        evaluated = RangeEvaluation.of(rows, chosen.model, chosen.decision, encoding, sensitive)
        content = evaluated.rows.to_npz()
        reference = write_file(about.store, rows_place, content, CONTENT_TYPE)
        return {
            "evaluation": evaluated.to_state(),
            "rows": {"sha256": reference.sha256, "bytes": len(content)},
        }

    results.write(place, made)
    return False


def _compared(about: PlannedData, rows: RangeRows, choice: Json, compared: Compared) -> bool:
    """The current model on the rows, written unless it is there: whether it was."""
    assert compared.predictor is not None
    assert compared.current is not None  # it was read
    predictor = compared.predictor
    place = about.files.range_current(rows.extent.index, compared.current)
    results = about.currents(compared.current)
    if not about.dataset.run.conditions.force and results.find(place):
        return True

    results.write(place, lambda: scored_to_json(score_current(rows, predictor, choice)))
    return False
