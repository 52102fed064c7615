"""Upload a CSV for training, or a folder of them, unless the newest object already has the same content.

python -m model_service_cli upload [--data path.csv]
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from model_service_cli.cloud import Deployed, client, explain
from model_service_cli.door import CommandError
from model_service_cli.runs.data_files import data_files
from model_service_cli.runs.request import Upload, check_file, plan
from model_service_cli.terminal.figures import size
from model_service_cli.terminal.waiting import ticking
from shared.event_fields import S3Reference, printable
from shared.folder import is_data, is_folder

# Object metadata rather than S3's own checksum: that one depends on how a large file was cut into parts.
DIGEST = "sha256"
_AT_ONCE = 8  # as many connections as boto3's client keeps, with room for those of a large file
_NAMED = 5


@dataclass(frozen=True)
class Uploaded:
    """size: bytes of the file; fresh: whether a new version of the object had to be made.

    Of a folder: the bytes of its `files`, and how many of them are fresh.
    """

    size: int
    fresh: int
    files: int = 1


def upload(s3: Any, source: Upload) -> Uploaded:
    """Put the file, or those of the folder, where they belong.

    Raises CommandError for a file that cannot be read, S3's refusal, and where other objects lie under a folder's key.
    """
    check_file(source.path)
    return _folder(s3, source) if source.path.is_dir() else _file(s3, source)


def _folder(s3: Any, source: Upload) -> Uploaded:
    names = data_files(source.path)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=source.bucket, Prefix=source.key)
        objects = {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", ())}
    except ClientError as error:
        raise CommandError(f"{address(source)}: {explain(error)}") from error
    there = {
        key.removeprefix(source.key)
        for key, size in objects.items()
        if is_data(key.removeprefix(source.key), size)
    }
    if others := sorted(there.difference(names)):
        named = ", ".join(map(repr, others[:_NAMED])) + (", ..." if len(others) > _NAMED else "")
        raise CommandError(
            f"{address(source)} also has {len(others):,} objects that are no files of DATA {source.path}, and would be "
            f"trained on: {named}; delete them, or give another key in INPUT"
        )
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = [Upload(source.path / name, source.bucket, source.key + name) for name in names]
        done = list(pool.map(partial(_file, s3), files))
    return Uploaded(sum(one.size for one in done), sum(one.fresh for one in done), len(done))


def _file(s3: Any, source: Upload) -> Uploaded:
    try:
        before = source.path.stat()
        with source.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if _stored_digest(s3, source) == digest:
            return Uploaded(before.st_size, fresh=False)
        s3.upload_file(str(source.path), source.bucket, source.key, ExtraArgs={"Metadata": {DIGEST: digest}})
        after = source.path.stat()
    except S3UploadFailedError as error:
        raise CommandError(f"{address(source)}: {_reason(error)}") from error
    except ClientError as error:
        raise CommandError(f"{address(source)}: {explain(error)}") from error
    except OSError as error:
        raise CommandError(f"DATA {source.path} cannot be read: {error.strerror}", exit_status=2) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise CommandError(f"DATA {source.path} changed while it was uploaded; try again")
    return Uploaded(before.st_size, fresh=True)


def address(source: Upload) -> str:
    return str(S3Reference(source.bucket, source.key))


def describe(source: Upload, done: Uploaded) -> str:
    """One line for a person: file, size, object, and whether it was uploaded."""
    if is_folder(source.key):
        count = "1 file" if done.files == 1 else f"{done.files:,} files"
        what = f"{printable(source.path.resolve().name)}/ ({count}, {size(done.size)})"
        return f"{what}, {done.fresh:,} uploaded to {address(source)}, {done.files - done.fresh:,} unchanged there"
    verb = "uploaded to" if done.fresh else "unchanged at"
    return f"{printable(source.path.name)} ({size(done.size)}), {verb} {address(source)}"


def _stored_digest(s3: Any, source: Upload) -> str | None:
    try:
        return s3.head_object(Bucket=source.bucket, Key=source.key)["Metadata"].get(DIGEST)
    except ClientError as error:
        # A HEAD has no body, so the code is the bare status; 403 is also what a missing object is without
        # s3:ListBucket, and whether writing is allowed the upload will tell.
        if error.response["Error"]["Code"] in ("404", "403"):
            return None
        raise


def _reason(error: S3UploadFailedError) -> str:
    cause = error.__cause__ or error.__context__
    return explain(cause) if isinstance(cause, ClientError) else explain(error)


@click.command(name="upload")
@click.option(
    "--data", default="", metavar="PATH", help="The CSV, or a folder of them; by default the sample."
)
def upload_data(data: str) -> None:
    """Upload a CSV for training, or a folder of them, unless the newest object already has the same content."""
    _, source = plan(data, {}, Deployed.find().config)
    if source:
        with ticking(f"upload: {printable(source.path.name)}"):
            done = upload(client("s3"), source)
        print(f"upload: {describe(source, done)}")
