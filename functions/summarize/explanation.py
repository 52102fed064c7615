"""What a model is and goes by, in the summary, so that whoever shows it needs no model."""

from shared.event_fields import Json
from shared.model.protocol import Model


def explanation(model: Model) -> Json:
    """description: what it is, in words that follow "It is"; measure: what matters by the model's own numbers."""
    return {"description": model.describe(), "measure": model.importance().to_json()}
