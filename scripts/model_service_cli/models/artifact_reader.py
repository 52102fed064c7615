"""A published artifact, found, read and checked against schemas/artifact.schema.json."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NoReturn

from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from model_service_cli.cloud import ALIAS, client, endpoint, explain, function_name
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT
from publish_artifact.places import version_of
from shared.config import Config
from shared.event_fields import Json, S3Reference
from shared.model.predictor import InvalidArtifactError, check_version

SCHEMAS = {
    1: ROOT / "schemas" / "artifact.1.schema.json",
    2: ROOT / "schemas" / "artifact.2.schema.json",
    3: ROOT / "schemas" / "artifact.schema.json",
}
_SHOWN = 160  # characters of a schema's complaint
_DIGEST = re.compile(r"[0-9a-f]{64}")
_S3 = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)


def load(wanted: str) -> tuple[Json, str]:
    """The artifact, and in words where it comes from.

    wanted: empty for the published one, the SHA-256 of a version of it, an s3:// address, or a file.
    Raises CommandError where there is none, and for a document that is damaged or of another version.
    """
    if _DIGEST.fullmatch(wanted):
        reference = version_of(stable_reference(), wanted)
        content, where = _download(reference, f"no version {wanted} has been published"), str(reference)
        if hashlib.sha256(content).hexdigest() != wanted:
            raise CommandError(f"{where} is damaged: its content has another SHA-256 than its name")
    elif address := _S3.fullmatch(wanted):
        content, where = _download(S3Reference(*address.groups()), "there is no such object"), wanted
    elif wanted:
        content, where = _read(Path(wanted).expanduser()), wanted
    else:
        reference = stable_reference()
        content, where = (
            _download(reference, "nothing has been published; run: make run-pipeline"),
            str(reference),
        )
    return parse(content, where), where


def stable_reference() -> S3Reference:
    """Where artifacts are published by default, as the function that publishes them says."""
    name = function_name("publish-artifact")
    functions = client("lambda")
    try:
        configuration = functions.get_function(FunctionName=name, Qualifier=ALIAS)["Configuration"]
    except functions.exceptions.ResourceNotFoundException:
        raise CommandError(
            f"{name} is not deployed at {endpoint() or 'AWS'}; run: make run-pipeline, or name a file with ARTIFACT"
        ) from None
    config = Config.from_environment(configuration.get("Environment", {}).get("Variables", {}))
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


def _download(reference: S3Reference, missing: str) -> bytes:
    try:
        return client("s3").get_object(Bucket=reference.bucket, Key=reference.key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
            raise CommandError(f"{reference}: {missing}") from None
        raise CommandError(f"{reference}: {explain(error)}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"ARTIFACT {path} cannot be read: {error.strerror} (it may be a file, an s3:// address or the SHA-256 "
            "of a version)",
            exit_status=2,
        ) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _shortened(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "..."
