"""The quality gate: whether a model may be published, by its request, its verdict and beside the current model."""

from collections.abc import Iterator

from shared.contracts import Gate
from shared.csv_file.cells import shown
from shared.event_fields import Json
from shared.model.decision import HALF
from summarize.judging.drift import missed as drift_missed

_FLOORS = ("accuracy", "balanced_accuracy", "f1", "roc_auc")
NOT_WORSE, BETTER, OFF = "not_worse", "better", "off"


def gate(request: Json, summary: Json, regression: Json | None = None, drift: Json | None = None) -> Gate:
    """Whether the model of a summary may be published, and all that it missed.

    regression: the current model (`regression`), drift: the dataset beside that model's (`drift`); None where there is
    none.
    """
    missed = [
        *_below_floors(request, summary),
        *_refused_by_verdict(request["baseline_gate"], summary["verdict"]),
        *_regressed(request["max_regression"], summary, regression),
        *drift_missed(request["max_drift"], drift),
    ]
    return Gate(not missed, "; ".join(missed))


def _below_floors(request: Json, summary: Json) -> Iterator[str]:
    for name in _FLOORS:
        least, value = request[f"min_{name}"], summary["metrics"][name]
        if least is None or (value is not None and value >= least):
            continue
        figure = "not defined, as the test rows have one class alone" if value is None else f"{value:.4f}"
        yield f"{_named(name, summary)} is {figure}; min_{name} asks for {least:g} or more"


def _refused_by_verdict(baseline_gate: str, verdict: Json) -> Iterator[str]:
    said = verdict["sentence"].removesuffix(".")
    if baseline_gate == NOT_WORSE and verdict["outcome"] == "worse":
        yield f'{said}; baseline_gate "{NOT_WORSE}" refuses what is worse ("{OFF}" does not)'
    if baseline_gate == BETTER and verdict["outcome"] != "better":
        yield f'{said}; baseline_gate asks for "{BETTER}"'


def _regressed(allowed: float | None, summary: Json, regression: Json | None) -> Iterator[str]:
    if allowed is None or regression is None:
        return
    where = "the same test rows" if regression["compared"] else "its own test rows"
    # Another threshold is not chosen to be right most often.
    for name in ("accuracy", "f1") if summary["decision"]["rule"] == HALF else ("f1",):
        value, current = summary["metrics"][name], regression["metrics"].get(name)
        if current is not None and value < current - allowed:
            yield (
                f"{_named(name, summary)} is {value:.4f}, {current - value:.4f} lower than the current model's "
                f"{current:.4f} on {where}; max_regression allows {allowed:g}"
            )


def _named(name: str, summary: Json) -> str:
    """A metric with the class that it is about, where there is one."""
    positive = summary["decision"]["positive_class"]
    return f"f1 of {shown(positive)}" if name == "f1" and positive is not None else name
