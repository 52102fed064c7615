"""The task LearnColumns: the ranges' counts, merged in order, become the encoding of the columns.

What an earlier run of the same work has left is found and not made again, unless the request says force.
"""

from dataclasses import replace

from shared.contracts import ValidatedDataset
from shared.event_fields import Json
from shared.model.encoding import ColumnCounts
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, find_document, write_document
from summarize.rows.planned_data import PlannedData
from summarize.rows.range_task import planned

_TASK = "LearnColumns"


def learn_columns(dataset: ValidatedDataset, store: ObjectStore) -> ValidatedDataset:
    """The dataset with a reference to what was learned.

    Raises the first range's error; InvalidRequestError for a dataset that is not planned, DatasetChangedError for a
    range's result that is missing or altered.
    """
    about = PlannedData.of(dataset, store)
    run, spread, results = dataset.run, planned(dataset), about.summaries()
    found = None if run.conditions.force else find_document(store, about.files.columns, "columns", run.run_id)
    if found and found[1]["made_of"] == results.made_of:
        return replace(dataset, run=run.found_done(_TASK), spread=replace(spread, columns=found[0]))
    counts, samples = ColumnCounts(), []
    for result in results.read(map(about.files.range_summary, range(about.data.plan.count))):
        counts = counts.merge(ColumnCounts.from_state(result["counts"]))
        samples.append(result["sample"]["sha256"])
    document: Json = {
        "columns_version": VERSIONS["columns"],
        "run_id": run.run_id,
        "made_of": results.made_of,
        "encoding": about.data.learned(counts).to_json(),
        "samples": samples,
    }
    reference = write_document(store, about.files.columns, document)
    return replace(dataset, spread=replace(spread, columns=reference))
