"""What cross-validation said of each candidate, in words and figures that people read: the lines of a leaderboard."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.event_fields import Json


@dataclass(frozen=True)
class Line:
    """A candidate. The figures are of out-of-fold rows; None where they do not define one, or nothing was fitted.

    weight: its share of the chosen model, 0 where it has none; reason: why it was not fitted, or "".
    """

    name: str
    log_loss: float | None
    roc_auc: float | None
    accuracy: float | None
    weight: float
    reason: str = ""


def lines_of(leaderboard: Iterable[Json]) -> list[Line]:
    """The leaderboard of a choice (`summarize.choosing.choose`), in its order."""
    return [
        Line(
            in_words(entry["kind"], entry["options"]),
            entry.get("log_loss"),
            entry.get("roc_auc"),
            entry.get("accuracy"),
            entry.get("weight", 0.0),
            entry.get("failed", ""),
        )
        for entry in leaderboard
    ]


def in_words(kind: str, options: Json) -> str:
    """A family with its options, such as "logistic regression, C = 0.3"."""
    match kind, options:
        case "gaussian", {"covariance": covariance}:
            return f"Gaussian, {covariance}"
        case "logistic", {"strength": strength}:
            return f"logistic regression, C = {strength:g}"
        case "boosted_trees", {"trees": rounds}:
            return f"boosted trees, {rounds} rounds"
        case "blend", _:
            return "blend of the best of each"
    return kind


def members_in_words(leaderboard: Iterable[Json]) -> str:
    """What the chosen model is made of, the largest share first."""
    members = [line for line in lines_of(leaderboard) if line.weight > 0.0]
    shares = [line for line in members if line.weight < 1.0]
    if not shares:
        return members[0].name if members else ""
    ordered = sorted(shares, key=lambda line: -line.weight)
    return ", ".join(f"{100 * line.weight:.0f}% {line.name}" for line in ordered)
