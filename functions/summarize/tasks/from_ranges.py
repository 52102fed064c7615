"""The summary made of what the ranges' Lambdas have left: nothing here walks the rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.errors import DatasetChangedError
from shared.event_fields import FileReference, Json
from shared.run_files import read_file
from shared.test_rows import scored_rows_from_npz
from summarize.choosing.model_choice import ModelChoice
from summarize.choosing.range_files import learned_from_files
from summarize.judging.regression import Compared, Scored
from summarize.rows.draws import EXPLAINED, PROFILED, Draws
from summarize.rows.planned_data import PlannedData
from summarize.scoring.range_evaluation import RangeEvaluation
from summarize.summary import summary_document
from summarize.tasks.range_comparison import scored_in_ranges


@dataclass(frozen=True)
class FromRanges:
    about: PlannedData

    def summary(self) -> Json:
        """The document; raises the first range's error, DatasetChangedError for a file that is missing or altered."""
        about = self.about
        learned = learned_from_files(about, Draws.of(about.data, about.request), PROFILED | EXPLAINED)
        chosen = ModelChoice.from_json(about.choice(), learned.encoding.features)
        evaluated = RangeEvaluation.merged(self._evaluations())
        return summary_document(about.dataset, about.request, learned, chosen, evaluated, about.store)

    def score_current(self, compared: Compared, summary: Json) -> Scored:
        """The current model on the test rows, or why it cannot be asked."""
        return scored_in_ranges(self.about, compared)

    def _evaluations(self) -> Iterator[RangeEvaluation]:
        about = self.about
        places = map(about.files.range_evaluation, range(about.data.plan.count))
        for index, found in enumerate(about.evaluations().read(places)):
            place = about.files.range_test_rows(index)
            reference = FileReference(place.bucket, place.key, found["rows"]["sha256"])
            rows = scored_rows_from_npz(read_file(about.store, reference, missing=DatasetChangedError))
            yield RangeEvaluation.from_state(found["evaluation"], rows)
