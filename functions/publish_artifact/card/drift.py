"""The model that was current when the run began: how it does on the same test rows, and how its data differ."""

from collections.abc import Iterable

from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names, box
from publish_artifact.card.metrics import value_of
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    escape,
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
_COMPARED = {
    "log_loss": "Log loss",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "roc_auc": "ROC area",
}


def before(subject: Subject) -> str:
    """The current model on this run's test rows, and the drift of the data since its own."""
    lineage: Json = subject.member("lineage") or {}
    return section(
        "Beside the model before",
        _regression(subject, lineage.get("regression")),
        _drift(subject, lineage.get("drift")),
    )


def _regression(subject: Subject, found: Json | None) -> str:
    if not found or not found["current"]:
        return ""
    name = f"<code>{plain(found['current'][:12])}</code>"
    if not found["metrics"]:
        return paragraph(f"The current model was {name}. It was not compared: {escape(found['why_not'])}.")
    told = "measured on the same test rows"
    if not found["compared"]:
        told = f"measured on its own test rows, and not on these: {escape(found['why_not'])}"
    return paragraph(f"The current model was {name}, {told}.") + table(
        "On the same test rows" if found["compared"] else "Each on its own test rows",
        ["metric", "this model", "the one before"],
        (
            [title, three(value_of(subject, metric)), three(found["metrics"].get(metric))]
            for metric, title in _COMPARED.items()
        ),
    )


def _drift(subject: Subject, found: Json | None) -> str:
    """What is gone, new or of another kind, and the population stability index of each feature and of the classes."""
    if not found:
        return ""
    if not found["against"]:
        return paragraph(f"Its data were not compared: {escape(found['why_not'])}.")
    return "".join(
        [
            "<h3>The data, then and now</h3>\n",
            soft(f"Beside those that <code>{plain(found['against'][:12])}</code> was trained on."),
            listed(_changes(found)),
            side_by_side(
                _features(found["features"]) + _classes(subject, found["classes"]),
                figures([_indices(subject, found)]),
            ),
            soft(
                "Population stability index: the sum over bins of (share now - share before) times the logarithm of "
                "their quotient. By chance: what it exceeds in 1 of 100 comparisons of unchanged data."
            ),
        ]
    )


def _changes(found: Json) -> list[str]:
    changes = [
        f"{what}: {_names(found['columns'][key])}."
        for key, what in (("gone", "Columns gone"), ("new", "New columns"))
        if found["columns"][key]
    ]
    changes += [
        f"{name_of(entry['name'])} was {escape(entry['before'])} and is {escape(entry['now'])}."
        for entry in found["kinds"]
    ]
    moved = [name_of("the classes" if one["name"] is None else one["name"], 40) for one in found["moved"]]
    changes.append(
        f"Moved by more than chance makes of unchanged data: {', '.join(moved)}."
        if moved
        else "No column moved by more than chance makes of unchanged data."
    )
    return changes


def _names(names: Iterable[str]) -> str:
    return ", ".join(name_of(name, 40) for name in names)


def _features(features: list[Json]) -> str:
    if not features:
        return ""
    return table(
        "Columns, those that moved most first",
        ["column", "index", "by chance", "missing before", "missing now"],
        (
            [
                name_of(entry["name"], 40),
                three(entry["psi"]),
                three(entry["chance"]),
                _share(entry["missing_before"]),
                _share(entry["missing_now"]),
            ]
            for entry in features
        ),
    )


def _classes(subject: Subject, classes: list[Json]) -> str:
    return table(
        "Share of each class, then and now",
        ["class", "before", "now"],
        ([subject.marked(entry["name"]), _share(entry["before"]), _share(entry["now"])] for entry in classes),
    )


def _share(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _indices(subject: Subject, found: Json) -> str:
    """A bar a column, and one for the classes, with a mark at what chance makes of unchanged data."""
    classes = {"name": "the classes", "psi": found["class_psi"], "chance": found["class_chance"]}
    shown = [entry for entry in [*found["features"], classes] if entry["psi"] is not None]
    if not shown:
        return ""
    across = Scale(0.0, max(max(entry["psi"], entry["chance"] or 0.0) for entry in shown) or 1.0, 126, 300)
    lines, height = bars_with_names(
        [plain(entry["name"], 20) for entry in shown],
        [
            box(across(0), 4, max(0.5, across(entry["psi"]) - across(0)), _ROW - 8, "ink")
            + f'<path class="stroke" d="M{across(entry["chance"] or 0.0):.1f} 1V{_ROW - 1}"/>'
            + drawing.text(drawing.WIDE - 4, _ROW / 2 + 4, three(entry["psi"]), "end", "v")
            for entry in shown
        ],
        [_ROW] * len(shown),
    )
    words = "; ".join(
        f"{plain(entry['name'])} {three(entry['psi'])}, by chance {three(entry['chance'])}" for entry in shown
    )
    return subject.figure(
        "How far they moved",
        f"Population stability index: {words}.",
        (drawing.WIDE, height),
        lines + f'<path class="axis" d="M{across(0):.1f} 4V{height:.1f}"/>',
        "",
        "The upright mark is what chance alone makes of unchanged data.",
    )
