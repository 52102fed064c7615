"""`make card`: the published card where there is one, else the same page made from the artifact."""

import hashlib
import json

import boto3
import pytest
from botocore.config import Config as ClientConfig

from model_service_cli.command_line import main
from model_service_cli.models import card
from publish_artifact.card.page import CONTENT_TYPE, model_card
from shared.model.predictor import model_in


@pytest.fixture
def artifact_file(content, tmp_path):
    """The artifact as a person may keep it: indented."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(json.loads(content), indent=2))
    return path


def test_the_published_card_is_downloaded(s3, content, artifact_file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(card, "client", lambda service: {"s3": s3}[service])
    key = f"models/training_pipeline/versions/{hashlib.sha256(content).hexdigest()}.card.html"
    s3.put_object(Bucket="artifacts", Key=key, Body=b"<p>as published", ContentType=CONTENT_TYPE)
    page = tmp_path / "pages" / "model_card.html"
    assert main(["card", "--model", str(artifact_file), "--page", str(page)]) == 0
    assert page.read_bytes() == b"<p>as published"
    assert capsys.readouterr().out.splitlines() == [
        f"card: of {artifact_file}, from s3://artifacts/{key}",
        page.as_uri(),
    ]


def test_without_a_published_card_it_is_made_from_the_artifact(
    s3, content, artifact_file, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(card, "client", lambda service: {"s3": s3}[service])
    page = tmp_path / "model_card.html"
    assert main(["card", "--model", str(artifact_file), "--page", str(page)]) == 0
    assert page.read_bytes() == model_card(content)
    assert capsys.readouterr().out.splitlines()[0] == f"card: of {artifact_file}, made from the artifact"


def test_a_file_has_its_card_without_any_cloud(content, artifact_file, tmp_path, monkeypatch):
    nowhere = boto3.client(
        "s3", endpoint_url="http://127.0.0.1:9", config=ClientConfig(retries={"total_max_attempts": 1})
    )
    monkeypatch.setattr(card, "client", lambda service: {"s3": nowhere}[service])
    page = tmp_path / "model_card.html"
    assert main(["card", "--model", str(artifact_file), "--page", str(page)]) == 0
    assert page.read_bytes() == model_card(content)


@pytest.mark.parametrize("name", ["wine_pooled_schema_1", "penguins_blend_schema_2"])
def test_an_artifact_from_before_it_said_what_its_model_goes_by_has_a_card(
    name, data_directory, tmp_path, s3, monkeypatch
):
    monkeypatch.setattr(card, "client", lambda service: {"s3": s3}[service])
    page = tmp_path / "model_card.html"
    path = data_directory / "artifacts" / f"{name}.json"
    assert main(["card", "--model", str(path), "--page", str(page)]) == 0
    assert model_in(json.loads(path.read_text())).describe() in page.read_text()
    assert "What it goes by" in page.read_text()


@pytest.mark.parametrize(
    ("name", "alter", "told"),
    [
        (
            "penguins_blend_schema_2",
            lambda artifact: artifact["evaluation"]["confusion_matrix"]["counts"].pop(),
            "contradicts itself, so it can have no card (",
        ),
        (
            "wine_pooled_schema_1",
            lambda artifact: artifact["model"]["priors"].pop(),
            "the model is damaged: priors has 2 numbers for 3 classes",
        ),
    ],
)
def test_an_artifact_that_contradicts_itself_is_one_line(
    name, alter, told, data_directory, tmp_path, s3, monkeypatch, capsys
):
    monkeypatch.setattr(card, "client", lambda service: {"s3": s3}[service])
    artifact = json.loads((data_directory / "artifacts" / f"{name}.json").read_text())
    alter(artifact)
    path = tmp_path / "altered.json"
    path.write_text(json.dumps(artifact))
    page = tmp_path / "model_card.html"
    assert main(["card", "--model", str(path), "--page", str(page)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"card: {path}")
    assert told in said.err
    assert not page.exists()
