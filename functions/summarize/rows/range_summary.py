"""What is learned of a range's rows before there is a model: what the columns hold, and the rows that are drawn."""

from dataclasses import dataclass

from shared.model.encoding import ColumnCounts
from summarize.rows.draws import Draws
from summarize.rows.sample import Sample
from summarize.rows.training_data import RangeRows


@dataclass(frozen=True)
class RangeSummary:
    """counts: of the train rows; sample: of all rows. As JSON and as a file they are those of their own classes."""

    counts: ColumnCounts
    sample: Sample

    @classmethod
    def of(cls, rows: RangeRows, draws: Draws) -> "RangeSummary":
        data = rows.data
        counted = any(given.kind != "number" for given in data.inputs)
        counts, sample = ColumnCounts(), Sample()
        for sides in rows.sides():
            if counted and 0 in sides.is_test:
                train = sides.train
                counts = counts.merge(ColumnCounts.of(data.inputs, data.inputs_of(train)))
            sample = sample.merge(Sample.of(sides, data, draws))
        return cls(counts, sample)

    def merge(self, later: "RangeSummary") -> "RangeSummary":
        return RangeSummary(self.counts.merge(later.counts), self.sample.merge(later.sample))
