"""Step 1 of the training pipeline: fetch the CSV and validate every row, in place or shard by shard."""

from typing import Any

from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.event_fields import Json, task_in
from shared.shards import CollectTask, ShardTask
from shared.storage import Storage

storage = Storage()  # once per environment, outside the handler


@telemetry.observed("FetchAndValidate")
def handler(event: Any, context: Any) -> Json:
    match task_in(event, "FetchAndValidate", "ValidateShard", "CollectShards"):
        case "ValidateShard":
            return validate_shard(ShardTask.from_event(event), storage).to_event()
        case "CollectShards":
            return collect_shards(CollectTask.from_event(event), storage).to_event()
        case _:
            config = Config.from_environment()
            return stage(TrainingRequest.from_event(event, config), storage, config).to_event()
