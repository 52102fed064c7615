"""What a model goes by: the rise in log loss where a column is shuffled, of columns alone and of those that carry
each other together."""

from dataclasses import dataclass

from publish_artifact.card import drawing
from publish_artifact.card.dependence import dependence
from publish_artifact.card.drawing import Scale, bars_with_names, box
from publish_artifact.card.measure import measure, normal_curves
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    count_of,
    figures,
    name_of,
    paragraph,
    plain,
    rows_of,
    section,
    side_by_side,
    signed,
    soft,
)
from shared.event_fields import Json

COLUMNS_SHOWN = 20
_ROW, _WITHIN = 22, 16


@dataclass(frozen=True)
class Bar:
    """A line of the chart. within: it is a column of the group above it, and has no bar of its own."""

    name: str
    mean: float
    deviation: float
    within: bool = False


def what_matters(subject: Subject) -> str:
    """Permutation importance beside the model's own measure, and how the probability goes with single columns."""
    permutation = subject.explained("permutation")
    first = _permutation(subject, permutation) if permutation else ""
    return section(
        "What it goes by", side_by_side(first, measure(subject)), dependence(subject), normal_curves(subject)
    )


def bars_of(permutation: Json) -> list[Bar]:
    """Groups and single columns by the rise that they cause, each group followed by its columns."""
    members: dict[int, list[Bar]] = {}
    tops: list[tuple[Bar, int | None]] = []
    for column in permutation["columns"]:
        bar = Bar(column["name"], column["mean"], column["deviation"], column["group"] is not None)
        if column["group"] is None:
            tops.append((bar, None))
        else:
            members.setdefault(column["group"], []).append(bar)
    for i, group in enumerate(permutation["groups"]):
        tops.append((Bar(_named(group["columns"]), group["mean"], group["deviation"]), i))
    found = []
    for bar, place in sorted(tops, key=lambda pair: (-pair[0].mean, pair[0].name)):
        inner = members.get(place, []) if place is not None else []
        found += [bar, *sorted(inner, key=lambda inside: (-inside.mean, inside.name))]
    return found


def _named(columns: list[str]) -> str:
    return f"{len(columns)} columns together"


def order_of(subject: Subject) -> list[str]:
    """Names of columns, those that matter most first; none where that was not measured."""
    permutation = subject.explained("permutation")
    if not permutation:
        return []
    rise = {column["name"]: column["mean"] for column in permutation["columns"]}
    for group in permutation["groups"]:
        for name in group["columns"]:
            rise[name] = max(rise.get(name, 0.0), group["mean"])
    own = {column["name"]: column["mean"] for column in permutation["columns"]}
    return sorted(rise, key=lambda name: (-rise[name], -own.get(name, 0.0), name))


def _permutation(subject: Subject, permutation: Json) -> str:
    bars = bars_of(permutation)
    shown = bars[:COLUMNS_SHOWN]
    largest = max((bar.mean + bar.deviation for bar in shown), default=0.0)
    least = min((bar.mean - bar.deviation for bar in shown), default=0.0)
    scale = Scale(min(0.0, least), max(largest, 1e-9), 126, 284)
    lines, height = bars_with_names(
        [plain(bar.name, 20 if not bar.within else 18) for bar in shown],
        [_bar(bar, scale) for bar in shown],
        [_WITHIN if bar.within else _ROW for bar in shown],
    )
    words = "; ".join(
        f"{plain(bar.name, 40)}{'' if bar.within else f' {signed(bar.mean)}, deviation {bar.deviation:.3f}'}"
        for bar in shown
    )
    groups = [
        f"{', '.join(name_of(name, 30) for name in group['columns'])} carry each other, and are shuffled together: "
        "without one of them the model would go by the others."
        for group in permutation["groups"][:COLUMNS_SHOWN]
    ]
    drawn = subject.figure(
        "Rise in log loss where a column is shuffled",
        f"{words}.",
        (drawing.WIDE, height),
        lines + f'<path class="axis" d="M{scale(0):.1f} 4V{height:.1f}"/>',
        "",
        f"On {rows_of(permutation['rows'])} that were not trained on, shuffled "
        f"{count_of(permutation['repeats'], 'time')}; their log loss is {permutation['loss']:.3f}. A whisker is one "
        "deviation between shuffles to each side.",
    )
    shuffled, all_columns = len(permutation["columns"]), permutation["of_columns"]
    notes = [
        f"{len(shown)} of {len(bars)} lines are shown." if len(bars) > len(shown) else "",
        f"The leading {shuffled} of {all_columns} columns were shuffled." if shuffled < all_columns else "",
    ]
    return figures([drawn]) + (paragraph(*groups) if groups else "") + (soft(*notes) if any(notes) else "")


def _bar(bar: Bar, scale: Scale) -> str:
    if bar.within:
        return ""
    zero, end = scale(0.0), scale(bar.mean)
    low, high = scale(bar.mean - bar.deviation), scale(bar.mean + bar.deviation)
    middle = _ROW / 2
    return (
        box(min(zero, end), 4, max(abs(end - zero), 0.5), _ROW - 8, "ink")
        + f'<path class="stroke" d="M{low:.1f} {middle:g}H{high:.1f}"/>'
        + drawing.text(drawing.WIDE - 4, middle + 4, signed(bar.mean), "end", "v")
    )
