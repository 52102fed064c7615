"""Whether what a request asks of the decision between two classes fits the classes that the data has."""

from collections.abc import Collection

from shared.csv_file.cells import shown
from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.decision import HALF, rule_of

_NAMED = 5


def check_decision(request: Json, classes: Collection[str]) -> None:
    """Raises InvalidDatasetError for a positive class that there is not, and where there are not two classes."""
    positive, label = request["positive_class"], request["label_column"]
    asked = [name for name in ("positive_class", "threshold") if request[name] is not None]
    if rule_of(request["threshold"]) == HALF:
        asked.remove("threshold")
    if asked and len(classes) != 2:
        raise InvalidDatasetError(
            f"{' and '.join(asked)}: one of two classes is positive, and label column {label!r} has {len(classes)} "
            "classes; leave it out"
        )
    if positive is not None and positive not in classes:
        named = " and ".join(map(shown, sorted(classes)[:_NAMED]))
        raise InvalidDatasetError(
            f"positive_class is {shown(positive)}; the classes of label column {label!r} are {named}"
        )
