"""The measured part of docs/models.md: our models beside each peer over all tables, and every table for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.figures import at_least_about_the_best, geometric_mean, interval, ratios
from models.runs import OURS, PEERS
from page_parts import with_part

BEGIN = "<!-- measured by make benchmark-models -->\n"
END = "<!-- end of what was measured -->\n"
MANY_CLASSES = ("leaf",)  # a table of 32 classes, which weighs much in a mean of few tables
MARGIN = 0.02
_SHORT = {"HistGradientBoosting": "HistGB", "HistGradientBoosting, early stopping": "HistGB, stopped"}

Measured = dict[str, Any]


def page(text_of_page: str, measured: Measured) -> str:
    return with_part(text_of_page, BEGIN, END, text(measured))


def text(measured: Measured) -> str:
    models = measured["models"]
    losses = {model: _column(of_tables, "log_loss") for model, of_tables in models.items()}
    machine = measured["machine"]
    seeds = len(measured["seeds"])
    return "\n\n".join(
        [
            f"{_counted(len(losses[OURS]), 'table')}, {_counted(seeds, 'split')} of each. "
            f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}.",
            _against_peers(models, losses),
            _best(losses),
            _tables(losses),
        ]
    )


def _against_peers(models: Measured, losses: Mapping[str, Mapping[str, float]]) -> str:
    rows = []
    for peer in PEERS:
        of_tables = ratios(losses[OURS], losses[peer])
        few = [ratio for name, ratio in of_tables.items() if name not in MANY_CLASSES]
        won = sum(ratio < 1.0 for ratio in of_tables.values())
        rows.append(
            [
                peer,
                _with_interval(list(of_tables.values())),
                _with_interval(few),
                f"{won} of {len(of_tables)}",
                *(_means(models[peer], key) for key in ("roc_auc", "accuracy", "seconds", "peak_mb")),
            ]
        )
    rows.append(
        [
            OURS,
            "1",
            "1",
            "",
            *(_means(models[OURS], key) for key in ("roc_auc", "accuracy", "seconds", "peak_mb")),
        ]
    )
    header = [
        "",
        "our log loss to theirs, 95 % interval",
        "without 32 classes",
        "tables won",
        "ROC area",
        "accuracy",
        "seconds",
        "MB",
    ]
    return _markdown(header, rows)


def _best(losses: Mapping[str, Mapping[str, float]]) -> str:
    peers = [losses[peer] for peer in PEERS]
    near = at_least_about_the_best(losses[OURS], peers, MARGIN)
    first = at_least_about_the_best(losses[OURS], peers, 0.0)
    return (
        f"Of all {1 + len(PEERS)}, ours has the lowest log loss on {len(first)} of {len(losses[OURS])} tables, and is "
        f"the best or within {MARGIN:.0%} of the best on {len(near)}."
    )


def _tables(losses: Mapping[str, Mapping[str, float]]) -> str:
    models = [OURS, *PEERS]
    rows = []
    for name in losses[OURS]:
        own = [losses[model].get(name) for model in models]
        lowest = min(loss for loss in own if loss is not None)
        cells = ["" if loss is None else f"{loss:.4f}" for loss in own]
        rows.append(
            [name, *(f"**{c}**" if loss == lowest else c for c, loss in zip(cells, own, strict=True))]
        )
    return _markdown(["log loss", *(_SHORT.get(model, model) for model in models)], rows)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _column(of_tables: Mapping[str, Mapping[str, float]], key: str) -> dict[str, float]:
    return {name: found[key] for name, found in of_tables.items()}


def _means(of_tables: Mapping[str, Mapping[str, float]], key: str) -> str:
    """Of shares the mean, of seconds and memory the geometric mean, over the tables."""
    values = list(_column(of_tables, key).values())
    if key in ("seconds", "peak_mb"):
        return f"{geometric_mean(values):.3g}"
    return f"{sum(values) / len(values):.3f}"


def _with_interval(of_tables: Sequence[float]) -> str:
    if not of_tables:
        return ""
    low, high = interval(of_tables)
    return f"{geometric_mean(of_tables):.3f} ({low:.2f} to {high:.2f})"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
