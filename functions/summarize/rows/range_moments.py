"""What the Gaussian needs of a range's rows, which is all that it ever sees of them."""

from dataclasses import dataclass
from typing import Any

from shared.event_fields import Json
from shared.mergeable import Mergeable
from shared.model.encoding import Encoding
from shared.model.registry import GAUSSIAN
from summarize.rows.training_data import RangeRows


@dataclass(frozen=True)
class RangeMoments:
    """train: of the train rows; test: of the test rows, None where no model is to be fitted to them, too."""

    train: Mergeable
    test: Mergeable | None

    @classmethod
    def of(cls, rows: RangeRows, encoding: Encoding, options: Json, refit: bool) -> "RangeMoments":
        """options: of the Gaussian; refit: whether the model is fitted once more, to train and test rows."""
        train, test = (
            GAUSSIAN.gather(
                rows.blocks(encoding, test=side), encoding.features, len(rows.data.classes), options
            )
            if refit or not side
            else None
            for side in (False, True)
        )
        assert train is not None
        return cls(train, test)

    @property
    def all(self) -> Mergeable:
        """Of train and test rows."""
        return self.train if self.test is None else self.train.merge(self.test)

    def merge(self, later: "RangeMoments") -> "RangeMoments":
        test = None if self.test is None or later.test is None else self.test.merge(later.test)
        return RangeMoments(self.train.merge(later.train), test)

    def to_state(self) -> object:
        return [self.train.to_state(), None if self.test is None else self.test.to_state()]

    @classmethod
    def from_state(cls, state: Any, options: Json) -> "RangeMoments":
        train, test = (
            None if side is None else GAUSSIAN.gathering_from_state(side, options) for side in state
        )
        assert train is not None
        return cls(train, test)
