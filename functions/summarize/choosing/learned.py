"""What is known of a dataset before there is a model: what its columns become, and the rows that were drawn of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from shared.event_fields import Json
from shared.model.encoding import Encoding
from shared.model.rows import Rows, gathered
from summarize.choosing.candidates import Candidate
from summarize.choosing.fitting_rows import FittingRows
from summarize.rows.draws import EXPLAINED, Draws
from summarize.rows.range_summary import RangeSummary
from summarize.rows.sample import Sample
from summarize.rows.training_data import TrainingData


@dataclass(frozen=True)
class Learned:
    """encoding: learned of the train rows of all ranges; sample: of all rows, drawn as `draws` says."""

    data: TrainingData
    draws: Draws
    encoding: Encoding
    sample: Sample

    @classmethod
    def of(cls, data: TrainingData, draws: Draws, ranges: Iterable[RangeSummary]) -> "Learned":
        """What the summaries of all ranges, in their order, come to."""
        found = reduce(RangeSummary.merge, ranges)
        return cls(data, draws, data.learned(found.counts), found.sample)

    def fitting_rows(self, request: Json, compared: Sequence[Candidate]) -> FittingRows:
        """The rows that these candidates are fitted on; raises InvalidRequestError where that would take too long."""
        return FittingRows(self.data, self.draws, self.sample, self.encoding, request, compared)

    def explained_rows(self) -> Rows:
        """Test rows to explain a model by, with labels that are indices into the data's classes."""
        parts = (rows.part for rows in self.sample.drawn(EXPLAINED))
        return gathered(
            (Rows(self.encoding.encoded(part.columns), self.data.labels(part)) for part in parts),
            self.encoding.features,
        )
