"""A published artifact for the tests of the commands that read one."""

import pytest

from fetch_and_validate.stage import stage
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest
from summarize.summarize import summarize


@pytest.fixture(scope="package")
def content(new_storage, data_directory) -> bytes:
    """The bytes of a Gaussian model of the irises, as PublishArtifact writes them."""
    storage = new_storage().put((data_directory / "iris.csv").read_bytes())
    request = TrainingRequest.from_event(
        {"label_column": "species", "split": "shuffled", "model": "gaussian"}, Config()
    )
    publish(summarize(stage(request, storage, Config()), storage), storage)
    return storage.objects["artifacts", "models/training_pipeline.pkl"]
