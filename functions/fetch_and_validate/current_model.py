"""The model that the stable key holds when a run begins: what the run's own is compared with, and may replace."""

import hashlib
import json
import math

from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.run import CurrentModel

_METRICS = 40  # more than the pipeline has; a foreign document must not fill the steps' payloads


def current_model(store: ObjectStore, stable: S3Reference) -> CurrentModel | None:
    """None where nothing was published yet. Raises InvalidRequestError when the key may not be read."""
    found = store.find(stable)
    if found is None:
        return None
    return CurrentModel(
        found.etag, found.version_id, hashlib.sha256(found.content).hexdigest(), _metrics(found.content)
    )


def _metrics(content: bytes) -> Json:
    """The metrics of an artifact of this pipeline; of anything else none."""
    try:
        document = json.loads(content, parse_int=float)  # an integer may have thousands of digits
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        return {}
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, dict) or len(metrics) > _METRICS:
        return {}
    numbers = all(
        value is None or (isinstance(value, float) and math.isfinite(value)) for value in metrics.values()
    )
    return metrics if numbers and all(len(name) <= 40 for name in metrics) else {}
