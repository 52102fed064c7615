"""A published model as a line of a list, and as JSON. Pure: nothing here reads S3 or prints."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from rich.text import Text

from model_service_cli.models.names import dataset_name, model_name
from model_service_cli.models.stable_key import Held
from model_service_cli.models.versions import PublishedModel
from model_service_cli.terminal.as_json import iso
from model_service_cli.terminal.figures import figure
from model_service_cli.terminal.lists import Column
from model_service_cli.terminal.verdicts import verdict_text
from shared.config import Config
from shared.event_fields import S3Reference

COLUMNS = (
    Column("model"),
    Column("note"),
    Column("published (UTC)"),
    Column("accuracy", right=True),
    Column("verdict"),
    Column("dataset", below="{}"),
    Column("label", below="label {}"),
    Column("family", below="{}"),
    Column("baseline", below="baseline {}", right=True),
    Column("roc_auc", below="roc_auc {}", right=True),
    Column("run_id", below="run {}"),
    Column("stable key", below="at {}"),
)


def row(model: PublishedModel, current: Mapping[S3Reference, str], config: Config) -> list[Text]:
    """current: the SHA-256 of what each stable key holds."""
    metrics, dataset = model.section("metrics"), model.section("dataset")
    is_current = _is_current(model, current)
    return [
        Text(model.name, style="bold green" if is_current else ""),
        _note(model, is_current),
        Text(f"{model.published_at.astimezone(UTC):%Y-%m-%d %H:%M}"),
        Text(figure(metrics.get("accuracy"))),
        verdict_text(model.section("verdict")),
        Text(dataset_name(dataset["bucket"], dataset["key"], config) if dataset else ""),
        Text(model.section("request").get("label_column", "")),
        Text(model.family),
        Text(figure(metrics.get("baseline_accuracy"))),
        Text(figure(metrics.get("roc_auc"))),
        Text(model.section("lineage").get("run_id", "")),
        Text(model.stable.key if model.stable else ""),
    ]


def _note(model: PublishedModel, is_current: bool) -> Text:
    """Whether it is the current one of its key, and whether `make predict` can read it."""
    current = Text("current" if is_current else "", style="bold green")
    unreadable = Text("unreadable" if model.problem else "", style="bold red")
    return Text(", ").join(part for part in (current, unreadable) if part)


def to_json(model: PublishedModel, current: Mapping[S3Reference, str]) -> dict[str, Any]:
    dataset = model.section("dataset")
    return {
        "model": model.name,
        "sha256": model.sha256,
        "current": _is_current(model, current),
        "published_at": iso(model.published_at),
        "stable_key": model.stable and model.stable.key,
        "version": model.version.to_event(),
        "run_id": model.section("lineage").get("run_id"),
        "dataset": {
            "bucket": dataset.get("bucket"),
            "key": dataset.get("key"),
            "s3_version_id": dataset.get("version_id"),
        },
        "label_column": model.section("request").get("label_column"),
        "family": model.family or None,
        "verdict": model.section("verdict").get("outcome"),
        "metrics": model.section("metrics"),
        "problem": model.problem or None,
    }


def problems(models: list[PublishedModel], held: Mapping[S3Reference, Held | None]) -> Iterator[str]:
    """What a person should hear beside the list, in lines."""
    for model in models:
        if model.problem:
            yield model.problem
    published = {model.sha256 for model in models}
    for stable, found in held.items():
        if found is None:
            yield f"{stable} holds nothing; make promote MODEL=... moves it to a model"
        elif found.sha256 not in published:
            yield f"{stable} holds {model_name(found.sha256)}, which is no published model"


def _is_current(model: PublishedModel, current: Mapping[S3Reference, str]) -> bool:
    if model.stable is None:  # unreadable: by its bytes' name alone
        return model.sha256 in current.values()
    return current.get(model.stable) == model.sha256
