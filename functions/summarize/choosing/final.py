"""The model that is published: what the folds chose, made from their models or fitted on all rows to fit on."""

from collections.abc import Sequence

from shared.event_fields import Json
from shared.model.blend import Blend, Member, classes_of
from shared.model.protocol import Model
from shared.model.registry import BOOSTED_TREES, family
from shared.model.rows import Feature, Rows


def final_model(
    rows: Rows,
    members: Sequence[Json],
    fold_models: Sequence[Json],
    features: Sequence[Feature],
    classes: Sequence[str],
) -> Model:
    """The blend of members (`choose`: kind, options, weight), or the one member's model where there is one.

    fold_models: the boosted trees of each fold, in JSON. Their mean, cut off at the chosen number of rounds, is the
    boosted member: each has learnt from other rows, and together they have from all. Where there are none, each member
    is fitted on all rows, with the settings that were chosen: so it is after folds forward in time, whose models have
    not seen the newest rows, and where the published model is fitted once more with the test rows.
    """
    found = []
    for member in members:
        kind, options = member["kind"], member["options"]
        models: tuple[Model, ...]
        if kind == BOOSTED_TREES.kind and fold_models:
            models = tuple(
                BOOSTED_TREES.from_json(one, features, tuple(one["classes"])).truncated(options["trees"])
                for one in fold_models
            )
        else:
            models = (family(kind).fit([rows], features, classes, options),)
        found.append(Member(member["weight"], models))
    if len(found) == 1 and len(found[0].models) == 1:
        return found[0].models[0]
    return Blend(tuple(features), classes_of(found), tuple(found))
