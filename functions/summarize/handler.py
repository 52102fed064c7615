"""Step 2 of the training pipeline: fit on the train rows, evaluate on the held-out rows."""

from typing import Any

from shared import telemetry
from shared.config import Config
from shared.contracts import ValidatedDataset
from shared.event_fields import Json, task_in
from shared.previous_step import output_of_previous_step
from shared.storage import Storage
from summarize.fold_task import FoldTask, fit_fold
from summarize.summarize import summarize

storage = Storage()  # once per environment, outside the handler


@telemetry.observed("Summarize")
def handler(event: Any, context: object) -> Json:
    if task_in(event, "Summarize", "FitFold") == "FitFold":
        return fit_fold(FoldTask.from_event(event), storage).to_event()
    dataset = ValidatedDataset.from_event(output_of_previous_step(event, Config.from_environment()))
    return summarize(dataset, storage).to_event()
