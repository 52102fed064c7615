"""What is compared between runs: request, data, model, figures, name by name. Pure: documents in, rows out.

A run that was rejected has all of it; of one that failed early there is its request. How rows are shown is in
`comparison_text`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from model_service_cli.documents import object_or_empty
from model_service_cli.models.names import family_in_words, model_name
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to, label_of, part, stopped, verdict_words
from model_service_cli.terminal.figures import seconds
from shared.artifact_keys import dataset_name
from shared.drift import Dataset, drift, kinds_of
from shared.event_fields import Json

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
METRIC = "metric"
SMALLER_IS_BETTER = {"log_loss", "brier_score"}
# What the metrics of the constant answer, the edges of an interval and the like are compared for is not the model.
NO_GOAL = ("baseline_", "accuracy_low", "accuracy_high")


@dataclass(frozen=True)
class Compared:
    """A run with the documents that it left in S3; {} for one that is not there, or not any more."""

    execution: Execution
    manifest: Json = field(default_factory=dict)
    summary: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.execution.arn.rpartition(":")[2]

    @property
    def known(self) -> Json:
        return got_to(self.execution)

    @property
    def request(self) -> Json:
        """As it was understood, with the defaults; where that is gone, as it was given."""
        return self.manifest.get("request") or object_or_empty(self.execution.input)

    @property
    def question(self) -> tuple[Any, ...]:
        """What it was trained to answer: which dataset, in whatever version and form, and which label."""
        dataset = part(self.known, "dataset") or self.request
        return dataset.get("bucket"), dataset_name(str(dataset.get("key"))), label_of(self.request)

    def dataset(self) -> Dataset | None:
        """What is known of its data; None where that has no profiles."""
        profiles, report = part(self.summary, "profiles"), part(self.manifest, "report")
        if not profiles or "columns" not in self.manifest:
            return None
        order = part(self.summary, "split").get("time_order")
        return Dataset(kinds_of(self.manifest["columns"]), dict(report.get("classes") or {}), profiles, order)


@dataclass(frozen=True)
class Row:
    """section, name: what is compared; values: JSON values in the order of the runs, None for absent. elsewhere: the
    places of runs on another dataset or label than the first run's, whose figures are no better and no worse."""

    section: str
    name: str
    values: tuple[Any, ...]
    elsewhere: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values[1:])

    def against_first(self, place: int) -> str:
        """Whether the figure at this place is better than the first run's, by itself: "better", "worse", or ""."""
        first, value = self.values[0], self.values[place]
        if place in self.elsewhere:
            return ""
        if self.section != METRIC or self.name.startswith(NO_GOAL) or not (_number(first) and _number(value)):
            return ""
        if first == value:
            return ""
        return "better" if (value < first) == (self.name in SMALLER_IS_BETTER) else "worse"


def rows(runs: Sequence[Compared]) -> Iterator[Row]:
    """What is compared, by section; names that any of the runs has, in the order in which they are met."""
    elsewhere = frozenset(place for place, run in enumerate(runs) if run.question != runs[0].question)
    for section, of in (("run", _run), ("request", _request), ("data", _data), (METRIC, _metrics)):
        found = [of(run) for run in runs]
        for name in dict.fromkeys(name for one in found for name in one):
            yield Row(section, name, tuple(one.get(name) for one in found), elsewhere)


def drifts(runs: Sequence[Compared]) -> Iterator[tuple[int, Json]]:
    """The place of each later run whose data is another than the first run's, with what has changed.

    None where the profiles of either are not there.
    """
    first = runs[0].dataset()
    for place, run in enumerate(runs[1:], 1):
        now = run.dataset()
        if first and now and _identity(run) != _identity(runs[0]):
            yield place, drift(first, now)


def _identity(run: Compared) -> tuple[Any, ...]:
    dataset = part(run.known, "dataset")
    return tuple(dataset.get(name) for name in ("bucket", "key", "version_id", "etag"))


def _run(run: Compared) -> Json:
    execution, known = run.execution, run.known
    _, verdict, _ = verdict_words(known)
    sha256 = part(known, "artifact").get("sha256")
    return {
        "status": execution.status.lower().replace("_", " "),
        "why": stopped(execution) or None,
        "verdict": verdict or None,
        "model": family_in_words(known.get("leaderboard") or [], run.request) if "metrics" in known else None,
        "published as": model_name(str(sha256)) if sha256 else None,
        "run_id": part(known, "run").get("run_id"),
        "started (UTC)": f"{execution.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "duration": None if execution.duration_ms is None else seconds(execution.duration_ms).strip(),
        "found done": ", ".join(part(known, "run").get("cached") or ()) or None,
        "code_version": run.manifest.get("code_version"),
    }


def _request(run: Compared) -> Json:
    asked = {
        name: value for name, value in run.request.items() if name not in ("bucket", "key", "version_id")
    }
    return {"label_column": label_of(run.request), **asked}


def _data(run: Compared) -> Json:
    dataset = part(run.known, "dataset") or run.request
    split, report = part(run.summary, "split"), part(run.manifest, "report")
    names = ("bucket", "key", "version_id", "etag", "bytes", "rows", "invalid_rows")
    return {
        **{name: dataset.get(name) for name in names},
        **({"objects": dataset["objects"]} if "objects" in dataset else {}),
        "missing cells": part(dataset, "missing_cells").get("count"),
        "train rows": split.get("train_rows"),
        "test rows": split.get("test_rows"),
        "features": ", ".join(run.manifest.get("features") or []) or None,
        **{f"rows of class {name}": count for name, count in (report.get("classes") or {}).items()},
    }


def _metrics(run: Compared) -> Json:
    return part(run.known, "metrics")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
