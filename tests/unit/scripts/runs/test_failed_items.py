import json

import boto3
import pytest
from botocore.stub import Stubber

from model_service_cli.runs.failed_items import failed_item
from model_service_cli.runs.steps import Failure

RUN = "arn:aws:states:us-east-1:123456789012:mapRun:m/ValidateShards:1"
ITEM = "arn:aws:states:us-east-1:123456789012:execution:m/ValidateShards:2"
CAUSE = json.dumps(
    {"errorMessage": "s3://b/data/a.csv: S3 answered SlowDown", "errorType": "TransientStorageError"}
)


@pytest.fixture
def service():
    client = boto3.client(
        "stepfunctions", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        yield client, stub
    stub.assert_no_pending_responses()


def test_one_that_failed_tells_why(service):
    client, stub = service
    asked = {"mapRunArn": RUN, "statusFilter": "FAILED", "maxResults": 1}
    about = {"executionArn": ITEM, "stateMachineArn": "m", "startDate": 0, "status": "FAILED"}
    listed = {"executions": [about | {"name": "2"}]}
    stub.add_response("list_executions", listed, asked)
    stub.add_response(
        "describe_execution",
        about | {"error": "TransientStorageError", "cause": CAUSE},
        {"executionArn": ITEM},
    )

    found = failed_item(client, RUN)

    assert found == Failure("TransientStorageError", CAUSE)
    assert found.message == "s3://b/data/a.csv: S3 answered SlowDown"


def test_where_none_failed_or_the_service_does_not_say_there_is_none(service):
    client, stub = service
    stub.add_response("list_executions", {"executions": []})
    assert failed_item(client, RUN) is None
    stub.add_client_error("list_executions", "InvalidArn")
    assert failed_item(client, RUN) is None
