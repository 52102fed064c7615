"""List the published models, promote one of them, or take the last move of the stable key back.

    python -m model_service_cli models | promote --version SHA256 | rollback

The stable key is moved by a conditional write against what was just read, so a move of someone else's is never
lost. Each rollback goes one move further back.
"""

import sys
from datetime import UTC
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from model_service_cli.cloud import client
from model_service_cli.door import CommandError
from model_service_cli.models import stable_key
from model_service_cli.models.artifact_reader import parse, stable_reference
from model_service_cli.models.stable_key import SHORT_DIGEST, Held
from model_service_cli.models.versions import (
    ModelVersion,
    checked,
    content_of,
    digest_of,
    unique_digits,
    versions,
)
from model_service_cli.terminal.figures import figure
from model_service_cli.terminal.tables import is_terminal, new_table, show
from shared.event_fields import S3Reference


def table_of(
    models: list[ModelVersion], current: str | None, data_version_characters: int | None = None
) -> Table:
    """One row for each version, in the order given.

    current: the SHA-256 of what the stable key holds; data_version_characters: how many are shown, None for all.
    """
    table = new_table(
        "version",
        "published (UTC)",
        "run_id",
        "accuracy",
        "f1",
        "baseline",
        "data version",
        "note",
        right=("accuracy", "f1", "baseline"),
    )
    digits = unique_digits([model.sha256 for model in models])
    for model in models:
        metrics = model.section("metrics")
        is_current = model.sha256 == current
        table.add_row(
            Text(model.sha256[:digits], style="bold green" if is_current else ""),
            Text(f"{model.published_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
            Text(model.section("lineage").get("run_id", "")),
            Text(figure(metrics.get("accuracy"))),
            Text(figure(metrics.get("f1"))),
            Text(figure(metrics.get("baseline_accuracy"))),
            Text((model.section("dataset").get("version_id") or "")[:data_version_characters]),
            note(model, is_current),
        )
    return table


def note(model: ModelVersion, is_current: bool) -> Text:
    """Whether it is the current one, and whether `make predict` can read it."""
    current = Text("current" if is_current else "", style="bold green")
    unreadable = Text("unreadable" if model.problem else "", style="bold red")
    return Text(", ").join(part for part in (current, unreadable) if part)


def list_models(s3: Any, stable: S3Reference) -> None:
    models = versions(s3, stable)
    if not models:
        raise CommandError("nothing has been published; run: make run-pipeline")
    held = stable_key.read(s3, stable)
    show(table_of(models, held.sha256 if held else None, SHORT_DIGEST if is_terminal(sys.stdout) else None))
    for model in models:
        if model.problem:
            print(f"models: {model.problem}", file=sys.stderr)
    if held is None:
        print(
            f"models: {stable} holds nothing; make promote VERSION=... moves it to a version", file=sys.stderr
        )
    elif held.sha256 not in {model.sha256 for model in models}:
        print(
            f"models: {stable} holds {held.sha256[:SHORT_DIGEST]}, which is no published version",
            file=sys.stderr,
        )


def promote(s3: Any, stable: S3Reference, wanted: str) -> None:
    digest = digest_of(s3, stable, wanted)
    content = content_of(s3, stable, digest)
    parse(content, digest[:SHORT_DIGEST])  # what `make predict` could not read shall not be the current model
    current = stable_key.read(s3, stable)
    if current and current.content == content:
        print(f"{digest[:SHORT_DIGEST]} is the current model already: nothing to do")
        return
    stable_key.move(s3, stable, current, content, stable_key.PROMOTE)
    print(f"{digest[:SHORT_DIGEST]} is the current model now, {_instead(current)}, at {stable}")


def rollback(s3: Any, stable: S3Reference) -> None:
    before, held = stable_key.rollback(s3, stable)
    print(f"{held.sha256[:SHORT_DIGEST]} is the current model again, {_instead(before)}, at {stable}")


def _instead(before: Held | None) -> str:
    return f"in place of {before.sha256[:SHORT_DIGEST]}" if before else "where nothing was"


@click.command(name="models")
def list_command() -> None:
    """The published models, newest first, and which one is current."""
    list_models(client("s3"), stable_reference())


@click.command(name="promote")
@click.option("--version", default="", metavar="SHA256", help="Of the version to promote, or its beginning.")
def promote_command(version: str) -> None:
    """Make a published model the current one."""
    wanted = checked(version)
    promote(client("s3"), stable_reference(), wanted)


@click.command(name="rollback")
def rollback_command() -> None:
    """Take back the last move of the current model; repeated, go further back."""
    rollback(client("s3"), stable_reference())
