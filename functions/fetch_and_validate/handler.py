"""Step 1 of the training pipeline: fetch the CSV and validate every row, in place or shard by shard."""

from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.shards import fetch_task_in
from shared.storage import Storage

storage = Storage()  # once per environment, outside the handler


@telemetry.observed("FetchAndValidate")
def handler(event, context):
    config = Config.from_environment()
    task = fetch_task_in(event, config)
    if isinstance(task, TrainingRequest):
        return stage(task, storage, config).to_event()
    if task.shard is None:
        return collect_shards(task, storage).to_event()
    return validate_shard(task, storage).to_event()
