"""The families of models by kind, and a model of any of them as a JSON object and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.event_fields import Json
from shared.model.blend import BlendFamily
from shared.model.boosted_trees.family import BOOSTED_TREES
from shared.model.gaussian.family import GAUSSIAN
from shared.model.logistic.family import LOGISTIC
from shared.model.protocol import Family, Model
from shared.model.rows import Feature

FAMILIES: dict[str, Family] = {member.kind: member for member in (GAUSSIAN, LOGISTIC, BOOSTED_TREES)}


_NUMBER, _CATEGORY = "number", "category"


class DamagedModelError(ValueError):
    """A JSON value is no model of a family that there is; the text says what is wrong with it."""


def family(kind: str) -> Family:
    """Raises DamagedModelError for a kind that there is not."""
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise DamagedModelError(f"kind {kind!r} is none of {', '.join(FAMILIES)}")
    return FAMILIES[kind]


FAMILIES[BlendFamily.kind] = BlendFamily(family)  # whose members are of the others


def model_to_json(model: Model) -> Json:
    """`kind`, `features` (but for the values of categories), `classes`, and what the family keeps beside them."""
    features = [
        {"name": feature.name, "kind": _NUMBER if feature.values is None else _CATEGORY}
        for feature in model.features
    ]
    return {"kind": model.kind, "features": features, "classes": model.classes, **model.to_json()}


def model_from_json(value: Json, known: Iterable[Feature] = ()) -> Model:
    """The model that `model_to_json` wrote, number for number.

    known: the features that the model reads, in any order; others may be missing. Raises DamagedModelError for what
    is incomplete or contradicts itself.
    """
    by_name = {feature.name: feature for feature in known}
    try:
        features = [_feature(entry, by_name) for entry in value["features"]]
        classes = tuple(value["classes"])
        names = [feature.name for feature in features]
        if problem := next(_problems_of_names(names, classes), None):
            raise DamagedModelError(problem)
        model = family(value["kind"]).from_json(value, features, classes)
    except DamagedModelError:
        raise
    except KeyError as error:
        raise DamagedModelError(f"{error} is missing") from error
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        raise DamagedModelError(str(error)) from error
    if unknown := next((name for name in names if name not in by_name and name not in model.left_out), None):
        raise DamagedModelError(f"the signature has no feature {unknown!r}, which the model reads")
    if problem := next(model.problems(), None):
        raise DamagedModelError(problem)
    return model


def _feature(entry: Json, known: Mapping[str, Feature]) -> Feature:
    name, kind = entry["name"], entry["kind"]
    if kind not in (_NUMBER, _CATEGORY):
        raise DamagedModelError(f"feature {name!r} is of no kind: {kind!r}")
    feature = known.get(name, Feature(name, () if kind == _CATEGORY else None))
    if (feature.values is None) != (kind == _NUMBER):
        raise DamagedModelError(f"feature {name!r} is a {kind} in the model, and none in the signature")
    return feature


def _problems_of_names(features: Sequence[str], classes: Sequence[str]) -> Iterator[str]:
    for what, names in (("features", features), ("classes", classes)):
        if not all(map(_is_text, names)):
            yield f"{what} has a name that is no text"
        elif len(set(names)) < len(names):
            yield f"{what} has a name twice"


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:  # a lone surrogate, which JSON can spell and UTF-8 cannot
        return False
