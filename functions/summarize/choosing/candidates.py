"""The settings that cross-validation compares, by what the request asks for, from the simplest to the most flexible."""

from dataclasses import dataclass

from shared.event_fields import Json

AUTO = "auto"
STRENGTHS = (0.03, 0.3, 3.0)
COVARIANCES = ("pooled", "diagonal")
SIMPLEST_FIRST = ("gaussian", "logistic", "boosted_trees")
MOST_CLASSES_OF_TREES = 32


@dataclass(frozen=True)
class Candidate:
    """A family and its options."""

    kind: str
    options: Json


def candidates(model: str, classes: int) -> list[Candidate]:
    """What a request with this `model`, "auto" or a family, has compared for so many classes.

    More than 32 classes are too many for boosted trees, which have a tree a class and round: "auto" does without.
    """
    found = {
        "gaussian": [Candidate("gaussian", {"covariance": name}) for name in COVARIANCES],
        "logistic": [Candidate("logistic", {"strength": strength}) for strength in STRENGTHS],
        "boosted_trees": [Candidate("boosted_trees", {"trees": most_rounds(classes)})],
    }
    if model != AUTO:
        return found[model]
    if classes > MOST_CLASSES_OF_TREES:
        del found["boosted_trees"]
    return [candidate for of_family in found.values() for candidate in of_family]


def most_rounds(classes: int) -> int:
    """Of boosting, at most. Beyond four classes it is the trees that are bounded, of which a round has one a class."""
    return max(200, min(600, 2400 // classes))


def families_left_out(model: str, classes: int) -> dict[str, str]:
    """Family -> why "auto" does without it."""
    if model == AUTO and classes > MOST_CLASSES_OF_TREES:
        return {"boosted_trees": f"{classes} classes; it is fitted for {MOST_CLASSES_OF_TREES} at most"}
    return {}
