"""The quality gate: whether a model may be published, by its request and beside the current model."""

from shared.contracts import Gate
from shared.csv_file.cells import shown
from shared.event_fields import Json
from summarize.drift import missed as drift_missed

_GATED = ("accuracy", "f1")


def gate(
    request: Json,
    metrics: Json,
    current_metrics: Json,
    positive_class: str | None = None,
    drift: Json | None = None,
) -> Gate:
    """The verdict on metrics measured on the held-out rows.

    current_metrics: those of the model under the stable key, each on its own held-out rows; empty where there
    is none, and then nothing is compared. positive_class: of two classes the one that f1 is about. drift: the dataset
    beside that model's (summarize.drift).
    """
    named = {"f1": f"f1 of {shown(positive_class)}"} if positive_class is not None else {}
    missed = []
    for name in _GATED:
        least = request[f"min_{name}"]
        if least is not None and metrics[name] < least:
            missed.append(
                f"{named.get(name, name)} is {metrics[name]:.4f}; min_{name} asks for {least:g} or more"
            )
    for name in _GATED:
        allowed, current = request["max_regression"], current_metrics.get(name)
        if allowed is not None and current is not None and metrics[name] < current - allowed:
            missed.append(
                f"{named.get(name, name)} is {metrics[name]:.4f}, {current - metrics[name]:.4f} lower than the current "
                f"model's {current:.4f}; max_regression allows {allowed:g}"
            )
    missed += drift_missed(request["max_drift"], drift)
    return Gate(not missed, "; ".join(missed))
