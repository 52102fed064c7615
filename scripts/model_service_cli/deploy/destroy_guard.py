"""Whether a deployment that is about to be removed holds models or training data. It removes nothing itself."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from model_service_cli.deploy.target import Deployment, TerraformError, local_keys


def check_nothing_published(deployment: Deployment, outputs: dict[str, Any]) -> None:
    """Raises TerraformError while the models prefix holds objects in any version, unless DROP_ARTIFACTS=yes."""
    bucket, key = outputs.get("training_artifact_bucket"), outputs.get("training_artifact_key")
    if os.environ.get("DROP_ARTIFACTS") == "yes" or not bucket or not key:
        return
    prefix = f"{key.rpartition('/')[0]}/"
    if count := _count(deployment, outputs, bucket, prefix):
        raise TerraformError(
            f"s3://{bucket}/{prefix} holds {count} published objects and versions: DROP_ARTIFACTS=yes removes them "
            "for good"
        )


def check_no_training_data(deployment: Deployment, outputs: dict[str, Any]) -> None:
    """Raises TerraformError while a data bucket that is removed too holds anything, unless DROP_DATA=yes."""
    bucket = outputs.get("training_data_bucket")
    if os.environ.get("DROP_DATA") == "yes" or not bucket or not outputs.get("creates_data_bucket"):
        return
    if count := _count(deployment, outputs, bucket, ""):
        raise TerraformError(
            f"s3://{bucket} holds {count} objects and versions of training data: DROP_DATA=yes removes them for good"
        )


def _count(deployment: Deployment, outputs: dict[str, Any], bucket: str, prefix: str) -> int:
    """Objects under the prefix in any version; 0 for a bucket that is not there."""
    try:
        pages = _client(deployment, outputs).get_paginator("list_object_versions")
        found = pages.paginate(Bucket=bucket, Prefix=prefix)
        return sum(len(page.get("Versions", ())) for page in found)
    except (ClientError, BotoCoreError) as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") == "NoSuchBucket":
            return 0
        raise TerraformError(
            f"s3://{bucket}/{prefix} could not be searched for what it holds: {error}"
        ) from error


def _client(deployment: Deployment, outputs: dict[str, Any]) -> Any:
    account: Any = boto3  # its types know each service by its name, and not every setting
    if deployment.on_aws:
        # Not AWS_ENDPOINT_URL, which names the local cloud.
        region = outputs["region"]
        settings: dict[str, Any] = {"ignore_configured_endpoint_urls": True}
        return account.client("s3", region_name=region, config=Config(**settings))
    keys = {name.lower(): value for name, value in local_keys(os.environ).items()}
    return account.client("s3", endpoint_url=deployment.endpoint, region_name=outputs["region"], **keys)
