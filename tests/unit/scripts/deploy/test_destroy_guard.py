"""What keeps a destroy from removing models or training data that nobody meant."""

import boto3
import pytest
from moto import mock_aws

from model_service_cli.deploy import destroy_guard
from model_service_cli.deploy.target import Deployment, TerraformError

OUTPUTS = {
    "region": "us-east-1",
    "training_data_bucket": "example-data",
    "training_artifact_bucket": "example-artifacts",
    "training_artifact_key": "models/m.pkl",
    "creates_data_bucket": True,
}


@pytest.fixture
def s3(monkeypatch):
    for name in ("DROP_ARTIFACTS", "DROP_DATA"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        for bucket in ("example-data", "example-artifacts"):
            client.create_bucket(Bucket=bucket)
        yield client


@pytest.fixture
def aws(tmp_path) -> Deployment:
    return Deployment("aws", "", tmp_path)


def test_training_data_stays_until_one_says_that_it_may_go(s3, aws, monkeypatch):
    destroy_guard.check_no_training_data(aws, OUTPUTS)
    s3.put_object(Bucket="example-data", Key="elsewhere/a.csv", Body=b"1")

    with pytest.raises(
        TerraformError, match=r"s3://example-data holds 1 objects and versions .* DROP_DATA=yes"
    ):
        destroy_guard.check_no_training_data(aws, OUTPUTS)
    destroy_guard.check_no_training_data(aws, OUTPUTS | {"creates_data_bucket": False})
    monkeypatch.setenv("DROP_DATA", "yes")
    destroy_guard.check_no_training_data(aws, OUTPUTS)


def test_that_models_may_go_says_nothing_of_the_data(s3, aws, monkeypatch):
    s3.put_object(Bucket="example-data", Key="data/a.csv", Body=b"1")
    s3.put_object(Bucket="example-artifacts", Key="models/a.pkl", Body=b"1")
    with pytest.raises(TerraformError, match="s3://example-artifacts/models/ holds 1 published objects"):
        destroy_guard.check_nothing_published(aws, OUTPUTS)
    monkeypatch.setenv("DROP_ARTIFACTS", "yes")

    destroy_guard.check_nothing_published(aws, OUTPUTS)
    with pytest.raises(TerraformError, match="of training data"):
        destroy_guard.check_no_training_data(aws, OUTPUTS)


def test_a_bucket_that_is_gone_holds_nothing(s3, aws):
    s3.delete_bucket(Bucket="example-data")
    destroy_guard.check_no_training_data(aws, OUTPUTS)
