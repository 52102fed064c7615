"""The documents that a run leaves in S3, read by the references in its output."""

from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.documents import parse

MISSING = {"NoSuchKey", "NoSuchBucket", "404"}


def read_document(s3: Any, reference: Any) -> dict[str, Any]:
    """The JSON object at a `{"bucket", "key"}`; {} where there is none any more, or the reference is none.

    Raises ClientError for any other refusal of S3's, and CommandError for what is no JSON.
    """
    content = read_content(s3, reference)
    if content is None:
        return {}
    document = parse(content, f"s3://{reference['bucket']}/{reference['key']}")
    return document if isinstance(document, dict) else {}


def read_content(s3: Any, reference: Any) -> bytes | None:
    """The bytes at a `{"bucket", "key"}`; None where there are none any more, or the reference is none.

    Raises ClientError for any other refusal of S3's.
    """
    match reference:
        case {"bucket": str(bucket), "key": str(key)}:
            try:
                return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] not in MISSING:
                    raise
    return None
