"""What the state machine sends for one range: the item of a Distributed Map."""

from dataclasses import dataclass
from typing import Self

from shared.contracts import ValidatedDataset
from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, shown
from shared.run import Run
from shared.spread import Spread

_MADE_BY = {"plan": "PlanRanges", "columns": "LearnColumns", "choice": "ChooseModel"}


@dataclass(frozen=True)
class RangeTask:
    """One range of a planned dataset; `wanted` is what the list has of it, as yet unchecked."""

    dataset: ValidatedDataset
    spread: Spread
    wanted: object

    @classmethod
    def from_event(cls, event: Json) -> Self:
        dataset = ValidatedDataset.from_event(event)
        return cls(dataset, planned(dataset), event.get("range"))

    @property
    def run(self) -> Run:
        return self.dataset.run


@dataclass(frozen=True)
class DoneRange:
    """Output of a range's task: for people; the result itself lies in S3."""

    run: Run
    index: int
    rows: int

    def to_event(self) -> Json:
        return {"run": self.run.to_event(), "range": self.index, "rows": self.rows}


def planned(dataset: ValidatedDataset) -> Spread:
    """How the work is spread; raises InvalidRequestError where PlanRanges has not been."""
    if dataset.spread is None or dataset.spread.plan is None:
        said = dataset.spread and dataset.spread.to_event()
        raise InvalidRequestError(f"spread must be as PlanRanges put it out, not {shown(said)}")
    return dataset.spread


def reference_in(spread: Spread, name: str) -> FileReference:
    """`plan`, `columns` or `choice`; raises InvalidRequestError where the task that makes it has not been."""
    found: FileReference | None = getattr(spread, name)
    if found is None:
        raise InvalidRequestError(f"spread.{name} must be as {_MADE_BY[name]} put it out, not null")
    return found
