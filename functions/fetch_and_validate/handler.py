"""Step 1 of the training pipeline: fetch the CSV and validate every row."""

from fetch_and_validate.staging import stage
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.storage import Storage

storage = Storage()  # once per environment, outside the handler


@telemetry.observed("FetchAndValidate")
def handler(event, context):
    config = Config.from_environment()
    return stage(TrainingRequest.from_event(event, config), storage, config).to_event()
