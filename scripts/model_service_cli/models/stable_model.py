"""List the published models, make one of them its dataset's current one, or take the last move of a stable key back.

    python -m model_service_cli models | promote --model WHICH | rollback [--model WHICH]    (each: [--json])

A stable key is moved by a conditional write against what was just read, so a move of someone else's is never lost.
Each rollback goes one move further back.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from model_service_cli.cloud import client
from model_service_cli.door import CommandError
from model_service_cli.models import model_list, stable_key
from model_service_cli.models.artifact_reader import WHICH, configuration, named_content, parse
from model_service_cli.models.catalogue import NOTHING, Catalogue
from model_service_cli.models.names import beginning, model_name
from model_service_cli.models.versions import published_models, stable_of
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lists import show_list
from shared.config import Config
from shared.event_fields import Json, S3Reference


def list_models(s3: Any, config: Config, as_json: bool) -> None:
    catalogue = Catalogue.read(s3, _default(config))
    models = published_models(s3, catalogue)
    stable_keys = {model.stable for model in models if model.stable} | catalogue.moved_at.keys()
    held = {stable: stable_key.read(s3, stable) for stable in sorted(stable_keys, key=str)}
    current = {stable: found.sha256 for stable, found in held.items() if found}
    if as_json:
        print_json({"models": [model_list.to_json(model, current) for model in models]})
    elif not models:
        raise CommandError(NOTHING)
    else:
        show_list(model_list.COLUMNS, [model_list.row(model, current, config) for model in models])
    for problem in model_list.problems(models, held):
        print(f"models: {problem}", file=sys.stderr)


@dataclass(frozen=True)
class Moved:
    """Where a stable key stands after a command. before: what it held, None where it held nothing; again: whether the
    move was taken back; moved: False where it stood there already."""

    stable: S3Reference
    sha256: str
    before: str | None
    again: bool = False
    moved: bool = True

    def __str__(self) -> str:
        name = model_name(self.sha256)
        if not self.moved:
            return f"{name} is the current model of {self.stable} already: nothing to do"
        instead = f"in place of {model_name(self.before)}" if self.before else "where nothing was"
        return f"{name} is the current model {'again' if self.again else 'now'}, {instead}, at {self.stable}"

    def to_json(self) -> Json:
        return {
            "model": model_name(self.sha256),
            "sha256": self.sha256,
            "stable_key": self.stable.key,
            "bucket": self.stable.bucket,
            "before": self.before and model_name(self.before),
            "moved": self.moved,
        }


def promote(s3: Any, default: S3Reference, wanted: str) -> Moved:
    catalogue = Catalogue.read(s3, default)
    content, _ = named_content(s3, lambda: catalogue, wanted)
    digest, version = catalogue.version(hashlib.sha256(content).hexdigest())
    # What `make predict` could not read shall not be the current model.
    stable = stable_of(parse(content, model_name(digest)), version, digest)
    current = stable_key.read(s3, stable)
    if current and current.content == content:
        return Moved(stable, digest, digest, moved=False)
    stable_key.move(s3, stable, current, content, stable_key.PROMOTE)
    return Moved(stable, digest, current.sha256 if current else None)


def rollback(s3: Any, default: S3Reference, wanted: str) -> Moved:
    stable = _stable_key(s3, Catalogue.read(s3, default), wanted)
    before, held = stable_key.rollback(s3, stable)
    return Moved(stable, held.sha256, before.sha256 if before else None, again=True)


def _stable_key(s3: Any, catalogue: Catalogue, wanted: str) -> S3Reference:
    """The one that is named, by itself or by any of its models; else the one that was moved last."""
    if beginning(wanted) or wanted.startswith("s3://") or (wanted and Path(wanted).expanduser().exists()):
        content, _ = named_content(s3, lambda: catalogue, wanted)
        digest, version = catalogue.version(hashlib.sha256(content).hexdigest())
        return stable_of(parse(content, model_name(digest)), version, digest)
    if wanted:
        # Not looked for among those that hold something: what was deleted can be had back.
        return S3Reference(catalogue.default.bucket, wanted)
    return catalogue.newest() if catalogue.moved_at else catalogue.default


def _default(config: Config) -> S3Reference:
    return S3Reference(config.artifact_bucket, config.artifact_key)


@click.command(name="models")
@json_option
def list_command(as_json: bool) -> None:
    """The published models of all datasets, newest first, and which ones are current."""
    list_models(client("s3"), configuration(), as_json)


def _tell(moved: Moved, as_json: bool) -> None:
    if as_json:
        print_json(moved.to_json())
    else:
        print(moved)


@click.command(name="promote")
@click.option("--model", default="", metavar="WHICH", help=WHICH)
@json_option
def promote_command(model: str, as_json: bool) -> None:
    """Make a published model the current one of its dataset."""
    if not model.strip():
        raise CommandError("MODEL is missing; make models lists the models", exit_status=2)
    _tell(promote(client("s3"), _default(configuration()), model), as_json)


@click.command(name="rollback")
@click.option(
    "--model", default="", metavar="WHICH", help="A stable key, or any model of it; else the key moved last."
)
@json_option
def rollback_command(model: str, as_json: bool) -> None:
    """Take back the last move of a dataset's current model; repeated, go further back."""
    _tell(rollback(client("s3"), _default(configuration()), model), as_json)
