"""Step 3 of the training pipeline: publish the run's model as a versioned artifact."""

from typing import Any

from publish_artifact.publication import publish
from shared import telemetry
from shared.config import Config
from shared.contracts import TrainingSummary
from shared.event_fields import Json, task_in
from shared.previous_step import output_of_previous_step
from shared.storage import Storage

storage = Storage()  # once per environment, outside the handler


@telemetry.observed("PublishArtifact")
def handler(event: Any, context: Any) -> Json:
    task_in(event, "PublishArtifact")
    summary = TrainingSummary.from_event(output_of_previous_step(event, Config.from_environment()))
    return publish(summary, storage).to_event()
