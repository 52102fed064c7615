"""List the published models, make one of them its dataset's current one, or take the last move of a stable key back.

    python -m model_service_cli models [--json] | promote --model NAME | rollback [--model WHICH]

A stable key is moved by a conditional write against what was just read, so a move of someone else's is never lost.
Each rollback goes one move further back.
"""

import sys
from typing import Any

import click

from model_service_cli.cloud import client
from model_service_cli.door import CommandError
from model_service_cli.models import model_list, stable_key
from model_service_cli.models.artifact_reader import configuration, content_of, parse
from model_service_cli.models.catalogue import NOTHING, Catalogue
from model_service_cli.models.names import beginning, checked, model_name
from model_service_cli.models.stable_key import Held
from model_service_cli.models.versions import published_models, stable_of
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lists import show_list
from shared.config import Config
from shared.event_fields import S3Reference


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


def promote(s3: Any, default: S3Reference, wanted: str) -> None:
    digest, version = Catalogue.read(s3, default).version(wanted)
    name = model_name(digest)
    content = content_of(s3, version, digest)
    # What `make predict` could not read shall not be the current model.
    stable = stable_of(parse(content, name), version, digest)
    current = stable_key.read(s3, stable)
    if current and current.content == content:
        print(f"{name} is the current model of {stable} already: nothing to do")
        return
    stable_key.move(s3, stable, current, content, stable_key.PROMOTE)
    print(f"{name} is the current model now, {_instead(current)}, at {stable}")


def rollback(s3: Any, default: S3Reference, wanted: str) -> None:
    stable = _stable_key(s3, Catalogue.read(s3, default), wanted)
    before, held = stable_key.rollback(s3, stable)
    print(f"{model_name(held.sha256)} is the current model again, {_instead(before)}, at {stable}")


def _stable_key(s3: Any, catalogue: Catalogue, wanted: str) -> S3Reference:
    """The one that is named, by itself or by any of its models; else the one that was moved last."""
    if beginning(wanted):
        digest, version = catalogue.version(wanted)
        return stable_of(parse(content_of(s3, version, digest), model_name(digest)), version, digest)
    if wanted:
        # Not looked for among those that hold something: what was deleted can be had back.
        return S3Reference(catalogue.default.bucket, wanted)
    return catalogue.newest() if catalogue.moved_at else catalogue.default


def _instead(before: Held | None) -> str:
    return f"in place of {model_name(before.sha256)}" if before else "where nothing was"


def _default(config: Config) -> S3Reference:
    return S3Reference(config.artifact_bucket, config.artifact_key)


@click.command(name="models")
@json_option
def list_command(as_json: bool) -> None:
    """The published models of all datasets, newest first, and which ones are current."""
    list_models(client("s3"), configuration(), as_json)


@click.command(name="promote")
@click.option("--model", default="", metavar="NAME", help="Of the model to promote, or its beginning.")
def promote_command(model: str) -> None:
    """Make a published model the current one of its dataset."""
    wanted = checked(model)
    promote(client("s3"), _default(configuration()), wanted)


@click.command(name="rollback")
@click.option(
    "--model", default="", metavar="WHICH", help="A stable key, or a model of it; else the key moved last."
)
def rollback_command(model: str) -> None:
    """Take back the last move of a dataset's current model; repeated, go further back."""
    rollback(client("s3"), _default(configuration()), model)
