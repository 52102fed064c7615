"""Errors by group of rows, of the columns that the request names as sensitive."""

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    figures,
    name_of,
    number,
    percent,
    plain,
    section,
    side_by_side,
    soft,
    table,
)
from shared.event_fields import Json

_COLUMNS_SHOWN, _GROUPS_SHOWN = 10, 20
_ROW = 22


def groups(subject: Subject) -> str:
    """The accuracy of each group with its interval, column by column."""
    found: list[Json] = subject.member("groups") or []  # type: ignore[assignment]
    parts = [
        side_by_side(_table(subject, entry), figures([_intervals(subject, entry)]))
        for entry in found[:_COLUMNS_SHOWN]
        if entry["groups"]
    ]
    if not parts:
        return ""
    return section(
        "Errors by group",
        soft(
            "Of the test rows, each share above its 95% interval (Wilson). Intervals that do not overlap are a "
            "difference; of few rows they are wide, and then nothing is shown either way."
        ),
        *parts,
    )


def _table(subject: Subject, entry: Json) -> str:
    """Accuracy, and of two classes the recall of the positive one."""
    recall = [] if subject.positive is None else [f"recall of {name_of(subject.positive, 18)}"]
    return table(
        f"Accuracy by {plain(entry['column'], 40)}",
        [name_of(entry["column"], 30), "test rows", "accuracy", *recall],
        (
            [
                name_of(_value(group), 30),
                number(group["rows"]),
                _with_interval(group["accuracy"], group["interval"]),
                *_recall(group, subject.positive),
            ]
            for group in entry["groups"][:_GROUPS_SHOWN]
        ),
    )


def _intervals(subject: Subject, entry: Json) -> str:
    shown = entry["groups"][:_GROUPS_SHOWN]
    low = min(group["interval"][0] for group in shown)
    across = Scale(min(low, subject.artifact["metrics"]["accuracy"]), 1.0, 130, 340)
    middle = _ROW / 2
    lines, height = bars_with_names(
        [plain(_value(group), 18) for group in shown],
        [
            f'<path class="stroke" d="M{across(group["interval"][0]):.1f} {middle:g}'
            f'H{across(group["interval"][1]):.1f}"/>'
            f'<circle class="ink" cx="{across(group["accuracy"]):.1f}" cy="{middle:g}" r="4.5"/>'
            for group in shown
        ],
        [_ROW] * len(shown),
    )
    overall = across(subject.artifact["metrics"]["accuracy"])
    words = "; ".join(f"{plain(_value(group))} {percent(group['accuracy'])}" for group in shown)
    return subject.figure(
        f"By {name_of(entry['column'], 40)}",
        f"Accuracy by group: {words}.",
        (drawing.WIDE, height + 14),
        lines
        + f'<path class="guide" d="M{overall:.1f} 4V{height:.1f}"/>'
        + drawing.text(130, height + 10, percent(across.low))
        + drawing.text(340, height + 10, "100.0%", "end"),
        "",
        "The dashed line is all test rows.",
    )


def _recall(group: Json, positive: str | None) -> list[str]:
    if positive is None:
        return []
    found = next((entry for entry in group["classes"] if entry["class"] == positive), None)
    return [_with_interval(found["recall"], found["interval"]) if found else "-"]


def _with_interval(share: float, interval: list[float]) -> str:
    low, high = map(percent, interval)
    return f'{percent(share)} <br><span class="soft">{low} to {high}</span>'


def _value(group: Json) -> str:
    if group["others"]:
        return "(any other)"
    return "(missing)" if group["value"] is None else group["value"]
