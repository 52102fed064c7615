"""A published artifact, found, read and checked against schemas/artifact.schema.json."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from model_service_cli.cloud import ALIAS, client, endpoint, explain, function_name
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT
from model_service_cli.models.catalogue import Catalogue
from model_service_cli.models.names import beginning, model_name
from shared.config import Config
from shared.event_fields import Json, S3Reference
from shared.model.predictor import InvalidArtifactError, check_version

SCHEMAS = {
    1: ROOT / "schemas" / "artifact.1.schema.json",
    2: ROOT / "schemas" / "artifact.2.schema.json",
    3: ROOT / "schemas" / "artifact.schema.json",
}
WHICH = "A model's name, as make models lists it, a stable key, an s3:// address or a file"
_SHOWN = 160  # characters of a schema's complaint
_S3 = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)


def model_option(command: Any) -> Any:
    """`--model` of every command that uses a model; the parameter is `wanted`, for `load`."""
    return click.option("--model", "wanted", default="", metavar="WHICH", help=f"{WHICH}; else the newest.")(
        command
    )


def load(wanted: str) -> tuple[Json, str]:
    """The artifact, and in words where it comes from.

    wanted: empty for what the stable key that was moved last holds; a model's name (the first digits of its
    SHA-256); a stable key; an s3:// address; or a file. Raises CommandError where there is none, and for a document
    that is damaged or of another schema.
    """
    content, where = named_content(client("s3"), stable_catalogue, wanted)
    return parse(content, where), where


def named_content(s3: Any, catalogue: Callable[[], Catalogue], wanted: str) -> tuple[bytes, str]:
    """The bytes of what `wanted` names, as for `load`, and in words where they come from.

    catalogue: asked where it is neither a file nor an address. Raises CommandError where there is nothing.
    """
    if address := _S3.fullmatch(wanted):
        return _download(s3, S3Reference(*address.groups()), "there is no such object"), wanted
    path = Path(wanted).expanduser()
    if wanted and not beginning(wanted) and (path.exists() or path.is_absolute()):
        return _read(path), wanted
    known = catalogue()
    if beginning(wanted):
        digest, place = known.version(wanted)
        content = content_of(s3, place, digest)
    else:
        place = known.stable_key(wanted) if wanted else known.newest()
        content = _download(s3, place, "it has been deleted")
    return content, f"{model_name(hashlib.sha256(content).hexdigest())} ({place})"


def stable_catalogue() -> Catalogue:
    """What is published where this deployment publishes."""
    return Catalogue.read(client("s3"), stable_reference())


def content_of(s3: Any, version: S3Reference, digest: str) -> bytes:
    """The bytes of a version; raises CommandError where they are not those that were published."""
    try:
        content = s3.get_object(Bucket=version.bucket, Key=version.key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        raise CommandError(f"{version} has been deleted") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise CommandError(f"{version} is damaged: its content has another SHA-256 than its name")
    return content


def configuration() -> Config:
    """The deployment's settings, as the function that publishes says them."""
    name = function_name("publish-artifact")
    functions = client("lambda")
    try:
        found = functions.get_function(FunctionName=name, Qualifier=ALIAS)["Configuration"]
    except functions.exceptions.ResourceNotFoundException:
        raise CommandError(
            f"{name} is not deployed at {endpoint() or 'AWS'}; run: make run-pipeline, or name a file with MODEL"
        ) from None
    return Config.from_environment(found.get("Environment", {}).get("Variables", {}))


def stable_reference() -> S3Reference:
    """Where the model of the configured CSV is published."""
    config = configuration()
    return S3Reference(config.artifact_bucket, config.artifact_key)


def parse(content: bytes, where: str) -> Json:
    """The artifact in the content; raises CommandError that says in one line what is wrong with it."""
    try:
        artifact = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CommandError(
            f"{where} is no artifact: {_shortened(f'no JSON ({error})')}", exit_status=2
        ) from None
    try:
        check_version(artifact)
    except InvalidArtifactError as error:
        raise CommandError(f"{where}: {error}", exit_status=2) from None
    schema = json.loads(SCHEMAS[artifact["schema_version"]].read_text(encoding="utf-8"))
    if problem := best_match(Draft202012Validator(schema).iter_errors(artifact)):
        what = _shortened(f"{problem.json_path.removeprefix('$.')}: {problem.message}")
        raise CommandError(f"{where} is damaged, or changed by hand: {what}", exit_status=2)
    return artifact


def _download(s3: Any, reference: S3Reference, missing: str) -> bytes:
    try:
        return s3.get_object(Bucket=reference.bucket, Key=reference.key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
            raise CommandError(f"{reference}: {missing}") from None
        raise CommandError(f"{reference}: {explain(error)}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"MODEL {path} cannot be read: {error.strerror} (it may be {WHICH[0].lower()}{WHICH[1:]})",
            exit_status=2,
        ) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _shortened(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "..."
