"""The documents that a run leaves in S3, read by the references in its output."""

from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.documents import parse

MISSING = {"NoSuchKey", "NoSuchBucket", "404"}


def read_document(s3: Any, reference: Any) -> dict[str, Any]:
    """The JSON object at a `{"bucket", "key"}`; {} where there is none any more, or the reference is none.

    Raises ClientError for any other refusal of S3's, and CommandError for what is no JSON.
    """
    match reference:
        case {"bucket": str(bucket), "key": str(key)}:
            try:
                document = parse(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), f"s3://{bucket}/{key}")
            except ClientError as error:
                if error.response["Error"]["Code"] not in MISSING:
                    raise
                return {}
            return document if isinstance(document, dict) else {}
    return {}
