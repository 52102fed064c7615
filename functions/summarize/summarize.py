"""Step 2 as a whole: fit on the train rows, evaluate on the held-out rows, write the run's summary.

The summary of an earlier run of the same work is found and not made again, unless the request says force.
"""

from dataclasses import replace
from functools import partial
from typing import Protocol

from shared.config import Config
from shared.contracts import TrainingSummary, ValidatedDataset, Verdict
from shared.event_fields import Json
from shared.object_store import ObjectStore
from shared.run_files import RunFiles, find_document, write_document
from summarize.judging.current_model import current_artifact
from summarize.judging.drift import drift_since, in_brief
from summarize.judging.gate import gate
from summarize.judging.regression import Compared, Scored, regression_since
from summarize.rows.planned_data import PlannedData
from summarize.rows.training_data import TrainingData, read_manifest
from summarize.tasks.at_once import AtOnce
from summarize.tasks.from_ranges import FromRanges

_TASK = "Summarize"


def summarize(
    dataset: ValidatedDataset, storage: ObjectStore, config: Config | None = None
) -> TrainingSummary:
    """The summary of a validated dataset: the model, its metrics and the gate's verdict on them.

    Raises InvalidRequestError (no such run), InvalidDatasetError (no model can be fitted to it) and
    DatasetChangedError (a part is gone or altered).
    """
    run = dataset.run
    manifest = read_manifest(dataset, storage)
    work = _work(dataset, manifest, storage, config or Config())
    place = RunFiles(dataset.manifest.bucket, run.run_id).summary
    found = None if run.conditions.force else find_document(storage, place, "summary", run.run_id)
    if found and found[1]["manifest"] == dataset.manifest.to_event():
        reference, document = found
        dataset = replace(dataset, run=run.found_done(_TASK))
    else:
        document = work.summary()
        reference = write_document(storage, place, document)
    current = current_artifact(run, manifest["request"], storage)
    drift = drift_since(current, manifest, document)
    score = partial(work.score_current, summary=document)
    regression = regression_since(current, dataset, manifest, document, score)
    leaderboard = document["choice"]["leaderboard"] if document["choice"] else []
    return TrainingSummary(
        dataset,
        document["metrics"],
        gate(manifest["request"], document, regression, drift),
        reference,
        tuple(leaderboard),
        tuple(document["warnings"]),
        Verdict.from_event(document["verdict"]),
        regression=regression,
        decision=document["decision"],
        drift=in_brief(drift, RunFiles(dataset.manifest.bucket, run.run_id), storage),
    )


class _Work(Protocol):
    """What the summary is made of, by this invocation alone or by the ranges' Lambdas before it."""

    def summary(self) -> Json: ...
    def score_current(self, compared: Compared, summary: Json) -> Scored: ...


def _work(dataset: ValidatedDataset, manifest: Json, storage: ObjectStore, config: Config) -> _Work:
    if dataset.spread and dataset.spread.choice:
        return FromRanges(PlannedData.of(dataset, storage))
    data = TrainingData.of(manifest, dataset.manifest.bucket, storage, config.range_cells)
    return AtOnce(dataset, manifest["request"], data, storage)
