"""What every task of the ranges begins with: the run's manifest and plan, and the rows as these two have them."""

from dataclasses import dataclass, replace
from typing import Self

from shared.contracts import ValidatedDataset
from shared.errors import DatasetChangedError
from shared.event_fields import Json
from shared.model.encoding import Encoding
from shared.object_store import ObjectStore
from shared.run_files import RunFiles, read_document
from summarize.rows.range_plan import RangePlan, is_newest_first
from summarize.rows.range_results import ResultKind
from summarize.rows.range_task import planned, reference_in
from summarize.rows.stored_rows import StoredRows
from summarize.rows.training_data import TrainingData, read_manifest


@dataclass(frozen=True)
class PlannedData:
    """files: of the run."""

    dataset: ValidatedDataset
    manifest: Json
    data: TrainingData
    files: RunFiles
    store: ObjectStore

    @classmethod
    def of(cls, dataset: ValidatedDataset, store: ObjectStore) -> Self:
        """Raises InvalidRequestError for a dataset that is not planned, DatasetChangedError for an altered file."""
        spread, run_id = planned(dataset), dataset.run.run_id
        assert spread.plan is not None  # or `planned` would have refused it
        manifest = read_manifest(dataset, store)
        document = read_document(store, spread.plan, "range_plan", run_id)
        if document["manifest"] != dataset.manifest.to_event():
            raise DatasetChangedError(
                f"{spread.plan} is the plan of another manifest: start again with force"
            )
        stored = StoredRows(manifest, dataset.manifest.bucket, store, is_newest_first(manifest))
        return cls(
            dataset,
            manifest,
            TrainingData.planned(manifest, stored, RangePlan.from_json(document)),
            RunFiles(dataset.manifest.bucket, run_id),
            store,
        )

    @property
    def request(self) -> Json:
        """With its defaults filled in."""
        return self.manifest["request"]

    def columns(self) -> Json:
        """The document of LearnColumns."""
        reference = reference_in(planned(self.dataset), "columns")
        return read_document(self.store, reference, "columns", self.dataset.run.run_id)

    def choice(self) -> Json:
        """The document of ChooseModel."""
        reference = reference_in(planned(self.dataset), "choice")
        return read_document(self.store, reference, "choice", self.dataset.run.run_id)

    def summaries(self) -> ResultKind:
        """The results of SummarizeShards."""
        return self._results("range_summary", "plan")

    def moments(self) -> ResultKind:
        """The results of GatherMoments."""
        return self._results("range_moments", "plan", "columns")

    def evaluations(self) -> ResultKind:
        """The results of EvaluateShards."""
        return self._results("range_evaluation", "plan", "choice")

    def currents(self, sha256: str) -> ResultKind:
        """The results of EvaluateShards for the current model with this digest."""
        found = self._results("range_current", "plan", "choice")
        return replace(found, made_of=found.made_of | {"current": sha256})

    def _results(self, kind: str, *made_of: str) -> ResultKind:
        spread = planned(self.dataset)
        return ResultKind(
            self.store,
            self.dataset.run.run_id,
            kind,
            {name: reference_in(spread, name).to_event() for name in made_of},
        )


def encoding_in(columns: Json) -> Encoding:
    """What LearnColumns learned, as its document has it."""
    return Encoding.from_json(columns["encoding"])
