"""What travels between FetchAndValidate and the Map of its shards, for a CSV of several."""

from dataclasses import dataclass, field
from typing import Self

from shared.conditions import Conditions
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError
from shared.event_fields import Json, S3Reference, execution_arn_in, shown, text_field


@dataclass(frozen=True)
class PlannedDataset:
    """Output of FetchAndValidate for a CSV of several shards: what the state machine maps over.

    plan: the plan; shards: a JSON array with an object per shard, as the Map's item reader takes it.
    """

    run_id: str
    execution_arn: str | None
    dataset: Json
    plan: S3Reference
    shards: S3Reference
    shard_count: int
    conditions: Conditions

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "execution_arn": self.execution_arn,
            "conditions": self.conditions.to_event(),
            "dataset": self.dataset,
            "plan": self.plan.to_event(),
            "shards": {**self.shards.to_event(), "count": self.shard_count},
        }


@dataclass(frozen=True)
class Shard:
    """Bytes start to end of the CSV; end is None for the rest of what a gzip stream holds."""

    index: int
    start: int
    end: int | None

    def to_json(self) -> Json:
        return {"index": self.index, "start": self.start, "end": self.end}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        return cls(value["index"], value["start"], value["end"])


@dataclass(frozen=True)
class ShardTask:
    """One shard to validate, or all of them to collect where `shard` is None: FetchAndValidate's other tasks."""

    run_id: str
    execution_arn: str | None
    plan: S3Reference
    shard: Shard | None
    conditions: Conditions = field(default_factory=Conditions)

    @classmethod
    def from_event(cls, event: Json) -> Self:
        return cls(
            run_id=text_field(event, "run_id", "run_id"),
            execution_arn=execution_arn_in(event),
            plan=S3Reference.from_event(event.get("plan"), "plan"),
            shard=_shard_in(event),
            conditions=Conditions.from_event(event),
        )


@dataclass(frozen=True)
class ValidatedShard:
    """Output of FetchAndValidate for one shard: for people; the result itself lies in S3.

    cached: found done by an earlier run of the same work.
    """

    run_id: str
    shard: int
    bytes: int
    rows: int
    invalid_rows: int
    cached: bool = False

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "cached": self.cached,
            "shard": self.shard,
            "bytes": self.bytes,
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
        }


def fetch_task_in(event: object, config: Config) -> TrainingRequest | ShardTask:
    """What FetchAndValidate is asked to do. A request has no field named plan."""
    if isinstance(event, dict) and "plan" in event:
        return ShardTask.from_event(event)
    return TrainingRequest.from_event(event, config)


def _shard_in(event: Json) -> Shard | None:
    value = event.get("shard")
    if value is None:
        return None
    numbers = [value.get(name) for name in ("index", "start", "end")] if isinstance(value, dict) else [None]
    if any(not isinstance(number, int) or isinstance(number, bool) or number < 0 for number in numbers):
        raise InvalidRequestError(
            f"shard must be an object with index, start and end (bytes), not {shown(value)}"
        )
    return Shard(*numbers)
