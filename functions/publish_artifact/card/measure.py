"""What the model itself says matters: coefficients, shares of gain; and the normal curves it assumes, if any."""

import math
from collections.abc import Iterator, Sequence

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names, box, path
from publish_artifact.card.style import SERIES
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    CLASSES_SHOWN,
    escape,
    figures,
    name_of,
    number,
    plain,
    soft,
    table,
)
from shared.event_fields import Json
from shared.model.importance import Curve, Importance

FEATURES_SHOWN = 12
_CURVES_SHOWN = 6
_CURVE_POINTS = 48
_SPREAD = 3.5  # deviations of a normal curve that are drawn
_ROW, _BOTTOM = 22, 128


def measure(subject: Subject) -> str:
    """The model's own measure: bars in the colour of the class they speak for, or a table of classes."""
    found = subject.importance
    order = found.strongest()[:FEATURES_SHOWN]
    strong = list(found.numbers)[:CLASSES_SHOWN]
    meaning = f"{escape(found.measure.capitalize())}: {escape(found.meaning)}{_against(subject, found)}."
    if len(found.numbers) == 1:
        drawn = figures([_effects(subject, found, strong[0], order, meaning)])
    else:
        drawn = table(
            f"The model's own measure: {escape(found.measure)}, the strongest first",
            ["feature", *(subject.marked(name or "", 24) for name in strong)],
            (
                [name_of(found.names[j]), *(f"{found.numbers[name][j]:+.2f}" for name in strong)]
                for j in order
            ),
        ) + soft(meaning)
    hidden = (
        soft(f"The {len(order)} of {found.count} features that matter most are shown.")
        if found.count > len(order)
        else ""
    )
    return drawn + hidden


def _against(subject: Subject, found: Importance) -> str:
    if None in found.numbers:
        return ""
    classes = subject.classes
    if len(classes) == 2:
        return f", for {name_of(classes[1])} against {name_of(classes[0])}"
    return ", for each class against the mean"


def _effects(subject: Subject, found: Importance, key: str | None, order: list[int], meaning: str) -> str:
    """A signed bar a feature, about a zero line."""
    values = [found.numbers[key][j] for j in order]
    largest = max(map(abs, values), default=0.0) or 1.0
    signed = key is not None or any(value < 0 for value in values)
    scale = Scale(-largest if signed else 0.0, largest, 130 if signed else 126, 306)
    classes = subject.classes

    def bar(value: float) -> str:
        series = subject.series(classes[int(value > 0)]) if key is not None and len(classes) == 2 else None
        kind = "ink" if series is None else f"f{series}"
        end = scale(value)
        return box(min(end, scale(0)), 4, max(0.5, abs(end - scale(0))), _ROW - 8, kind) + drawing.text(
            drawing.WIDE - 4, _ROW / 2 + 4, f"{value:+.2f}" if signed else f"{value:.2f}", "end", "v"
        )

    lines, height = bars_with_names(
        [plain(found.names[j], 20) for j in order], [bar(value) for value in values], [_ROW] * len(order)
    )
    words = "; ".join(f"{plain(found.names[j], 40)} {v:+.3g}" for j, v in zip(order, values, strict=True))
    return subject.figure(
        "The model's own measure",
        f"{words}.",
        (drawing.WIDE, height),
        lines + f'<path class="axis" d="M{scale(0):.1f} 4V{height:.1f}"/>',
        subject.legend(sorted(classes, key=lambda name: subject.series(name) or 0))
        if key is not None and len(classes) == 2
        else "",
        meaning,
    )


def normal_curves(subject: Subject) -> str:
    """The normal curves of the features, of a model that assumes some."""
    found = subject.importance
    shown = [found.names[j] for j in found.strongest() if found.names[j] in found.curves][:_CURVES_SHOWN]
    if not shown:
        return ""
    columns = subject.artifact["columns"]
    statistics = {c["name"]: c["statistics"] for c in columns if "statistics" in c}
    trained = [e["name"] for e in subject.artifact["classes"] if e["train_rows"]]
    classes = [name for name in subject.classes_by_rows() if name in trained][:SERIES]
    drawn = []
    for name in shown:
        curves = {curve.name: curve for curve in found.curves[name]}
        drawn.append(
            _normals(
                subject,
                name,
                _span(statistics.get(name), list(curves.values())),
                [curves[c] for c in classes],
            )
        )
    one_spread = all(len({curve.deviation for curve in found.curves[name]}) == 1 for name in shown)
    return (
        "<h3>The normal curves the model assumes</h3>\n"
        + soft(
            "Drawn from the mean and deviation of each class in the train rows: not a histogram of the data.",
            "This model takes one spread for all classes." if one_spread else "",
            f"The {SERIES} classes with most train rows are drawn." if len(trained) > SERIES else "",
        )
        + subject.legend(classes)
        + figures(drawn)
    )


def _span(statistics: Json | None, curves: list[Curve]) -> tuple[float, float]:
    """Where the feature's values lie: in the data, or of a part of a date, about the curves."""
    if statistics is not None:
        return statistics["min"], statistics["max"]
    low = min(curve.mean - 2 * curve.deviation for curve in curves)
    return low, max(curve.mean + 2 * curve.deviation for curve in curves)


def _normals(subject: Subject, feature: str, span: tuple[float, float], curves: Sequence[Curve]) -> str:
    """span: smallest and largest value in the data."""
    low = max(span[0], min(curve.mean - _SPREAD * curve.deviation for curve in curves))
    high = min(span[1], max(curve.mean + _SPREAD * curve.deviation for curve in curves))
    across = Scale(low, high, 14, 346)
    highest = max((1 / curve.deviation for curve in curves if curve.deviation > 0), default=1.0)
    lines = "".join(
        f'<path class="s{subject.series(curve.name)}" '
        f'd="{path((across(x), _BOTTOM - 112 * y) for x, y in _normal(curve, low, high, highest))}"/>'
        for curve in curves
    )
    words = "; ".join(f"{plain(c.name)}: mean {c.mean:.4g}, deviation {c.deviation:.4g}" for c in curves)
    return subject.figure(
        name_of(feature, 40),
        f"Normal curves of {plain(feature, 40)} by class. {words}.",
        (drawing.WIDE, _BOTTOM + 22),
        f'<path class="axis" d="M14 {_BOTTOM}H346"/>{lines}'
        + drawing.text(14, _BOTTOM + 16, number(low))
        + drawing.text(346, _BOTTOM + 16, number(high), "end"),
    )


def _normal(curve: Curve, low: float, high: float, highest: float) -> Iterator[tuple[float, float]]:
    """A normal density, 1 at the peak of the narrowest class; a spike where there is no deviation."""
    mean, deviation = curve.mean, curve.deviation
    if deviation <= 0:
        at = min(high, max(low, mean))
        yield from ((at, 0.0), (at, 1.0))
        return
    width = (high - low) or 1.0
    even = [low + width * i / _CURVE_POINTS for i in range(_CURVE_POINTS + 1)]
    near = [mean + deviation * i / 4 for i in range(-14, 15)]  # or a narrow peak falls between
    for x in sorted(even + [x for x in near if low <= x <= low + width]):
        z = (x - mean) / deviation
        yield x, math.exp(-z * z / 2) / (deviation * highest)
