"""The lines of the report: a run and a model as values, and the runs of one dataset together. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from model_service_cli.models.names import family_in_words
from model_service_cli.models.versions import PublishedModel
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to, label_of, stopped, verdict_words
from model_service_cli.runs.steps import RUNNING, SUCCEEDED
from shared.event_fields import Json


@dataclass(frozen=True)
class Judged:
    """What a verdict says. tone: a class of the style sheet; all empty where there is none."""

    tone: str = ""
    headline: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class RunEntry:
    """A run. data: the CSV's key; said: why it failed; sha256: of the model that it published; trace, card: addresses
    relative to the page, empty where there is none."""

    name: str
    status: str
    started_at: datetime
    duration_ms: int | None
    data: str
    label: str
    model: str
    metrics: Json
    verdict: Judged
    said: str
    sha256: str
    trace: str = ""
    card: str = ""

    def with_card(self, card: str) -> "RunEntry":
        return replace(self, card=card)

    @property
    def tone(self) -> str:
        """A class of the style sheet, for the run as a whole."""
        if self.status == RUNNING:
            return "running"
        return "bad" if self.status != SUCCEEDED else self.verdict.tone or "plain"


@dataclass(frozen=True)
class ModelEntry:
    """A published model. key: of the stable place; is_current: it is what lies there; problem: why it is unreadable."""

    sha256: str
    published_at: datetime
    key: str
    data: str = ""
    label: str = ""
    model: str = ""
    metrics: Json = field(default_factory=dict)
    verdict: Judged = Judged()
    is_current: bool = False
    problem: str = ""
    card: str = ""


@dataclass(frozen=True)
class Dataset:
    """The runs on one CSV, newest first, and the current model of what the newest of them predicts, if there is one.

    drawn: the runs that predict the same, so that their figures can be compared.
    """

    data: str
    runs: tuple[RunEntry, ...]
    drawn: tuple[RunEntry, ...]
    current: ModelEntry | None


def run_entry(execution: Execution, request: Json, trace: str = "") -> RunEntry:
    """request: as it was given, with the defaults of the deployment for what it left out."""
    known = got_to(execution)
    dataset = known.get("dataset") or {}
    artifact = known.get("artifact") or {}
    return RunEntry(
        name=execution.arn.rpartition(":")[2],
        status=execution.status,
        started_at=execution.started_at,
        duration_ms=execution.duration_ms,
        data=str(dataset.get("key") or request.get("key") or ""),
        label=label_of(request),
        model=family_in_words(known.get("leaderboard") or [], request) if known.get("metrics") else "",
        metrics=known.get("metrics") or {},
        verdict=Judged(*verdict_words(known)),
        said=stopped(execution),
        sha256=str(artifact.get("sha256") or ""),
        trace=trace,
    )


def model_entry(model: PublishedModel, is_current: bool, card: str = "") -> ModelEntry:
    """card: its address, empty where there is none."""
    return ModelEntry(
        model.sha256,
        model.published_at,
        model.stable.key if model.stable else "",
        data=str(model.section("dataset").get("key") or ""),
        label=label_of(model.section("request")) if model.artifact else "",
        model=model.family,
        metrics=model.section("metrics"),
        verdict=Judged(*verdict_words(model.artifact or {})),
        is_current=is_current,
        problem=model.problem,
        card=card,
    )


def datasets(runs: Iterable[RunEntry], models: Iterable[ModelEntry]) -> Iterator[Dataset]:
    """The runs by their data, that of the newest run first."""
    together: dict[str, list[RunEntry]] = {}
    for run in sorted(runs, key=lambda one: one.started_at, reverse=True):
        together.setdefault(run.data, []).append(run)
    current = {(model.data, model.label): model for model in models if model.is_current}
    for data, found in together.items():
        label = next((run.label for run in found if run.metrics), found[0].label)
        drawn = tuple(run for run in found if run.label == label)
        yield Dataset(data, tuple(found), drawn, current.get((data, label)))


def figures_of(runs: Iterable[RunEntry], name: str) -> list[tuple[RunEntry, Any]]:
    """The runs that have this metric, oldest first, each with it."""
    found = [(run, run.metrics[name]) for run in runs if isinstance(run.metrics.get(name), (int, float))]
    return sorted(found, key=lambda one: one[0].started_at)
