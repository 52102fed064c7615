"""The picture of docs/models.md: our log loss to each peer's, a dot a table, and their geometric mean."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from models.figures import geometric_mean, interval, ratios
from models.runs import OURS, PEERS

_DOT, _MEAN, _INK, _FAINT = "#4A97C9", "#D55E00", "#222222", "#CCCCCC"
_WIDEST = 1.6  # a ratio beyond it is drawn at the edge


def draw(measured: dict[str, Any], target: Path) -> None:
    mpl.rcParams.update(
        {"font.size": 10, "font.family": "DejaVu Sans", "svg.hashsalt": "models", "text.color": _INK}
    )
    losses = {
        model: {name: found["log_loss"] for name, found in of_tables.items()}
        for model, of_tables in measured["models"].items()
    }
    figure, axes = plt.subplots(figsize=(9.0, 4.2), facecolor="white")
    axes.axvline(1.0, color=_FAINT, linewidth=1)
    for height, peer in enumerate(reversed(PEERS)):
        of_tables = list(ratios(losses[OURS], losses[peer]).values())
        shown = [min(max(ratio, 1 / _WIDEST), _WIDEST) for ratio in of_tables]
        axes.scatter(shown, [height] * len(shown), s=22, color=_DOT, alpha=0.6, linewidths=0)
        mean, (low, high) = geometric_mean(of_tables), interval(of_tables)
        axes.plot([low, high], [height - 0.25] * 2, color=_MEAN, linewidth=2)
        axes.plot([mean], [height - 0.25], marker="D", markersize=6, color=_MEAN)
        axes.annotate(
            f"{mean:.2f}", (high, height - 0.25), xytext=(6, -4), textcoords="offset points", color=_MEAN
        )
    axes.set_yticks(range(len(PEERS)), list(reversed(PEERS)))
    axes.set_xscale("log")
    axes.set_xlim(1 / _WIDEST / 1.03, _WIDEST * 1.03)
    axes.set_xticks([0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5], ["0.7", "0.8", "0.9", "1", "1.1", "1.25", "1.5"])
    axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    axes.set_xlabel("our log loss to theirs: a dot a table, and the mean with its 95 % interval")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.tight_layout()
    figure.savefig(
        target, metadata={"Date": None, "Title": "Log loss beside other people's models, by table"}
    )
    plt.close(figure)
