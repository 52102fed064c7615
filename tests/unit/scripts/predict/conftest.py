"""Published models, and the command that predicts from them."""

import json

import pytest

from fetch_and_validate.stage import stage
from model_service_cli.command_line import main
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest
from summarize.summarize import summarize


@pytest.fixture(scope="session")
def artifact_content(new_storage):
    """The artifact that the three steps make of a CSV."""

    def made(content: bytes, **fields) -> bytes:
        storage = new_storage().put(content)
        config = Config(code_version="code-1")
        dataset = stage(TrainingRequest.from_event({"model": "gaussian"} | fields, config), storage, config)
        publish(summarize(dataset, storage), storage)
        return storage.objects["artifacts", "models/training_pipeline.pkl"]

    return made


@pytest.fixture(scope="session")
def iris(artifact_content, data_directory) -> dict:
    content = (data_directory / "iris.csv").read_bytes()
    return json.loads(artifact_content(content, label_column="species", split="shuffled"))


@pytest.fixture
def command(iris, tmp_path, capfdbinary):
    """Runs the command on a CSV; returns its exit status, stdout and stderr."""

    def run(
        content: str | bytes, artifact: dict = iris, name: str = "new.csv", *options: str
    ) -> tuple[int, str, str]:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        (tmp_path / "artifact.json").write_text(json.dumps(artifact))
        arguments = ["--data", str(tmp_path / name), "--model", str(tmp_path / "artifact.json")]
        status = main(["predict", *arguments, *options])
        shown = capfdbinary.readouterr()
        return status, shown.out.decode(), shown.err.decode().replace(f"{tmp_path}/", "")

    return run
