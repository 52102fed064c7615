"""How the data differs from that of the model that was current before: what may explain another result."""

from collections.abc import Iterable

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names, box
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    figures,
    listed,
    name_of,
    paragraph,
    percent,
    plain,
    section,
    side_by_side,
    soft,
    table,
    three,
)
from shared.event_fields import Json

_SHOWN = 20
_ROW = 22


def drift(subject: Subject) -> str:
    """Columns that are gone or new, kinds, classes, and the population stability index of each feature."""
    found = subject.artifact["lineage"].get("drift")
    if not found or not found.get("against"):
        return ""
    features = sorted(found["features"], key=lambda entry: (-(entry["psi"] or 0.0), entry["name"]))
    return section(
        "Against the data of the model before",
        paragraph(f"The current model before this one is <code>{plain(found['against'], 64)[:12]}</code>."),
        listed(_changes(found)),
        side_by_side(_table(features[:_SHOWN]), figures([_indices(subject, features[:_SHOWN])])),
        soft(
            "Population stability index: the sum over bins of (share now - share before) times the logarithm of their "
            "quotient. By chance: what two draws of so many rows from one population would give."
        ),
    )


def _changes(found: Json) -> list[str]:
    changes = [
        f"{what}: {_names(found['columns'].get(key, ()))}."
        for key, what in (("gone", "Columns gone"), ("new", "New columns"))
        if found["columns"].get(key)
    ]
    changes += [
        f"{name_of(entry['name'])} was {plain(str(entry['before']))} and is {plain(str(entry['now']))}."
        for entry in found.get("kinds", ())[:_SHOWN]
    ]
    return changes or ["The same columns of the same kinds."]


def _names(names: Iterable[str]) -> str:
    names = list(names)
    left = len(names) - _SHOWN
    return ", ".join(name_of(name, 40) for name in names[:_SHOWN]) + (f" and {left} more" if left > 0 else "")


def _table(features: list[Json]) -> str:
    if not features:
        return ""
    return table(
        "Features, those that moved most first",
        ["feature", "index", "by chance", "missing before", "missing now"],
        (
            [
                name_of(entry["name"], 40),
                three(entry["psi"]),
                three(entry["chance"]),
                *(
                    "-" if entry[key] is None else percent(entry[key])
                    for key in ("missing_before", "missing_now")
                ),
            ]
            for entry in features
        ),
    )


def _indices(subject: Subject, features: list[Json]) -> str:
    shown = [entry for entry in features if entry["psi"] is not None]
    if not shown:
        return ""
    highest = max(max(entry["psi"], entry["chance"] or 0.0) for entry in shown) or 1.0
    across = Scale(0.0, highest, 126, 300)
    lines, height = bars_with_names(
        [plain(entry["name"], 20) for entry in shown],
        [
            box(across(0), 4, max(0.5, across(entry["psi"]) - across(0)), _ROW - 8, "ink")
            + (
                f'<path class="stroke" d="M{across(entry["chance"]):.1f} 1V{_ROW - 1}"/>'
                if entry["chance"] is not None
                else ""
            )
            + drawing.text(drawing.WIDE - 4, _ROW / 2 + 4, three(entry["psi"]), "end", "v")
            for entry in shown
        ],
        [_ROW] * len(shown),
    )
    words = "; ".join(f"{plain(entry['name'])} {three(entry['psi'])}" for entry in shown)
    return subject.figure(
        "How far features moved",
        f"Population stability index: {words}.",
        (drawing.WIDE, height),
        lines + f'<path class="axis" d="M{across(0):.1f} 4V{height:.1f}"/>',
        "",
        "The upright mark is what chance alone gives.",
    )
