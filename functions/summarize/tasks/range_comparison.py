"""The current model on the test rows of data in ranges: whether it is scored on them, and what came of it."""

from shared.event_fields import Json
from summarize.judging.current_model import current_artifact
from summarize.judging.regression import Compared, Scored, compared_with, merged_scores
from summarize.rows.planned_data import PlannedData
from summarize.scoring.evaluation import Evaluation
from summarize.summary import split_of


def compared_in_ranges(about: PlannedData, choice: Json) -> Compared | None:
    """How the current model is compared, where it has to be scored on the test rows; else None.

    choice: ChooseModel's document. It is read only where the request may ask for it.
    """
    run = about.dataset.run
    if run.conditions.current_model is None or about.request["max_regression"] is None:
        return None
    known = {
        "run_id": run.run_id,
        "split": split_of(about.data, about.request),
        "decision": choice["decision"],
    }
    current = current_artifact(run, about.request, about.store)
    found = compared_with(current, about.dataset, about.manifest, known)
    return found if found and found.predictor else None


def scored_in_ranges(about: PlannedData, compared: Compared) -> Scored:
    """What EvaluateShards has left of the current model, merged; or why it cannot be asked."""
    assert compared.current is not None
    places = (about.files.range_current(index, compared.current) for index in range(about.data.plan.count))
    found = about.currents(compared.current).read(places)
    return merged_scores(one["why_not"] or Evaluation.from_state(one["evaluation"]) for one in found)


def scored_to_json(scored: Scored) -> Json:
    """What a range's task leaves for `scored_in_ranges`."""
    if isinstance(scored, str):
        return {"why_not": scored, "evaluation": None}
    return {"why_not": None, "evaluation": scored.to_state()}
