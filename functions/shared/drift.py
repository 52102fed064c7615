"""What has changed between two datasets: columns, kinds, missing cells, shares of the classes, and each column's cells.

Either side is what a model's artifact says of its dataset, train and test rows together. Columns are compared by the
population stability index (shared.stability_index) of their profiles, over bins that both have or that can be told.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Self

from shared.event_fields import Json
from shared.profile import MAX_VALUES, Bins, rows_by_bin
from shared.stability_index import NOT_COMPARED, Pair, Stability, stability

MOST = 20  # features, classes and names of columns that a document lists
LABEL = "label"
_LEFT_OUT = "left out"
_RARE = 8  # rows of a value that fewer than 5 train rows have
_MODERATE, _LARGE = 0.1, 0.25


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset. kinds: by column of the header, "left out" or "label" for what is no feature.

    classes: rows by class; profiles: as in a summary; time_order: the column that orders the rows, whose drift is no
    news.
    """

    kinds: dict[str, str]
    classes: dict[str, int]
    profiles: Json
    time_order: str | None = None

    @classmethod
    def of_artifact(cls, artifact: Json) -> Self:
        """Of an artifact that has profiles: of schema_version 3 or later."""
        return cls(
            kinds_of(artifact["columns"]),
            {entry["name"]: entry["rows"] for entry in artifact["classes"]},
            artifact["profiles"],
            artifact["split"]["time_order"],
        )


def kinds_of(columns: Iterable[Json]) -> dict[str, str]:
    """Kinds by name, from the columns of an artifact or a manifest; a name that is used twice has none of its own."""
    return {column["name"]: _kind_of(column) for column in columns}


def _kind_of(column: Json) -> str:
    """What the fit alone has left out is still of its kind: in an artifact it has statistics."""
    if column["role"] == "label":
        return LABEL
    is_read = column["role"] == "feature" or "statistics" in column
    return str(column.get("kind", "number")) if is_read else _LEFT_OUT


def drift(before: Dataset, now: Dataset) -> Json:
    """The comparison as JSON (`lineage.drift` of an artifact, without `against`); lists hold MOST entries at most.

    features: those that moved most first; moved: of them, and of the classes (whose name is null), those that moved
    more than chance makes of unchanged data, likewise.
    """
    features = sorted(_features(before, now), key=_by_psi)
    labels = stability([], _class_pairs(before.classes, now.classes))
    moved = [{"name": None, **labels._asdict()}] if labels.shifted else []
    moved += [
        {name: entry[name] for name in ("name", "psi", "chance")}
        for entry in features
        if Stability(entry["psi"], entry["chance"]).shifted
    ]
    moved.sort(key=_by_psi)
    return {
        "columns": {
            "gone": [name for name in before.kinds if name not in now.kinds][:MOST],
            "new": [name for name in now.kinds if name not in before.kinds][:MOST],
        },
        "kinds": [
            {"name": name, "before": kind, "now": now.kinds[name]}
            for name, kind in before.kinds.items()
            if now.kinds.get(name, kind) != kind
        ][:MOST],
        "compared": len(features),
        "features": features[:MOST],
        "classes": _class_shares(before.classes, now.classes),
        "class_psi": labels.psi,
        "class_chance": labels.chance,
        "moved": moved[:MOST],
    }


def strength(psi: float | None, chance: float | None) -> str:
    """A stability index in a word: "none" beyond chance, else by Siddiqi's rule of thumb, 0.1 and 0.25."""
    if psi is None or chance is None:
        return "unknown"
    if psi <= chance:
        return "none"
    return "slight" if psi < _MODERATE else "moderate" if psi < _LARGE else "large"


def _by_psi(entry: Json) -> tuple[float, str]:
    """The largest index first, ties by name."""
    return -(entry["psi"] or 0.0), entry["name"] or ""


def _features(before: Dataset, now: Dataset) -> Iterable[Json]:
    then, today = before.profiles["columns"], now.profiles["columns"]
    rows = sum(before.profiles["rows"].values()), sum(now.profiles["rows"].values())
    for name in then.keys() & today.keys() - {before.time_order, now.time_order}:
        missing = tuple(sum(profile["missing"].values()) for profile in (then[name], today[name]))
        found = _stability(name, then[name], today[name], (missing[0], missing[1]))
        yield {
            "name": name,
            "psi": found.psi,
            "chance": found.chance,
            "missing_before": missing[0] / rows[0] if rows[0] else None,
            "missing_now": missing[1] / rows[1] if rows[1] else None,
        }


def _stability(name: str, then: Json, today: Json, missing: Pair) -> Stability:
    mine, theirs = Bins.from_json(name, then), Bins.from_json(name, today)
    if (mine.values is None) != (theirs.values is None) or (mine.kind == "date") != (theirs.kind == "date"):
        return NOT_COMPARED
    counts = rows_by_bin(then), rows_by_bin(today)
    if mine.values is None or theirs.values is None:
        return stability(common_bins((mine.edges, counts[0]), (theirs.edges, counts[1])), [missing])
    return stability([], [*common_values((mine.values, counts[0]), (theirs.values, counts[1])), missing])


def common_bins(
    before: tuple[Sequence[float], Sequence[int]], now: tuple[Sequence[float], Sequence[int]]
) -> list[Pair]:
    """Rows in the finest bins in which those of both sides can be told; each side: its edges, and rows by bin.

    How many rows are below an edge is known where the edge is the side's own, or within a bin of it that is empty.
    """
    below = [_rows_below(*side, [*before[0], *now[0]]) for side in (before, now)]
    known = [
        (edge, below[0][edge], below[1][edge])
        for edge in sorted({*before[0], *now[0]})
        if edge in below[0] and edge in below[1]
    ]
    totals = sum(before[1]), sum(now[1])
    places = [(0, 0), *((one, other) for _, one, other in known), totals]
    return [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(places)]


def _rows_below(edges: Sequence[float], counts: Sequence[int], wanted: Iterable[float]) -> dict[float, int]:
    """Rows below each of the wanted edges of which they are known."""
    sums = [0, *accumulate(counts)]
    found = {}
    for edge in wanted:
        place = bisect_left(edges, edge)
        if bisect_right(edges, edge) > place:
            found[edge] = sums[place + 1]
        elif not counts[place]:
            found[edge] = sums[place]
    return found


def common_values(
    before: tuple[Sequence[str], Sequence[int]], now: tuple[Sequence[str], Sequence[int]]
) -> list[Pair]:
    """Rows by value, the last pair for all values that neither side lists; each side: its values, and rows by value.

    A value that one side does not list may still be among its others: it is taken to have as many rows there as
    would be no change, but no more than a value can have that is not listed.
    """
    totals = sum(before[1]), sum(now[1])
    rows = [dict(zip(values, counts, strict=False)) for values, counts in (before, now)]
    rest = [before[1][-1], now[1][-1]]
    found: list[Pair] = []
    for value in dict.fromkeys((*before[0], *now[0])):
        pair = [0, 0]
        for side, other in ((0, 1), (1, 0)):
            if value in rows[side]:
                pair[side] = rows[side][value]
                continue
            unchanged = round(rows[other][value] * totals[side] / totals[other]) if totals[other] else 0
            pair[side] = min(unchanged, rest[side], _most_unlisted(rows[side]))
            rest[side] -= pair[side]
        found.append((pair[0], pair[1]))
    return [*found, (rest[0], rest[1])]


def _most_unlisted(listed: dict[str, int]) -> int:
    """Rows that a value which is not listed can have: of a full list the rarest one's, else it is a rare value."""
    rarest = min(listed.values(), default=_RARE)
    return rarest if len(listed) >= MAX_VALUES else min(rarest, _RARE)


def _class_pairs(before: dict[str, int], now: dict[str, int]) -> list[Pair]:
    return [(before.get(name, 0), now.get(name, 0)) for name in sorted({*before, *now})]


def _class_shares(before: dict[str, int], now: dict[str, int]) -> list[Json]:
    """Shares by class, those that changed most first."""
    then, today = (
        {name: rows / total if (total := sum(side.values())) else None for name, rows in side.items()}
        for side in (before, now)
    )
    names = sorted(
        {*before, *now}, key=lambda name: (-abs((today.get(name) or 0.0) - (then.get(name) or 0.0)), name)
    )
    return [
        {"name": name, "before": then.get(name, 0.0), "now": today.get(name, 0.0)} for name in names[:MOST]
    ]
