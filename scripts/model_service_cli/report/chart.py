"""A metric of one dataset's runs over time, as the numbers of a small picture. Pure: entries in, coordinates out.

Runs stand side by side in their order, not by the clock: repeats come in bursts, and all of them are to be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from model_service_cli.report.entries import RunEntry, figures_of

WIDTH, HEIGHT = 300, 96  # pixels
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 10  # around the plot
CLOSEST = 0.02  # of a metric: what differs less than this is not spread over the whole height
# (the metric, its words, that of the constant answer, its largest value); none is below 0.
METRICS = (
    ("accuracy", "accuracy", "baseline_accuracy", 1.0),
    ("roc_auc", "ROC area", "", 1.0),
    ("log_loss", "log loss, smaller is better", "baseline_log_loss", float("inf")),
)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    tone: str
    target: str
    said: str


@dataclass(frozen=True)
class Chart:
    """line, constant: SVG paths, the second of the constant answer, empty where there is none; low, high: the scale's
    ends as text; said: the whole in words."""

    title: str
    points: tuple[Point, ...]
    line: str
    constant: str
    low: str
    high: str
    said: str


def charts(runs: Sequence[RunEntry]) -> list[Chart]:
    """One for each metric that several of the runs have: a single point is in the table already."""
    made = (_chart(runs, *metric) for metric in METRICS)
    return [chart for chart in made if chart]


def _chart(runs: Sequence[RunEntry], name: str, title: str, baseline: str, most: float) -> Chart | None:
    found = figures_of(runs, name)
    if len(found) < 2:
        return None
    values = [value for _, value in found]
    constants = [run.metrics.get(baseline) for run, _ in found]
    low, high = _scale([*values, *(one for one in constants if one is not None)], most)
    step = (WIDTH - LEFT - RIGHT) / (len(found) - 1)
    xs = [round(LEFT + number * step, 1) for number in range(len(found))]

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    points = tuple(
        Point(x, y(value), run.tone, f"run-{run.name}", f"{run.name}: {value:.4f}")
        for x, (run, value) in zip(xs, found, strict=True)
    )
    known = [(x, y(one)) for x, one in zip(xs, constants, strict=True) if one is not None]
    return Chart(
        title,
        points,
        _path([(point.x, point.y) for point in points]),
        _path(known),
        f"{low:.3g}",
        f"{high:.3g}",
        f"{title}: {len(values)} runs, first {values[0]:.4f}, last {values[-1]:.4f}, "
        f"lowest {min(values):.4f}, highest {max(values):.4f}",
    )


def _scale(values: list[float], most: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high - low < CLOSEST:
        low = max((low + high - CLOSEST) / 2, 0.0)
        high = min(low + CLOSEST, most)
        low = high - CLOSEST
    return low, high


def _path(places: list[tuple[float, float]]) -> str:
    """Through all places; of a single one, and of none, there is none."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places) if len(places) > 1 else ""
