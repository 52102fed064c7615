"""What a model is and goes by, in the summary, so that whoever shows it needs no model."""

from shared.event_fields import Json
from shared.model.encoding import POSITION, Encoding
from shared.model.protocol import Model
from shared.model.rows import Rows
from summarize.explaining.partial_dependence import LEADING, partial_dependence
from summarize.explaining.permutation import HeldOut, permutation_importance


def own_explanation(model: Model) -> Json:
    """description: what it is, in words that follow "It is"; measure: what matters by the model's own numbers."""
    return {"description": model.describe(), "measure": model.importance().to_json()}


def explanation(
    model: Model,
    encoding: Encoding,
    sample: Rows,
    classes: tuple[str, ...],
    positive_class: str | None,
    seed: int,
) -> Json:
    """What held-out rows say of what the model goes by: `permutation` and `partial_dependence` of the leading columns.

    sample: rows with labels that are indices into `classes`. A column that others carry has no partial dependence: to
    change it alone leaves the data.
    """
    places = {feature.name: j for j, feature in enumerate(model.features)}
    read = encoding.reading(model.left_out).inputs
    known = {name: k for k, name in enumerate(model.classes)}
    held_out = HeldOut(
        model,
        [list(column) for column in sample.columns],
        [known.get(classes[label], -1) for label in sample.labels],
        {
            given.name: [places[name] for name in given.feature_names if name not in model.left_out]
            for given in read
        },
    )
    found = permutation_importance(held_out, seed)
    alone = [entry["name"] for entry in found["columns"] if entry["group"] is None] if found else []
    exponents = {given.name: given.exponent for given in read}
    dates = [name for given in read for part, name in given.parts if part == POSITION]
    return {
        "permutation": found,
        "partial_dependence": partial_dependence(held_out, alone[:LEADING], positive_class, dates, exponents),
    }
