"""The task FitFold: the candidates' models of one fold, in a file that Summarize chooses from.

What an earlier run of the same work has left is found and not fitted again, unless the request says force.
"""

from dataclasses import dataclass
from typing import Self

from shared.config import Config
from shared.contracts import ValidatedDataset
from shared.event_fields import FileReference, Json
from shared.folds import Fold
from shared.object_store import ObjectStore
from shared.run import Run
from shared.run_files import VERSIONS, RunFiles, find_document, write_document
from summarize.choosing.candidates import candidates
from summarize.choosing.fit_fold import fold_result
from summarize.choosing.fitting_rows import FittingRows
from summarize.choosing.learned import Learned
from summarize.choosing.range_files import learned_from_files
from summarize.rows.draws import Draws
from summarize.rows.planned_data import PlannedData
from summarize.rows.range_summary import RangeSummary
from summarize.rows.training_data import TrainingData, read_manifest

_TASK = "FitFold"


@dataclass(frozen=True)
class FoldTask:
    """One fold of a dataset's train rows."""

    dataset: ValidatedDataset
    fold: Fold

    @classmethod
    def from_event(cls, event: Json) -> Self:
        return cls(ValidatedDataset.from_event(event), Fold.from_event(event.get("fold"), "fold"))


@dataclass(frozen=True)
class FittedFold:
    """Output of the task: the state machine takes `fold` out of it."""

    run: Run
    fold: Fold

    def to_event(self) -> Json:
        return {"run": self.run.to_event(), "fold": self.fold.to_event()}


def fit_fold(task: FoldTask, storage: ObjectStore, config: Config | None = None) -> FittedFold:
    """Fits every candidate without one fold.

    Raises InvalidRequestError (no such run, or more to fit than the function has time for), InvalidDatasetError (no
    row to train on) and DatasetChangedError (a file of the run is gone or altered).
    """
    dataset, fold = task.dataset, task.fold
    if not dataset.run.conditions.force and (found := found_fold(dataset, fold, storage)):
        return FittedFold(dataset.run.found_done(_TASK), fold.fitted(found[0]))
    manifest = read_manifest(dataset, storage)
    request = manifest["request"]
    learned = _learned(dataset, fold, manifest, storage, config or Config())
    fitting = learned.fitting_rows(request, candidates(request["model"], len(learned.data.classes)))
    return FittedFold(dataset.run, fold.fitted(write_fold(dataset, fold, fitting, storage)[0]))


def _learned(
    dataset: ValidatedDataset, fold: Fold, manifest: Json, storage: ObjectStore, config: Config
) -> Learned:
    """What the fold is fitted on: learned here, or by the ranges' Lambdas."""
    if dataset.spread:
        about = PlannedData.of(dataset, storage)
        draws = Draws.of(about.data, about.request)
        return learned_from_files(about, draws, draws.bit(fold.index))
    data = TrainingData.of(manifest, dataset.manifest.bucket, storage, config.range_cells)
    draws = Draws.of(data, manifest["request"])
    return Learned.of(data, draws, (RangeSummary.of(rows, draws) for rows in data.ranges()))


def found_fold(
    dataset: ValidatedDataset, fold: Fold, storage: ObjectStore
) -> tuple[FileReference, Json] | None:
    """What an earlier run of the same work has left for the fold."""
    run_id = dataset.run.run_id
    found = find_document(storage, RunFiles(dataset.manifest.bucket, run_id).fold(fold.index), "fold", run_id)
    about = {"manifest": dataset.manifest.to_event(), "count": fold.count}
    return found if found and {name: found[1].get(name) for name in about} == about else None


def write_fold(
    dataset: ValidatedDataset, fold: Fold, fitting: FittingRows, storage: ObjectStore
) -> tuple[FileReference, Json]:
    """Fits the fold's candidates and writes what came of them."""
    train, held_out = fitting.fold(fold)
    document = {
        "fold_version": VERSIONS["fold"],
        "run_id": dataset.run.run_id,
        "manifest": dataset.manifest.to_event(),
        "index": fold.index,
        "count": fold.count,
        **fold_result(train, held_out, fitting.features, fitting.classes, fitting.compared, fitting.seed),
    }
    place = RunFiles(dataset.manifest.bucket, dataset.run.run_id).fold(fold.index)
    return write_document(storage, place, document), document
