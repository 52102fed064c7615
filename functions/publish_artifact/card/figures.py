"""The figures of a model card as inline SVG. Every figure says in words (title and desc) what it shows."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from publish_artifact.artifact_types import Curves, Reliability, Roc
from publish_artifact.card.style import SERIES
from publish_artifact.card.text import name_of, number, percent, plain, rows_of

Line = Sequence[tuple[float, float]]  # points, x and y from 0 to 1
_WIDE, _LEFT, _TOP, _SIDE = 360, 46, 12, 296
_CURVE_POINTS = 48
_SPREAD = 3.5  # deviations of a normal curve that are drawn


class Figures:
    """Makes the figures of one page: each has ids of its own, for what describes it."""

    def __init__(self) -> None:
        self._ids = count(1)

    def roc(self, curves: Sequence[Curves]) -> str:
        """ROC curves, one class against the rest."""
        shown = [(entry["class"], roc) for entry in curves if (roc := entry["roc"])][:SERIES]
        lines = [_roc_line(roc) for _, roc in shown]
        areas = ", ".join(f"{plain(name)} {roc['area']:.3f}" for name, roc in shown)
        drawing = _square("share of other rows taken for it", "share of its rows found") + _paths(lines)
        legend = [f"{name_of(name, 40)}: area {roc['area']:.3f}" for name, roc in shown]
        return self._figure(
            "ROC curve" + ("s, each class against the rest" if len(shown) > 1 else ""),
            f"Found rows of the class against rows wrongly taken for it, for every threshold. Area: {areas}.",
            (_WIDE, _SIDE + 60),
            drawing,
            _legend(legend),
            "The dashed diagonal is guessing. A curve nearer to the upper left corner separates better.",
        )

    def reliability(self, bins: Reliability, whose: str) -> str:
        """Share of hits by predicted probability; dots as large as their bin's rows are many."""
        rows = sum(bins["rows"])
        filled = [
            (mean, hits / n, n)
            for mean, hits, n in zip(bins["mean_probability"], bins["hits"], bins["rows"], strict=True)
            if n and mean is not None
        ]
        words = "; ".join(
            f"said {percent(p)}, was {percent(share)} of {rows_of(n)}" for p, share, n in filled
        )
        line = [(p, share) for p, share, _ in filled]
        dots = "".join(
            f'<circle class="f0" fill-opacity=".75" cx="{_x(p):.1f}" cy="{_y(share):.1f}" '
            f'r="{2.5 + 9 * math.sqrt(n / rows):.1f}"/>'
            for p, share, n in filled
        )
        return self._figure(
            "Reliability of the probabilities",
            f"Predicted probability of {whose} against the share of rows that were, in ten bins: {words}.",
            (_WIDE, _SIDE + 60),
            _square("predicted probability", "share that was so") + _paths([line]) + dots,
            "",
            f"Of {whose}. On the dashed diagonal the probabilities are what they say; below it the model promises "
            "too much, above it too little. A larger dot is a bin of more rows.",
        )

    def balance(self, classes: Sequence[tuple[str, int]], total: int) -> str:
        """A bar per class."""
        height = 26 * len(classes) + 8
        largest = max(rows for _, rows in classes)
        bars = "".join(
            f'<text x="100" y="{26 * i + 21}" text-anchor="end" class="v">{plain(name, 16)}</text>'
            f'<rect class="bar" x="106" y="{26 * i + 8}" width="{max(1, 130 * rows / largest):.1f}" height="18" '
            f'rx="2"/><text x="{112 + 130 * rows / largest:.1f}" y="{26 * i + 21}" class="v">{rows:,d} '
            f"({percent(rows / total)})</text>"
            for i, (name, rows) in enumerate(classes)
        )
        words = ", ".join(f"{plain(name)} {percent(rows / total)}" for name, rows in classes)
        return self._figure("Rows of each class", words + ".", (_WIDE, height), bars)

    def normals(
        self, feature: str, span: tuple[float, float], curves: Sequence[tuple[str, float, float]]
    ) -> str:
        """Normal curves of a feature: (class, mean, deviation); span: smallest and largest value in the data."""
        curves = curves[:SERIES]
        low = max(span[0], min(mean - _SPREAD * deviation for _, mean, deviation in curves))
        high = min(span[1], max(mean + _SPREAD * deviation for _, mean, deviation in curves))
        width = (high - low) or 1.0
        highest = max((1 / d for _, _, d in curves if d > 0), default=1.0)
        lines = [list(_normal(mean, deviation, low, width, highest)) for _, mean, deviation in curves]
        bottom = 128
        paths = "".join(
            f'<path class="s{i}" d="{_path(line, lambda x: 14 + 332 * x, lambda y: bottom - 112 * y)}"/>'
            for i, line in enumerate(lines)
        )
        drawing = (
            f'<path class="axis" d="M14 {bottom}H346"/>{paths}'
            f'<text x="14" y="{bottom + 16}">{number(low)}</text>'
            f'<text x="346" y="{bottom + 16}" text-anchor="end">{number(high)}</text>'
        )
        words = "; ".join(
            f"{plain(name)}: mean {mean:.4g}, deviation {dev:.4g}" for name, mean, dev in curves
        )
        return self._figure(
            name_of(feature, 40),
            f"Normal curves of {plain(feature, 40)} by class. {words}.",
            (_WIDE, bottom + 22),
            drawing,
            "",
            f"Data from {number(span[0])} to {number(span[1])}.",
        )

    def effects(self, title: str, effects: Sequence[tuple[str, float]]) -> str:
        """A signed bar per feature, about a zero line."""
        largest = max((abs(value) for _, value in effects), default=0.0) or 1.0
        middle, reach, height = 232, 70, 24 * len(effects) + 10
        bars = "".join(
            f'<text x="112" y="{24 * i + 20}" text-anchor="end" class="v">{plain(name, 18)}</text>'
            f'<rect class="f{int(value < 0)}" x="{middle + min(0, reach * value / largest):.1f}" y="{24 * i + 8}" '
            f'width="{max(0.5, reach * abs(value) / largest):.1f}" height="15" rx="2"/>'
            f'<text x="{middle + reach * value / largest + (5 if value >= 0 else -5):.1f}" y="{24 * i + 20}" '
            f'text-anchor="{"start" if value >= 0 else "end"}" class="v">{value:+.2f}</text>'
            for i, (name, value) in enumerate(effects)
        )
        words = "; ".join(f"{plain(name)} {value:+.3g}" for name, value in effects)
        axis = f'<path class="axis" d="M{middle} 2V{height}"/>'
        return self._figure(title, words + ".", (_WIDE, height), bars + axis)

    def _figure(
        self, title: str, words: str, size: tuple[int, int], drawing: str, legend: str = "", caption: str = ""
    ) -> str:
        i = next(self._ids)
        plain_title = title.replace("<bdi>", "").replace("</bdi>", "")
        return (
            f"<figure>\n<h3>{title}</h3>\n"
            f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img" aria-labelledby="t{i} d{i}">'
            f'<title id="t{i}">{plain_title}</title><desc id="d{i}">{words}</desc>{drawing}</svg>\n{legend}'
            + (f"<figcaption>{caption}</figcaption>\n" if caption else "")
            + "</figure>\n"
        )


def _legend(entries: Sequence[str]) -> str:
    return (
        '<ul class="legend">'
        + "".join(
            f'<li><svg viewBox="0 0 30 8" aria-hidden="true"><path class="s{i}" d="M0 4H30"/></svg>{entry}</li>'
            for i, entry in enumerate(entries)
        )
        + "</ul>\n"
    )


def class_legend(classes: Sequence[str]) -> str:
    """Which line is which class, for figures that share their classes."""
    return _legend([name_of(name, 40) for name in classes[:SERIES]])


def _x(x: float) -> float:
    return _LEFT + _SIDE * x


def _y(y: float) -> float:
    return _TOP + _SIDE * (1 - y)


def _square(across: str, up: str) -> str:
    """The unit square with its ticks and the dashed diagonal."""
    ticks = "".join(
        f'<path class="axis" d="M{_x(t):.0f} {_TOP}V{_y(0):.0f}M{_LEFT} {_y(t):.0f}H{_x(1):.0f}"/>'
        f'<text x="{_x(t):.0f}" y="{_y(0) + 16:.0f}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_LEFT - 6}" y="{_y(t) + 4:.0f}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'{ticks}<path class="guide" d="M{_x(0):.0f} {_y(0):.0f}L{_x(1):.0f} {_y(1):.0f}"/>'
        f'<text x="{_x(0.5):.0f}" y="{_y(0) + 36:.0f}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(11 {_y(0.5):.0f}) rotate(-90)" text-anchor="middle">{up}</text>'
    )


def _paths(lines: Sequence[Line]) -> str:
    return "".join(f'<path class="s{i}" d="{_path(line, _x, _y)}"/>' for i, line in enumerate(lines))


def _path(line: Line, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    return "M" + "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in line)


def _roc_line(roc: Roc) -> Line:
    across, up = roc["false_positives"], roc["true_positives"]
    return [(a / across[-1], b / up[-1]) for a, b in zip(across, up, strict=True)]


def _normal(
    mean: float, deviation: float, low: float, width: float, highest: float
) -> Iterator[tuple[float, float]]:
    """A normal density, 1 at the peak of the narrowest class; a spike where there is no deviation."""
    if deviation <= 0:
        at = min(1.0, max(0.0, (mean - low) / width))
        yield from ((at, 0.0), (at, 1.0))
        return
    even = [low + width * i / _CURVE_POINTS for i in range(_CURVE_POINTS + 1)]
    near = [mean + deviation * i / 4 for i in range(-14, 15)]  # or a narrow peak falls between
    for x in sorted(even + [x for x in near if low <= x <= low + width]):
        z = (x - mean) / deviation
        yield (x - low) / width, math.exp(-z * z / 2) / (deviation * highest)
