"""The task ChooseModel: the model of data in ranges, by its folds, or of the ranges' moments.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from dataclasses import replace

from shared.contracts import ValidatedDataset
from shared.event_fields import Json
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, find_document, write_document
from summarize.choosing.model_choice import choose_model, gaussian_options
from summarize.choosing.range_files import learned_from_files, moments_from_files
from summarize.rows.draws import EXPLAINED, PROFILED, Draws
from summarize.rows.planned_data import PlannedData
from summarize.rows.range_task import planned, reference_in

_TASK = "ChooseModel"
_FITTED_ON = 0xFF & ~(PROFILED | EXPLAINED)


def choose_of_ranges(dataset: ValidatedDataset, store: ObjectStore) -> ValidatedDataset:
    """The dataset with a reference to the model and how it was chosen.

    Raises InvalidDatasetError where none can be fitted, or for the first range that has an error; InvalidRequestError
    for a dataset that is not planned or whose columns are not learned; DatasetChangedError for a file of the run that
    is missing or altered.
    """
    about = PlannedData.of(dataset, store)
    run, spread = dataset.run, planned(dataset)
    made_of: Json = {
        "columns": reference_in(spread, "columns").to_event(),
        "folds": [fold.to_event() for fold in dataset.folds],
    }
    found = None if run.conditions.force else find_document(store, about.files.choice, "choice", run.run_id)
    if found and found[1]["made_of"] == made_of:
        return replace(dataset, run=run.found_done(_TASK), spread=replace(spread, choice=found[0]))
    learned = learned_from_files(about, Draws.of(about.data, about.request), _FITTED_ON)
    moments = moments_from_files(about, gaussian_options(about.request))
    chosen = choose_model(dataset, about.request, learned, moments, store)
    document = {"choice_version": VERSIONS["choice"], "run_id": run.run_id, "made_of": made_of}
    reference = write_document(store, about.files.choice, document | chosen.to_json())
    return replace(dataset, spread=replace(spread, choice=reference))
