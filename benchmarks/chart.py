"""The chart of a benchmark result: whole process, time and memory by size of the CSV.

python chart.py benchmark.json benchmark.svg
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

Json = dict[str, Any]

# Label and colour: colours that the colour-blind can tell apart (after Okabe and Ito); ours is the strong one.
LINES = {
    "model service": ("model service", "#0072B2"),
    "model service with boto3": ("with boto3", "#4A97C9"),
    "pandas + scikit-learn": ("pandas", "#D55E00"),
    "polars + scikit-learn": ("polars", "#00805E"),
    "DuckDB + scikit-learn": ("DuckDB", "#A0588F"),
    "bare standard library": ("bare split and float", "#6B6B6B"),
}
_LABEL_GAP = 0.062  # of the axis's height, between two labels
_INK, _FAINT = "#222222", "#DDDDDD"


def draw(result: Json, target: Path) -> None:
    mpl.rcParams.update(
        {"font.size": 10, "font.family": "DejaVu Sans", "svg.hashsalt": "benchmark", "text.color": _INK}
    )
    figure, panels = plt.subplots(1, 2, figsize=(12.5, 5.2), facecolor="white")
    _panel(panels[0], result, "whole_seconds", "Seconds")
    _panel(panels[1], result, "peak_mb", "Peak memory, MB")
    machine = result["machine"]
    figure.suptitle(
        "From a CSV to an evaluated model: the whole process",
        x=0.015,
        y=0.975,
        ha="left",
        size=13,
        weight="bold",
    )
    figure.text(
        0.015,
        0.9,
        "Lower is better; both axes are logarithmic. pandas, polars and DuckDB read for scikit-learn. "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}.",
        size=9,
        color="#555555",
    )
    figure.subplots_adjust(left=0.045, right=0.855, top=0.82, bottom=0.105, wspace=0.6)
    figure.savefig(target, metadata={"Date": None, "Title": "Benchmark: time and memory by size of the CSV"})


def _panel(axes: Any, result: Json, figure: str, title: str) -> None:
    sizes = result["sizes"]
    megabytes = [size["megabytes"] for size in sizes]
    axes.set_xscale("log")
    axes.set_yscale("log")
    ends = {}
    for name, (_, colour) in LINES.items():
        values = [size["competitors"][name][figure]["best"] for size in sizes]
        strong = name == "model service"
        axes.plot(
            megabytes,
            values,
            color=colour,
            linewidth=2.8 if strong else 1.6,
            linestyle="--" if name == "bare standard library" else "-",
            marker="o",
            markersize=6 if strong else 4,
            zorder=3 if strong else 2,
        )
        ends[name] = values[-1]
    axes.set_title(title, loc="left", size=11)
    axes.set_xlabel("CSV, MB")
    axes.set_xticks(megabytes, [f"{size:g}" for size in megabytes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color=_FAINT, linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _label_lines(axes, ends, megabytes[-1])


def _label_lines(axes: Any, ends: dict[str, float], right: float) -> None:
    """Each line's name and last value at its right end, moved apart where they would overlap."""
    bottom, top = map(math.log10, axes.get_ylim())
    wanted = {name: (math.log10(value) - bottom) / (top - bottom) for name, value in ends.items()}
    names = sorted(wanted, key=wanted.__getitem__)
    places = _spread([wanted[name] for name in names])
    for name, place in zip(names, places, strict=True):
        label, colour = LINES[name]
        axes.annotate(
            f"{label}  {_three_digits(ends[name])}",
            xy=(right, ends[name]),
            xytext=(1.055, place),
            textcoords="axes fraction",
            va="center",
            color=colour,
            size=9,
            weight="bold" if name == "model service" else "normal",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4},
            annotation_clip=False,
        )


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _spread(places: list[float]) -> list[float]:
    """Ascending places, moved as little as keeps them _LABEL_GAP apart: neighbours that meet share the shift."""
    groups = [[place] for place in places]
    centres = list(places)
    index = 1
    while index < len(groups):
        reach = _LABEL_GAP * (len(groups[index - 1]) + len(groups[index])) / 2
        if centres[index] - centres[index - 1] < reach:
            groups[index - 1] += groups.pop(index)
            centres.pop(index)
            centres[index - 1] = sum(groups[index - 1]) / len(groups[index - 1])
            index = max(1, index - 1)
        else:
            index += 1
    return [
        centre + _LABEL_GAP * (rank - (len(group) - 1) / 2)
        for centre, group in zip(centres, groups, strict=True)
        for rank in range(len(group))
    ]


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
