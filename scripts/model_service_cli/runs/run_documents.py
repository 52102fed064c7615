"""The documents that a run leaves in S3, read by the references in its output."""

import hashlib
from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.documents import parse
from model_service_cli.door import CommandError
from shared.event_fields import S3Reference

MISSING = {"NoSuchKey", "NoSuchBucket", "404"}


def read_document(s3: Any, reference: Any) -> dict[str, Any]:
    """The JSON object at a `{"bucket", "key"}`; {} where there is none any more, or the reference is none.

    Raises ClientError for any other refusal of S3's, and CommandError for what is no JSON or not what the run wrote.
    """
    content = read_content(s3, reference)
    if content is None:
        return {}
    document = parse(content, str(S3Reference(reference["bucket"], reference["key"])))
    return document if isinstance(document, dict) else {}


def read_content(s3: Any, reference: Any) -> bytes | None:
    """The bytes at a `{"bucket", "key"}`; None where there are none any more, or the reference is none.

    Raises ClientError for any other refusal of S3's, and CommandError where they have another `sha256` than is named.
    """
    match reference:
        case {"bucket": str(bucket), "key": str(key)}:
            try:
                content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] not in MISSING:
                    raise
                return None
        case _:
            return None
    if reference.get("sha256", digest := hashlib.sha256(content).hexdigest()) != digest:
        raise CommandError(f"{S3Reference(bucket, key)} has other content than the run wrote there")
    return content
