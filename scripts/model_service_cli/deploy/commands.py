"""The commands that deploy: their options, and which function of `stack` each calls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from model_service_cli.deploy import stack
from model_service_cli.deploy.target import TARGETS, Deployment


def _to_a_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where: target, endpoint and folder."""
    for option in (
        click.option("--folder", type=click.Path(path_type=Path), help="Of state, stamp and log."),
        click.option("--endpoint", help="The local cloud; by default AWS_ENDPOINT_URL."),
        click.option("--target", type=click.Choice(TARGETS), default="local"),
    ):
        command = option(command)
    return command


@click.command()
@_to_a_target
@click.option("--force", is_flag=True, help="Deploy even though nothing has changed.")
def deploy(target: str, endpoint: str | None, folder: Path | None, force: bool) -> None:
    """Apply infra/ where something has changed."""
    stack.deploy(Deployment.of(target, endpoint, folder), force)


@click.command()
@_to_a_target
def plan(target: str, endpoint: str | None, folder: Path | None) -> None:
    """What a deploy would change."""
    stack.plan(Deployment.of(target, endpoint, folder))


@click.command()
@_to_a_target
def outputs(target: str, endpoint: str | None, folder: Path | None) -> None:
    """Terraform's outputs of the last deploy, as JSON."""
    print(json.dumps(stack.outputs(Deployment.of(target, endpoint, folder)), indent=2))


@click.command()
@_to_a_target
def destroy(target: str, endpoint: str | None, folder: Path | None) -> None:
    """Remove everything that deploy made."""
    stack.destroy(Deployment.of(target, endpoint, folder))
