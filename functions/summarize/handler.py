"""Step 2 of the training pipeline: fit on the train rows, evaluate on the held-out rows."""

from typing import Any

from shared import telemetry
from shared.config import Config
from shared.contracts import ValidatedDataset
from shared.event_fields import Json, task_in
from shared.previous_step import output_of_previous_step
from shared.storage import Storage
from summarize.choosing.fold_task import FoldTask, fit_fold
from summarize.rows.range_task import RangeTask
from summarize.summarize import summarize
from summarize.tasks.evaluate_shard import evaluate_shard
from summarize.tasks.gather_moments import gather_shard_moments
from summarize.tasks.learn_columns import learn_columns
from summarize.tasks.model_task import choose_of_ranges
from summarize.tasks.plan_ranges import plan_ranges
from summarize.tasks.summarize_shard import summarize_shard

storage = Storage()  # once per environment, outside the handler
_OF_RANGES = (
    "PlanRanges",
    "SummarizeShard",
    "LearnColumns",
    "GatherShardMoments",
    "ChooseModel",
    "EvaluateShard",
)


@telemetry.observed("Summarize")
def handler(event: Any, context: object) -> Json:
    config = Config.from_environment()
    match task_in(event, "Summarize", "FitFold", *_OF_RANGES):
        case "PlanRanges":
            return plan_ranges(ValidatedDataset.from_event(event), storage, config).to_event()
        case "SummarizeShard":
            return summarize_shard(RangeTask.from_event(event), storage).to_event()
        case "LearnColumns":
            return learn_columns(ValidatedDataset.from_event(event), storage).to_event()
        case "GatherShardMoments":
            return gather_shard_moments(RangeTask.from_event(event), storage).to_event()
        case "FitFold":
            return fit_fold(FoldTask.from_event(event), storage, config).to_event()
        case "ChooseModel":
            return choose_of_ranges(ValidatedDataset.from_event(event), storage).to_event()
        case "EvaluateShard":
            return evaluate_shard(RangeTask.from_event(event), storage).to_event()
        case _:
            dataset = ValidatedDataset.from_event(output_of_previous_step(event, config))
            return summarize(dataset, storage, config).to_event()
