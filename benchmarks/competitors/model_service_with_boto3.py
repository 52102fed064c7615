"""The same with boto3 imported, as in a Lambda; its peers read a local file and import no client of S3."""

import boto3  # noqa: F401 - for what it costs

from competitors.model_service import fetch_and_validate, run, summarize_alone

__all__ = ["fetch_and_validate", "run", "summarize_alone"]
