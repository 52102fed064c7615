"""Write the report, tmp/index.html: all runs and models on one page, with the newest ones' traces and cards beside it.

python -m model_service_cli report [--page tmp/index.html] [--count 60]
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from model_service_cli.cloud import Deployed, client
from model_service_cli.files import write_whole
from model_service_cli.models import stable_key
from model_service_cli.models.artifact_reader import stable_reference
from model_service_cli.models.catalogue import Catalogue
from model_service_cli.models.versions import PublishedModel, published_models
from model_service_cli.report.entries import ModelEntry, RunEntry, model_entry, run_entry
from model_service_cli.report.page import page
from model_service_cli.runs.follow import Follower
from model_service_cli.runs.listed_runs import ListedRun, followed, newest
from model_service_cli.runs.steps import RUNNING
from model_service_cli.terminal.waiting import ticking
from model_service_cli.trace.beside import CARDS, INDEX, PAGES, TRACES, fetched, trace_path
from model_service_cli.trace.write_trace import whole_page
from publish_artifact.places import card_of
from shared.event_fields import S3Reference

RUNS, TRACED, MODELS = 60, 10, 40  # the newest: on the page; with a trace beside it; read whole, with a card


def runs_on_page(
    states: Any, deployed: Deployed, runs: Iterable[ListedRun], folder: Path, traced: int = TRACED
) -> Iterator[RunEntry]:
    """The runs, newest first as they come. Writes the traces of the `traced` newest that have ended, once."""
    default = {"bucket": deployed.data_bucket, "key": deployed.data_key}
    for number, run in enumerate(runs):
        execution = followed(states, run)
        trace = trace_path(run.name, folder)
        if number < traced and run.status != RUNNING and not _is_whole(trace):
            read = execution if execution.steps else Follower(states, run.arn).look()
            write_whole(trace, whole_page(read, deployed, trace))
        entry = run_entry(execution, default | run.input, f"{TRACES}/{trace.name}" if trace.exists() else "")
        yield entry


def _is_whole(trace: Path) -> bool:
    """Whether the page is there and was written when its run had ended."""
    try:
        return 'data-renewed-every="0"' in trace.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def models_on_page(s3: Any, default: S3Reference, folder: Path) -> list[ModelEntry]:
    """The newest published models of all stable keys, each read whole. Writes their cards."""
    catalogue = Catalogue.read(s3, default)
    held = {place: stable_key.read(s3, place) for place in catalogue.moved_at}
    current = {place: content.sha256 for place, content in held.items() if content}
    entries = []
    for model in published_models(s3, catalogue, MODELS):
        card = card_beside(s3, model, folder) if model.artifact else ""
        is_current = model.stable is not None and current.get(model.stable) == model.sha256
        entries.append(model_entry(model, is_current, card))
    return entries


def card_beside(s3: Any, model: PublishedModel, folder: Path) -> str:
    """The address of the model's card, relative to the report; empty where there is none to be had."""
    place = card_of(model.version)
    path = folder / CARDS / f"{model.name}.html"
    return f"{CARDS}/{path.name}" if fetched(s3, place.bucket, place.key, path) else ""


def with_cards(runs: Iterable[RunEntry], models: Iterable[ModelEntry]) -> list[RunEntry]:
    """The runs with the addresses of the cards of what they published."""
    cards = {model.sha256: model.card for model in models}
    return [run.with_card(cards.get(run.sha256, "")) for run in runs]


def write_report(
    states: Any, s3: Any, deployed: Deployed, path: Path, count: int, now: datetime, traced: int = TRACED
) -> tuple[int, int]:
    """Writes the page; how many runs, at most `count`, and how many models are on it. traced: as in runs_on_page."""
    listed = newest(states, deployed.state_machine_arn)
    runs = list(runs_on_page(states, deployed, islice(listed, count), path.parent, traced))
    models = models_on_page(s3, stable_reference(), path.parent)
    write_whole(path, page(with_cards(runs, models), models, now, more=next(listed, None) is not None))
    return len(runs), len(models)


@click.command()
@click.option(
    "--page", "path", type=click.Path(path_type=Path), default=PAGES / INDEX, help="The page to write."
)
@click.option("--count", type=click.IntRange(min=1), default=RUNS, show_default=True, help="Runs at most.")
def report(path: Path, count: int) -> None:
    """All runs and models on one page, with links to their traces and cards."""
    deployed = Deployed.find()
    with ticking("report"):
        runs, models = write_report(
            client("stepfunctions"), client("s3"), deployed, path, count, datetime.now(UTC)
        )
    print(f"report     {runs} runs, {models} models")
    print(f"page       {path.resolve().as_uri()}")
