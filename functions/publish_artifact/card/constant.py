"""What answers that are always the same would get on the test rows: what a metric has to be set beside."""

import math

from publish_artifact.artifact_types import Artifact

ALWAYS_MAJORITY, ALWAYS_POSITIVE, SHARES, CHANCE = "majority", "positive", "shares", "chance"


def constant_metrics(artifact: Artifact) -> dict[str, tuple[float, str]]:
    """Metric -> its value for a constant answer, and which: one of the names above.

    Accuracy: of the train rows' most frequent class. F1, precision, recall, average precision: of the positive class
    for every row, where there is one. Log loss and Brier score: of the train rows' class shares as probabilities.
    Balanced accuracy and ROC area: of any constant. Only what the test rows and this question define.
    """
    metrics, evaluation = artifact["metrics"], artifact["evaluation"]
    supports = {name: figures["support"] for name, figures in evaluation["per_class"].items()}
    rows, present = sum(supports.values()), [name for name, count in supports.items() if count]
    found: dict[str, tuple[float, str]] = {"accuracy": (metrics["baseline_accuracy"], ALWAYS_MAJORITY)}
    if not rows:
        return found
    if len(present) > 1:
        found |= {"balanced_accuracy": (1 / len(present), CHANCE), "roc_auc": (0.5, CHANCE)}
    positive = evaluation["positive_class"]
    if positive is not None and set(supports) <= {entry["name"] for entry in artifact["classes"]}:
        share = supports.get(positive, 0) / rows
        if share:
            found |= {
                "f1": (2 * share / (1 + share), ALWAYS_POSITIVE),
                "precision": (share, ALWAYS_POSITIVE),
                "recall": (1.0, ALWAYS_POSITIVE),
                "average_precision": (share, CHANCE),
            }
    return found | _of_shares(artifact, supports, rows)


def _of_shares(artifact: Artifact, supports: dict[str, int], rows: int) -> dict[str, tuple[float, str]]:
    """Log loss and Brier score of the class shares; nothing where a test row has a class of no train row."""
    trained = sum(entry["train_rows"] for entry in artifact["classes"])
    if not trained:
        return {}
    shares = {entry["name"]: entry["train_rows"] / trained for entry in artifact["classes"]}
    parts = [(count / rows, shares.get(name, 0.0)) for name, count in supports.items() if count]
    if any(not share for _, share in parts):
        return {}
    squares = math.fsum(share * share for share in shares.values())
    halved = 2 if artifact["evaluation"]["positive_class"] is not None else 1
    return {
        "log_loss": (-math.fsum(part * math.log(share) for part, share in parts), SHARES),
        "brier_score": (
            math.fsum(part * (squares - 2 * share + 1) for part, share in parts) / halved,
            SHARES,
        ),
    }
