"""What travels between FetchAndValidate and the Map of its shards, for a CSV of several."""

from dataclasses import dataclass
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, shown
from shared.run import Run

_OF_A_FOLDER = ("first", "last", "bytes")


@dataclass(frozen=True)
class PlannedDataset:
    """Output of FetchAndValidate for a CSV of several shards: what the state machine maps over.

    plan: the plan; shards: a JSON array with an object per shard, as the Map's item reader takes it.
    """

    run: Run
    dataset: Json
    plan: FileReference
    shards: FileReference
    shard_count: int

    def to_event(self) -> Json:
        return {
            "run": self.run.to_event(),
            "dataset": self.dataset,
            "plan": self.plan.to_event(),
            "shards": {**self.shards.to_event(), "count": self.shard_count},
        }


@dataclass(frozen=True)
class Shard:
    """Bytes start to end of the CSV; end is None for the rest of what a gzip stream holds.

    Of a folder: from byte start of the object numbered `first` to byte end of the object numbered `last`, and all of
    those between; they are numbered in the order of the list of objects. bytes: in all.
    """

    index: int
    start: int
    end: int | None
    first: int | None = None
    last: int | None = None
    bytes: int | None = None

    def size_in(self, whole: int) -> int:
        """Bytes that the shard has of a CSV or folder of so many."""
        return self.bytes if self.bytes is not None else (self.end or whole) - self.start

    def to_json(self) -> Json:
        value: Json = {"index": self.index, "start": self.start, "end": self.end}
        return value if self.first is None else value | {name: getattr(self, name) for name in _OF_A_FOLDER}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        places = [value.get(name) for name in _OF_A_FOLDER]
        return cls(value["index"], value["start"], value["end"], *places)


@dataclass(frozen=True)
class ShardTask:
    """The task ValidateShard: one shard of a plan."""

    run: Run
    plan: FileReference
    shard: Shard

    @classmethod
    def from_event(cls, event: Json) -> Self:
        return cls(
            Run.from_event(event), FileReference.from_event(event.get("plan"), "plan"), _shard_in(event)
        )


@dataclass(frozen=True)
class CollectTask:
    """The task CollectShards: a plan whose shards are validated, and the list of them."""

    run: Run
    plan: FileReference
    shards: FileReference

    @classmethod
    def from_event(cls, event: Json) -> Self:
        places = [FileReference.from_event(event.get(name), name) for name in ("plan", "shards")]
        return cls(Run.from_event(event), *places)


@dataclass(frozen=True)
class ValidatedShard:
    """Output of FetchAndValidate for one shard: for people; the result itself lies in S3."""

    run: Run
    shard: int
    bytes: int
    rows: int
    invalid_rows: int

    def to_event(self) -> Json:
        return {
            "run": self.run.to_event(),
            "shard": self.shard,
            "bytes": self.bytes,
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
        }


def _shard_in(event: Json) -> Shard:
    value = event.get("shard")
    names = ["index", "start", "end"]
    if isinstance(value, dict) and not value.keys().isdisjoint(_OF_A_FOLDER):
        names += _OF_A_FOLDER
    numbers = [value.get(name) for name in names] if isinstance(value, dict) else [None]
    if any(not isinstance(number, int) or isinstance(number, bool) or number < 0 for number in numbers):
        raise InvalidRequestError(
            f"shard must be an object with index, start and end (bytes), and of a folder first, last and bytes, "
            f"not {shown(value)}"
        )
    return Shard(*numbers)
