"""The summary made by one Lambda, which goes through the rows range by range: to learn their columns and to draw from
them, for the moments of a Gaussian, and to evaluate the model."""

from dataclasses import dataclass
from functools import reduce

from shared.contracts import ValidatedDataset
from shared.event_fields import Json
from shared.object_store import ObjectStore
from summarize.choosing.learned import Learned
from summarize.choosing.model_choice import choose_model, gaussian_options
from summarize.judging.regression import Compared, Scored, merged_scores, score_current
from summarize.rows.draws import Draws
from summarize.rows.range_moments import RangeMoments
from summarize.rows.range_summary import RangeSummary
from summarize.rows.training_data import TrainingData
from summarize.scoring.range_evaluation import RangeEvaluation
from summarize.summary import summary_document


@dataclass(frozen=True)
class AtOnce:
    """request: with its defaults filled in."""

    dataset: ValidatedDataset
    request: Json
    data: TrainingData
    store: ObjectStore

    def summary(self) -> Json:
        """The document; raises InvalidDatasetError where no model can be fitted."""
        request, data = self.request, self.data
        draws = Draws.of(data, request)
        learned = Learned.of(data, draws, (RangeSummary.of(rows, draws) for rows in data.ranges()))
        moments = None
        if options := gaussian_options(request):
            of_ranges = (
                RangeMoments.of(rows, learned.encoding, options, request["refit_all"])
                for rows in data.ranges()
            )
            moments = reduce(RangeMoments.merge, of_ranges)
        chosen = choose_model(self.dataset, request, learned, moments, self.store)
        sensitive = request["sensitive_columns"] or ()
        evaluated = RangeEvaluation.merged(
            RangeEvaluation.of(rows, chosen.model, chosen.decision, learned.encoding, sensitive)
            for rows in data.ranges()
        )
        return summary_document(self.dataset, request, learned, chosen, evaluated, self.store)

    def score_current(self, compared: Compared, summary: Json) -> Scored:
        """The current model on the test rows, or why it cannot be asked."""
        assert compared.predictor is not None
        return merged_scores(score_current(rows, compared.predictor, summary) for rows in self.data.ranges())
