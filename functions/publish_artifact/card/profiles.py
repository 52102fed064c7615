"""Histograms of the columns by class, train rows beside test rows: as the data was, not as the model sees it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Point, Scale, bars_with_names, box, path
from publish_artifact.card.importance import order_of
from publish_artifact.card.style import SERIES
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import figures, name_of, number, percent, plain, rows_of, section, soft
from publish_artifact.card.times import moment
from shared.event_fields import Json

COLUMNS_SHOWN = 12
_VALUES_SHOWN = 10
_MIDDLE, _TALL = 108, 84  # of a histogram: train rows stand on the line, test rows hang below it
_FILLED = 3  # with more classes only lines are drawn
_SIDES = ("train", "test")
_OUTER = 3  # widths of a usual bin: an outermost one that is wider, for a few rows far out, is drawn no wider


def profiles(subject: Subject) -> str:
    """A figure a column, those that matter most first."""
    found = (subject.member("profiles") or {}).get("columns") or {}
    ranks = {name: i for i, name in enumerate(order_of(subject))}
    names = sorted(found, key=lambda name: (ranks.get(name, len(ranks)), name))
    shown = [name for name in names[:COLUMNS_SHOWN] if _classes(subject, found[name])]
    if not shown:
        return ""
    classes = subject.classes_by_rows()[:SERIES]
    drawn = [
        (_numbers if "edges" in found[name] else _categories)(subject, name, found[name]) for name in shown
    ]
    left = len(names) - len(shown)
    return section(
        "The columns by class",
        soft(
            "Shares within each class: pale, above or to the left, of its train rows; solid, below or to the right, of "
            "its test rows. Where a class has not the same shape on both sides, the test rows are not like the train "
            "rows.",
            f"The {SERIES} classes with most train rows are drawn."
            if len(subject.classes_by_rows()) > SERIES
            else "",
            f"{len(shown)} of {len(names)} columns are drawn." if left else "",
        ),
        subject.legend(classes),
        figures(drawn),
    )


def _classes(subject: Subject, profile: Json) -> list[str]:
    """Classes that have a colour and rows of the column."""
    return [
        name
        for name in subject.classes_by_rows()[:SERIES]
        if len(profile.get("edges", (0, 1))) > 1 and any(sum(profile[side].get(name, ())) for side in _SIDES)
    ]


def _shares(profile: Json, side: str, name: str) -> list[float]:
    counts = profile[side].get(name) or []
    total = sum(counts)
    return [count / total for count in counts] if total else []


def _missing(profile: Json) -> str:
    missing = profile["missing"]
    if not any(missing.values()):
        return ""
    return f"Missing: {', '.join(f'{side} {number(missing[side])}' for side in _SIDES)}."


def _numbers(subject: Subject, name: str, profile: Json) -> str:
    """Bins between the edges; rows outside of all of them are told in words."""
    edges = profile["edges"]
    classes = _classes(subject, profile)
    places = drawn_edges(edges)
    across = Scale(places[0], places[-1], 14, 346)
    densities = {
        (side, c): [share / (b - a) for share, (a, b) in zip(shares[1:-1], pairwise(places), strict=True)]
        for side in _SIDES
        for c in classes
        if (shares := _shares(profile, side, c))
    }
    highest = max((max(line) for line in densities.values()), default=1.0) or 1.0
    drawn = []
    for (side, c), line in densities.items():
        reach = _TALL if side == "train" else -_TALL
        outline = path((across(x), _MIDDLE - reach * height / highest) for x, height in _steps(places, line))
        series = subject.series(c)
        if len(classes) <= _FILLED:
            drawn.append(f'<path class="f{series} {"under" if side == "train" else "over"}" d="{outline}"/>')
        drawn.append(f'<path class="s{series} thin" d="{outline}"/>')
    write = moment if profile["kind"] == "date" else number
    words = "; ".join(
        _mostly(c, edges, densities["train", c], write) for c in classes if ("train", c) in densities
    )
    far = [" (far out)" if places[i] != edges[i] else "" for i in (0, -1)]
    return subject.figure(
        name_of(name, 40),
        f"Histogram of {plain(name, 40)} by class. {words}.",
        (drawing.WIDE, 2 * _MIDDLE + 22),
        "".join(drawn)
        + f'<path class="axis" d="M14 {_MIDDLE}H346"/>'
        + drawing.text(14, 13, "train rows")
        + drawing.text(14, 2 * _MIDDLE - 2, "test rows")
        + drawing.text(14, 2 * _MIDDLE + 15, write(edges[0]) + far[0])
        + drawing.text(346, 2 * _MIDDLE + 15, write(edges[-1]) + far[1], "end"),
        "",
        _outside(profile) + _missing(profile),
    )


def drawn_edges(edges: Sequence[float]) -> list[float]:
    """The edges with the outermost ones nearer where a few rows far out would leave no room for the others."""
    usual = _OUTER * median(b - a for a, b in pairwise(edges))
    inner = list(edges[1:-1])
    if len(inner) < 2:
        return list(edges)
    return [max(edges[0], inner[0] - usual), *inner, min(edges[-1], inner[-1] + usual)]


def _outside(profile: Json) -> str:
    """Rows below the first and above the last edge, which the train rows gave: of test rows."""
    found = sum(counts[0] + counts[-1] for counts in profile["test"].values())
    return f"Outside of what train rows span: {rows_of(found)}. " if found else ""


def _steps(edges: Sequence[float], heights: Sequence[float]) -> Iterator[Point]:
    """The outline of a histogram, from 0 to 0."""
    yield edges[0], 0.0
    for height, (a, b) in zip(heights, pairwise(edges), strict=True):
        yield a, height
        yield b, height
    yield edges[-1], 0.0


def _mostly(name: str, edges: Sequence[float], line: Sequence[float], write: Callable[[float], str]) -> str:
    most = max(range(len(line)), key=line.__getitem__)
    return f"{plain(name)}: most often from {write(edges[most])} to {write(edges[most + 1])}"


def _categories(subject: Subject, name: str, profile: Json) -> str:
    """A line a value: bars to the left are shares of train rows, to the right of test rows."""
    others = any(counts[-1] for side in _SIDES for counts in profile[side].values())
    named = [*profile["values"], *(["(any other)"] if others else [])]
    values = named[:_VALUES_SHOWN]
    classes = _classes(subject, profile)
    shares = {(side, c): _shares(profile, side, c) for side in _SIDES for c in classes}
    highest = max((max(line) for line in shares.values() if line), default=1.0) or 1.0
    thick = 12 if len(classes) == 1 else 8 if len(classes) <= _FILLED else 5
    middle = 238
    lines = []
    for i in range(len(values)):
        bars = []
        for k, c in enumerate(classes):
            for side, reach in (("train", -104), ("test", 104)):
                if not shares[side, c]:
                    continue
                length = abs(reach) * shares[side, c][i] / highest
                start = middle - length if side == "train" else middle
                bars.append(box(start, 3 + k * thick, length, thick - 1, f"f{subject.series(c)} {side}"))
        lines.append("".join(bars))
    height = len(classes) * thick + 6
    drawn, end = bars_with_names([plain(value, 18) for value in values], lines, [height] * len(values), 22)
    words = "; ".join(
        f"{plain(c)}: "
        + ", ".join(
            f"{plain(value)} {percent(share)}"
            for value, share in zip(values, shares["train", c], strict=False)
        )
        for c in classes
        if shares["train", c]
    )
    left = len(named) - len(values)
    return subject.figure(
        name_of(name, 40),
        f"Shares of the values of {plain(name, 40)} by class, of train rows. {words}.",
        (drawing.WIDE, end),
        drawn
        + f'<path class="axis" d="M{middle} 16V{end - 4:.1f}"/>'
        + drawing.text(middle - 6, 13, "train rows", "end")
        + drawing.text(middle + 6, 13, "test rows"),
        "",
        _missing(profile) + (f" {left} more values." if left > 0 else ""),
    )
