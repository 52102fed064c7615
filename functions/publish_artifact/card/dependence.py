"""Partial dependence: the mean probability of each class where all rows had one value of a column."""

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names, path, ticks
from publish_artifact.card.style import SERIES
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import figures, name_of, number, percent, plain, soft
from publish_artifact.card.times import moment
from shared.event_fields import Json

COLUMNS_SHOWN = 8
_VALUES_SHOWN = 10
_BOTTOM, _ROW = 128, 20


def dependence(subject: Subject) -> str:
    """Small charts on one scale, of two classes the positive one's alone."""
    entries = subject.explained("partial_dependence") or []
    entries = entries[:COLUMNS_SHOWN]
    if not entries:
        return ""
    classes = _classes(subject, entries)
    values = [p for entry in entries for name in classes for p in entry["probabilities"][name]]
    low, high = max(0.0, min(values) - 0.02), min(1.0, max(values) + 0.02)
    drawn = [
        _categories(subject, entry, classes, low, high)
        if entry["kind"] in ("category", "flag")
        else _numbers(subject, entry, classes, low, high)
        for entry in entries
    ]
    return (
        "<h3>How the probability goes with one column</h3>\n"
        + soft(
            "The mean probability if every row had the value, the other columns as they are. All charts have one "
            f"scale, {percent(low)} to {percent(high)}. Where columns go together in the data, some of these rows are "
            "ones that do not occur."
        )
        + subject.legend(classes)
        + figures(drawn)
    )


def _classes(subject: Subject, entries: list[Json]) -> list[str]:
    held = entries[0]["probabilities"]
    if len(held) <= 2 and subject.positive in held:
        return [subject.positive] if subject.positive is not None else []
    return [name for name in subject.classes_by_rows() if name in held][:SERIES]


def _numbers(subject: Subject, entry: Json, classes: list[str], low: float, high: float) -> str:
    values = entry["values"]
    across, up = Scale(min(values), max(values), 46, 346), Scale(low, high, _BOTTOM, 12)
    write = moment if entry["kind"] == "date" else number
    grid = "".join(
        f'<path class="axis" d="M46 {up(t):.1f}H346"/>'
        + drawing.text(40, up(t) + 4, f"{100 * t:.0f}%", "end")
        for t in ticks(low, high)
    )
    lines = "".join(
        f'<path class="{subject.line(name, len(classes) == 1)}" '
        f'd="{path((across(x), up(p)) for x, p in zip(values, entry["probabilities"][name], strict=True))}"/>'
        for name in classes
    )
    return subject.figure(
        name_of(entry["column"], 40),
        _words(entry, classes, [write(value) for value in values]),
        (drawing.WIDE, _BOTTOM + 22),
        grid
        + lines
        + drawing.text(46, _BOTTOM + 16, write(min(values)))
        + drawing.text(346, _BOTTOM + 16, write(max(values)), "end"),
    )


def _categories(subject: Subject, entry: Json, classes: list[str], low: float, high: float) -> str:
    """A dot a class on the line of each value."""
    values = entry["values"][:_VALUES_SHOWN]
    across = Scale(low, high, 130, 346)
    lines = []
    for i in range(len(values)):
        dots = "".join(
            f'<circle class="f{subject.series(name)}" cx="{across(entry["probabilities"][name][i]):.1f}" '
            f'cy="{_ROW / 2:g}" r="4.5"/>'
            for name in classes
        )
        lines.append(f'<path class="axis" d="M130 {_ROW / 2:g}H346"/>{dots}')
    names = [plain(_value(value), 18) for value in values]
    drawn, height = bars_with_names(names, lines, [_ROW] * len(values))
    marks = "".join(
        drawing.text(across(t), height + 10, f"{100 * t:.0f}%", "middle") for t in ticks(low, high)
    )
    return subject.figure(
        name_of(entry["column"], 40),
        _words(entry, classes, names),
        (drawing.WIDE, height + 16),
        drawn + marks,
    )


def _value(value: object) -> str:
    return "(missing)" if value in ("", None) else str(value)


def _words(entry: Json, classes: list[str], values: list[str]) -> str:
    """From the first to the last value of each class, and its range."""
    found = []
    for name in classes:
        p = entry["probabilities"][name]
        least, most = min(range(len(values)), key=p.__getitem__), max(range(len(values)), key=p.__getitem__)
        found.append(
            f"{plain(name)}: least {percent(p[least])} at {values[least]}, most {percent(p[most])} at {values[most]}"
        )
    return f"Mean probability by {plain(entry['column'], 40)}. {'; '.join(found)}."
