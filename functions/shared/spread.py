"""How the work after validation is spread over ranges of rows, for data that one Lambda is not enough for.

It travels as the member `spread` of every event from the validated dataset on: null where one Lambda is enough, else
references that the tasks fill in one after the other. The ranges themselves lie in S3 (shared.run_files).
"""

from dataclasses import dataclass
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, shown

# More rows than these are too many for one Lambda, in whatever object they came.
MOST_ROWS_OF_ONE_LAMBDA = 4_000_000
_REFERENCES = ("plan", "ranges", "columns", "choice")


@dataclass(frozen=True)
class Spread:
    """plan: the split and the size of the ranges; ranges: a JSON array with an object a range, as the Maps' item reader
    takes it, `count` of them; columns: what was learned of all ranges' train rows; choice: the model.

    None, and a count of 0, before its task is done. moments: whether the model is fitted to moments of all ranges.
    """

    plan: FileReference | None = None
    ranges: FileReference | None = None
    count: int = 0
    moments: bool = False
    columns: FileReference | None = None
    choice: FileReference | None = None

    @classmethod
    def for_manifest(cls, manifest: Json) -> Self | None:
        """None where one Lambda is enough: for one shard, unless it holds too many rows."""
        several = len(manifest.get("shards", ())) > 1
        return cls() if several or manifest["report"]["rows"] > MOST_ROWS_OF_ONE_LAMBDA else None

    @classmethod
    def from_event(cls, value: object) -> Self | None:
        """The member `spread` of an event; raises InvalidRequestError for what is none."""
        if value is None:
            return None
        moments = value.get("moments") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(moments, bool):
            raise InvalidRequestError(
                f"spread must be null or as CollectShards put it out, not {shown(value)}"
            )
        found = {
            name: None if value.get(name) is None else FileReference.from_event(value[name], f"spread.{name}")
            for name in _REFERENCES
        }
        count = value["ranges"].get("count") if found["ranges"] else 0
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise InvalidRequestError(f"spread.ranges.count must be a number of ranges, not {shown(count)}")
        return cls(count=count, moments=moments, **found)

    def to_event(self) -> Json:
        """All members, so that every path in the state machine's definition leads somewhere."""
        return {
            "plan": self.plan and self.plan.to_event(),
            "ranges": self.ranges and {**self.ranges.to_event(), "count": self.count},
            "moments": self.moments,
            "columns": self.columns and self.columns.to_event(),
            "choice": self.choice and self.choice.to_event(),
        }
